"""The table of received and handled dossiers, by hand, and its identities."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

import pytest

from tests.clock.conftest import build
from workbench.errors import SelectionError
from workbench.indicators import check_identities, report_table
from workbench.selection import Selection

MARCH = Selection(start=date(2024, 3, 1), end=date(2024, 3, 31))
BASE = {
    "procedure_code": "p1",
    "status": 4,
    "accepted_at": "4/3 8:00",
    "due_at": "7/3 8:00",
    "agency_code": "H01.1",
    "channel": None,
}
DOSSIERS = [
    {"closed_at": "6/3 8:00", "channel": "online"},  # early
    {"closed_at": "7/3 16:00", "channel": "post"},  # on its day
    {"closed_at": "8/3 8:00"},  # late, at the desk
    {"closed_at": None, "due_at": "29/3 8:00", "channel": "online", "agency_code": "H01.2"},
    {"closed_at": None, "agency_code": "H01.2"},  # overdue
    {"closed_at": "5/3 8:00", "accepted_at": "26/2 8:00", "channel": "online"},  # carried over, early
    {"closed_at": "28/2 8:00", "accepted_at": "26/2 8:00"},  # not of this period
    {"closed_at": "5/4 8:00", "accepted_at": "28/3 8:00", "due_at": "3/4 8:00", "agency_code": None},  # still open in March
    {"closed_at": "4/3 9:00", "status": 3},  # refused at the desk
    {"closed_at": "8/3 8:00", "status": 7},  # withdrawn: on time for the local clock
    {"closed_at": "8/3 8:00", "due_at": None},
]  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    rows = [{**BASE, "dossier_code": f"a{n}", **given} for n, given in enumerate(DOSSIERS)]
    tick = [{"dossier_code": "a7", "label": "x", "completed_at": "5/4 8:00", "status": 9}]
    with build(tmp_path_factory.mktemp("report") / "s.duckdb", rows, events=tick) as made:
        yield made


def test_by_hand(store):
    report = report_table(store, MARCH)
    one = report.table.set_index("group").to_dict("index")
    assert one["H01.1"] == {
        "total": 6, "carried_over": 1, "received_desk_post": 4, "received_online": 1,
        "done": 6, "done_early": 2, "done_on_time": 3, "done_late": 1, "done_unknown": 0,
        "pending": 0, "pending_on_time": 0, "pending_late": 0, "pending_unknown": 0,
    }  # fmt: skip
    assert (one["H01.2"]["pending_on_time"], one["H01.2"]["pending_late"]) == (0, 2)
    assert one[""]["pending_on_time"] == 1
    assert one["total"]["total"] == 9
    assert report.not_accepted == 1
    assert report.checks.holds.all() and len(report.checks) == 4 * 4 + 13
    assert (report.clock, report.period) == ("local", ("2024-03-01", "2024-03-31"))


def test_other_clock_says_what_it_does_not_know(store):
    report = report_table(store, MARCH, clock="portal", by="province_code")
    row = report.table.set_index("group").loc["H01"]
    assert row[["done_unknown", "done_late", "done_early", "done_on_time"]].tolist() == [1, 3, 2, 0]
    assert report.checks.holds.all()


def test_a_broken_sum_is_seen(store):
    table = report_table(store, MARCH).table.copy()
    table.loc[0, "done_late"] += 1
    broken = check_identities(table)
    assert set(broken[~broken.holds].identity) == {"done_parts", "sum_of_done_late"}


def test_empty_period_and_wrong_names(store):
    nothing = report_table(store, Selection(start=date(2023, 1, 1), end=date(2023, 1, 31)))
    assert nothing.table[["group", "total"]].to_numpy().tolist() == [["total", 0]]
    with pytest.raises(SelectionError, match="'sun'"):
        report_table(store, MARCH, clock="sun")
    with pytest.raises(SelectionError, match="'office'"):
        report_table(store, MARCH, by="office")


def test_identities_hold_on_random_dossiers(build_store):
    rng = random.Random(3)
    rows = []
    for n in range(300):
        received = datetime(2024, 2, 20, 7) + timedelta(minutes=rng.randint(0, 60 * 24 * 50))
        closed = received + timedelta(hours=rng.randint(1, 500)) if rng.random() < 0.7 else None
        due = received + timedelta(hours=rng.randint(1, 400)) if rng.random() < 0.9 else None
        rows.append({"dossier_code": f"{n}", "procedure_code": "p", "accepted_at": received, "due_at": due, "closed_at": closed,
                     "status": rng.choice([3, 4, 5, 7, 8, 9]), "agency_code": rng.choice(["a", "b", None]),
                     "channel": rng.choice(["online", "desk", "post", None])})  # fmt: skip
    report = report_table(build_store(rows), MARCH, clock="portal")
    assert report.table["total"].iloc[-1] > 100
    assert report.checks.holds.all()
    open_in_march = [
        r for r in rows
        if r["accepted_at"] < datetime(2024, 4, 1) and (r["closed_at"] is None or r["closed_at"] >= datetime(2024, 3, 1))
    ]  # fmt: skip
    assert report.table["total"].iloc[-1] + report.not_accepted == len(open_in_march)
