"""Calendars in the store."""

from __future__ import annotations

import pytest

from workbench.clock import (
    CalendarError,
    CalendarRule,
    ensure_calendars,
    evaluate_clocks,
    install_calendars,
    installed_calendars,
    parse_calendars,
)
from workbench.errors import StoreError
from workbench.store import open_store

WARD = {
    "calendars": {"ward": {"weekdays": ["7:30-11:30", "13:00-17:00"], "saturday": ["7:30-11:30"]}},
    "rules": [{"province": "H29", "agency": "H29.1", "calendar": "ward"}],
}


def test_default_for_everybody(store):
    assert ensure_calendars(store)
    assert not ensure_calendars(store)
    assert store.sql("select * from calendar_rule").to_numpy().tolist() == [["*", None, "vn-default"]]
    assert installed_calendars(store)[["calendar_id", "rules", "dossiers"]].to_numpy().tolist() == [
        ["vn-default", 1, 0]
    ]
    assert store.scalar("select count(*) from calendar_day") == 14976


def test_rules_reach_the_dossiers(build_store):
    one = {"procedure_code": "1.000001", "accepted_at": "4/3 8:00", "due_at": "9/3 10:00"}
    store = build_store(
        [
            {"dossier_code": "a", "province_code": "H29", "agency_code": "H29.1", **one},
            {"dossier_code": "b", "province_code": "H29", "agency_code": "H29.2", **one},
        ],
        events=[
            {"dossier_code": code, "province_code": "H29", "label": "x", "completed_at": when}
            for code in "ab"
            for when in ("4/3 7:15", "9/3 9:00")
        ],
    )
    before = store.version()
    install_calendars(store, parse_calendars(WARD))
    used = store.sql("select dossier_code, calendar_id from dossier order by 1").to_numpy().tolist()
    assert used == [["a", "ward"], ["b", "vn-default"]]
    gaps = store.sql(
        "select gap_working_seconds from event join dossier using (dossier_key) where position = 0 order by dossier_code"
    )
    assert gaps.gap_working_seconds.tolist() == [(5 * 8 + 1.5) * 3600, (5 * 8 - 0.25) * 3600]
    assert store.version() != before
    assert evaluate_clocks(store).basis.calendar == "vn-default, ward"


def test_nothing_changes_when_refused(store, tmp_path):
    ensure_calendars(store)
    sets = parse_calendars(WARD)
    with pytest.raises(CalendarError, match="'elsewhere'"):
        install_calendars(store, sets.calendars, [CalendarRule("elsewhere")])
    with pytest.raises(CalendarError, match="other dossiers"):
        install_calendars(store, sets.calendars, [CalendarRule("ward", "H29")])
    with pytest.raises(CalendarError, match="Two calendars"):
        install_calendars(store, [sets.calendars[0]] * 2, [])
    assert installed_calendars(store).calendar_id.tolist() == ["vn-default"]
    store.close()
    with open_store(store.path, read_only=True) as closed, pytest.raises(StoreError, match="reading only"):
        install_calendars(closed)


def test_one_calendar_needs_no_rule(store):
    ward = parse_calendars(WARD).calendars[1]
    assert install_calendars(store, [ward]).rules == (CalendarRule("ward"),)
