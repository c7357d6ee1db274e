"""Verdicts brought up to date after loads equal those of all dossiers judged at once."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.store import worlds
from tests.store.worlds import START, cut, dossier, event, joined, load, new_store
from workbench.clock import compute_verdicts, install_calendars, keeping, prepare_clocks
from workbench.columns import CLOCKS
from workbench.store import LogStore
from workbench.store.loading import rebuild, retract

QUICK = settings(
    deadline=None, max_examples=1, suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)  # fmt: skip
THOROUGH = settings(QUICK, max_examples=2)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _any_share(monkeypatch):
    """In a small log a load changes most dossiers."""
    monkeypatch.setattr(keeping, "MOST_ANEW", 1e9)


@pytest.fixture
def all_anew(monkeypatch):
    """How often all dossiers were judged anew."""
    calls = []
    whole = keeping._keep_all
    monkeypatch.setattr(keeping, "_keep_all", lambda run, body: (calls.append(1), whole(run, body)))
    return calls


@pytest.fixture
def store(tmp_path):
    with new_store(tmp_path / "s.duckdb") as made:
        yield made


def kept(store: LogStore) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """What is kept of the verdicts, and their sums, without keys."""
    rows = store.con.execute(
        "select d.province_code, d.dossier_code, v.* exclude (dossier_key) from clock_verdict v "
        "join dossier d using (dossier_key) order by all"
    ).fetchall()
    assert len(rows) == store.scalar("select count(*) from clock_verdict")
    return rows, store.con.execute("select * from summary_clock order by all").fetchall()


def check(store: LogStore) -> None:
    """What is kept equals the verdicts of all dossiers computed now, and their sums."""
    found = store.sql("select * from clock_verdict order by dossier_key")
    expected = store.fetch(compute_verdicts(store)).sort_values("dossier_key", ignore_index=True)
    pd.testing.assert_frame_equal(found, expected[found.columns], check_dtype=False)
    sums = store.con.execute(
        "select procedure_code, province_code, province_2025, level, channel, date_trunc('month', received_at)::date, "
        f"{', '.join(CLOCKS)}, count(*) from clock_verdict join dossier using (dossier_key) group by all order by all"
    ).fetchall()
    assert kept(store)[1] == sums


# counted by hand ----------------------------------------------------------------------------------------------
def verdicts(store: LogStore, clock: str = "pause") -> dict[str, str]:
    return dict(
        store.con.execute(
            f"select dossier_code, {clock} from clock_verdict join dossier using (dossier_key)"
        ).fetchall()
    )


def first_load(store: LogStore) -> None:
    """Due at hour 6: 1 is done in time, 2 and 3 are open, 4 has no due date; the latest event is at hour 5."""
    due = {"accepted_at": START, "due_at": START + 6 * HOUR, "procedure_code": "p"}
    rows = [
        dossier("1", **due, closed_at=START + 3 * HOUR), dossier("2", **due), dossier("3", **due),
        dossier("4", accepted_at=START, procedure_code="q"),
    ]  # fmt: skip
    load(store, {"dossier": rows, "event": [event(code, "a", 5) for code in "23"]}, sha="one")
    prepare_clocks(store)


def test_a_later_event_makes_open_dossiers_late(store, all_anew):
    first_load(store)
    assert verdicts(store) == {"1": "on_time", "2": "pending_on_time", "3": "pending_on_time", "4": "unknown"}
    load(store, {"event": [event("2", "b", 30)]}, sha="two")
    assert prepare_clocks(store)
    assert verdicts(store) == {"1": "on_time", "2": "pending_late", "3": "pending_late", "4": "unknown"}
    assert not prepare_clocks(store)
    retract(store, 2)  # the latest event is at hour 5 again
    assert prepare_clocks(store)
    assert verdicts(store) == {"1": "on_time", "2": "pending_on_time", "3": "pending_on_time", "4": "unknown"}
    check(store)
    assert len(all_anew) == 1


def test_only_changed_dossiers_are_judged_while_the_latest_event_stays(store, all_anew):
    first_load(store)
    store.con.execute("update clock_verdict set law = 'mark'")
    load(store, {"dossier": [dossier("1", closed_at=START + 9 * HOUR), dossier("9", accepted_at=START)]}, sha="two")
    prepare_clocks(store)
    assert verdicts(store, "law") == {"1": "late", "2": "mark", "3": "mark", "4": "mark", "9": "unknown"}
    assert len(all_anew) == 1


def test_a_corrected_procedure_moves_the_dossier_in_the_sums(store):
    first_load(store)
    for number in range(2):  # two loads before verdicts are brought up to date
        load(store, {"dossier": [dossier("1", procedure_code=f"r{number}")]}, sha=f"r{number}")
    prepare_clocks(store)
    sums = "select procedure_code, sum(dossiers) from summary_clock group by 1 order by 1"
    assert store.con.execute(sums).fetchall() == [("p", 2), ("q", 1), ("r1", 1)]
    retract(store, 3)
    retract(store, 2)
    prepare_clocks(store)
    assert store.con.execute(sums).fetchall() == [("p", 3), ("q", 1)]


def test_the_key_of_a_dossier_that_is_gone_can_come_again(store, all_anew):
    first_load(store)
    load(store, {"dossier": [dossier("5", accepted_at=START, procedure_code="q")]}, sha="two")
    prepare_clocks(store)
    retract(store, 2)
    load(store, {"dossier": [dossier("6", accepted_at=START, procedure_code="p")]}, sha="three")
    assert store.scalar("select dossier_key from dossier where dossier_code = '6'") == 5
    prepare_clocks(store)
    check(store)
    assert len(all_anew) == 1


def test_another_longest_term_is_seen(store, all_anew):
    first_load(store)
    store.con.execute(
        "insert into internal_process (procedure_code, declared_days, version) values ('q', 0.625, '1'), ('p', 9, '1')"
    )
    assert prepare_clocks(store)
    assert verdicts(store, "portal")["4"] == "pending_on_time"  # five working hours, of which four have passed
    assert len(all_anew) == 1
    check(store)


@pytest.mark.parametrize("change", ["calendars", "rebuild", "unnoted", "many"])
def test_all_are_judged_anew_when_what_changed_is_not_known(store, all_anew, monkeypatch, change):
    first_load(store)
    if change == "calendars":
        install_calendars(store, prepare=False)
    elif change == "rebuild":
        rebuild(store)
    elif change == "many":
        monkeypatch.setattr(keeping, "MOST_ANEW", 0)
    load(store, {"event": [event("2", "b", 30)]}, sha="two")
    if change == "unnoted":
        store.con.execute("delete from clock_change")
    prepare_clocks(store)
    assert len(all_anew) == 2
    check(store)


# any cut ------------------------------------------------------------------------------------------------------
def compare_with_all_at_once(random, parts: int) -> None:
    """Load part by part, bringing verdicts up to date now and then, and all at once; take one back again."""
    rows = cut(random, worlds.world(random), parts)
    for number, row in enumerate(row for part in rows for row in part["event"]):
        row["source_order"] = number
    with tempfile.TemporaryDirectory() as folder:
        with new_store(Path(folder) / "a") as one, new_store(Path(folder) / "b") as many:
            load(one, joined(rows), sha="all")
            prepare_clocks(one)
            for place, part in enumerate(rows):
                load(many, part, sha=str(place))
                if not place or random.random() < 0.7:
                    prepare_clocks(many)
            prepare_clocks(many)
            assert kept(many) == kept(one)
        with new_store(Path(folder) / "c") as less, new_store(Path(folder) / "b2") as taken:
            gone = random.randrange(parts)
            for place, part in enumerate(rows):
                load(taken, part, sha=str(place))
                prepare_clocks(taken)
                if place != gone:
                    load(less, part, sha=str(place))
            retract(taken, gone + 1)
            prepare_clocks(taken)
            prepare_clocks(less)
            assert kept(taken) == kept(less)


@QUICK
@given(random=st.randoms(use_true_random=False))
def test_any_cut_gives_the_verdicts_of_all_at_once(random):
    compare_with_all_at_once(random, 2)


@pytest.mark.slow
@THOROUGH
@given(random=st.randoms(use_true_random=False), parts=st.integers(2, 3))
def test_any_cut_gives_the_verdicts_of_all_at_once_thoroughly(random, parts):
    compare_with_all_at_once(random, parts)
