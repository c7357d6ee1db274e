"""Loads: counted, repeatable, taken back, and the same whatever the order and the cut of the rows."""

from __future__ import annotations

import contextlib
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.store import worlds
from tests.store.worlds import START, content, cut, dossier, event, joined, ledger, load, new_store
from workbench.errors import Cancelled, StoreError
from workbench.progress import Cancellable
from workbench.store import expressions, open_store, settle
from workbench.store.gather import names
from workbench.store.loading import already_loaded, load_staged, rebuild, retract
from workbench.store.schema import EVENT_GIVEN

QUICK = settings(
    deadline=None,
    max_examples=2,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # an example takes a second: shrinking would take minutes
)
THOROUGH = settings(QUICK, max_examples=20)


@pytest.fixture
def empty(tmp_path):
    with new_store(tmp_path / "s.duckdb") as store:
        yield store


def numbers(report):
    return (report.rows_in, report.rows_loaded, report.rows_quarantined, report.rows_duplicate)


def labels(store, code="1"):
    rows = store.con.execute(
        "select a.label from event join dossier using (dossier_key) join activity a using (activity_id) "
        "where dossier_code = ? and position is not null order by position", [code]
    ).fetchall()  # fmt: skip
    return " ".join(row[0] for row in rows)


# counts -------------------------------------------------------------------------------------------------------
def test_every_row_is_counted_once(empty):
    rows = {
        "dossier": [dossier("1", procedure_code="p"), dossier("1", procedure_code="p")],  # the same row twice
        "event": [
            event("1", "a", 0),
            event("1", "a", 0),  # repeats
            event("1", "b", 0),
            event("9", "a", 0),  # no dossier
            event("9", "a", 0),  # no dossier and repeats
            {"province_code": "H01", "dossier_code": "1", "label": None},  # no label
        ],
        "pause": [{"province_code": "H01", "dossier_code": "9", "paused_from": START}],  # no dossier
    }
    report = load(empty, rows, sha="one")
    assert numbers(report) == (9, 3, 3, 3)
    assert (report.dossiers, report.events) == (1, 2)
    reasons = empty.con.execute("select reason, count(*) from quarantine group by 1 order by 1").fetchall()
    assert reasons == [("event_without_dossier", 1), ("missing_value", 1), ("pause_without_dossier", 1)]
    assert empty.scalar("select source from quarantine where reason = 'event_without_dossier'") == "one.csv"


def test_an_event_table_alone_makes_its_dossiers(empty):
    report = load(empty, {"event": [event("1", "a", 0), event("2", "a", 0)]}, sha="one")
    assert numbers(report) == (2, 2, 0, 0)
    assert report.dossiers == 2


def test_derived_dossiers_are_not_rows_of_the_source(empty):
    rows = {"dossier": [dossier("1", procedure_code="p")], "event": [event("1", "a", 0), event("2", "a", 0)]}
    report = load(empty, rows, sha="one", derived=("dossier",))
    assert numbers(report) == (2, 2, 0, 0)
    assert report.dossiers == 2


def test_meant_repetitions_are_kept(empty):
    staged = worlds.stage(empty, {"event": [event("1", "a", 0), event("1", "a", 0)]}, sha="one")
    empty.con.execute("create or replace temp table again as select *, rowid as occurrence from staged_event")
    report = load_staged(empty, worlds.stage(empty, {}, sha="x"), now=worlds.NOW)  # an empty load is a load
    assert report.status == "loaded"
    report = load_staged(empty, type(staged)(staged.files, "test", event="again"), now=worlds.NOW)
    assert numbers(report) == (2, 2, 0, 0)
    assert labels(empty) == "a a"


def test_ties_keep_the_order_of_the_source(empty):
    load(empty, {"event": [event("1", label, 0, source_order=n) for n, label in enumerate("dacb")]}, sha="one")
    assert labels(empty) == "d a c b"


# the same again -----------------------------------------------------------------------------------------------
def test_the_same_file_twice_changes_nothing(empty):
    rows = {"dossier": [dossier("1")], "event": [event("1", "a", 0)]}
    first = load(empty, rows, sha="one")
    before, version = content(empty), empty.version()
    again = load(empty, rows, sha="one")
    assert (again.load_id, again.status, again.already) == (None, "already", (first.load_id,))
    assert content(empty) == before
    assert empty.version() == version
    assert already_loaded(empty, ["one", "two"]) == {"one": 1}


def test_a_retracted_file_can_be_loaded_again(empty):
    rows = {"dossier": [dossier("1")], "event": [event("1", "a", 0)]}
    load(empty, rows, sha="one")
    before, version = content(empty), empty.version()
    assert retract(empty, 1).status == "retracted"
    assert empty.version() != version
    assert empty.scalar("select count(*) from event") == 0
    report = load(empty, rows, sha="one")
    assert (report.load_id, report.status) == (2, "loaded")
    assert content(empty) == before


def test_what_cannot_be_retracted_is_said(empty):
    with pytest.raises(StoreError, match="There is no load 7"):
        retract(empty, 7)
    load(empty, {"event": [event("1", "a", 0)]}, sha="one")
    retract(empty, 1)
    with pytest.raises(StoreError, match="retracted already"):
        retract(empty, 1)


# one dossier in several loads ---------------------------------------------------------------------------------
def test_a_dossier_comes_again_with_more(empty):
    due, later = START + timedelta(days=5), START + timedelta(days=9)
    load(empty, {"dossier": [dossier("1", procedure_code="p", due_at=due, status=4)],
                 "event": [event("1", "a", 0), event("1", "c", 9)]}, sha="one")  # fmt: skip
    report = load(empty, {"dossier": [dossier("1", due_at=later, status=10)],
                          "event": [event("1", "c", 9), event("1", "b", 1)]}, sha="two")  # fmt: skip
    assert numbers(report) == (3, 2, 0, 1)
    assert labels(empty) == "a b c"
    row = empty.sql("select * from dossier").iloc[0]
    assert (row.procedure_code, row.due_at, row.outcome, row.version_count) == ("p", later, "done", 2)
    retract(empty, 2)
    row = empty.sql("select * from dossier").iloc[0]
    assert (row.due_at, row.outcome, row.version_count) == (due, "open", 1)
    assert labels(empty) == "a c"


def test_a_duplicate_takes_over_when_the_first_is_retracted(empty):
    load(empty, {"event": [event("1", "a", 0)]}, sha="one")
    second = load(empty, {"event": [event("1", "a", 0), event("1", "b", 1)]}, sha="two")
    assert numbers(second) == (2, 1, 0, 1)
    retract(empty, 1)
    assert ledger(empty).iloc[1].tolist() == [2, "loaded", 2, 2, 0, 0, 2]
    assert labels(empty) == "a b"


def test_events_wait_for_their_dossier(empty):
    first = load(empty, {"dossier": [dossier("2")], "event": [event("1", "a", 0), event("2", "a", 0)]}, sha="one")
    assert numbers(first) == (3, 2, 1, 0)
    load(empty, {"dossier": [dossier("1")]}, sha="two")
    assert labels(empty) == "a"
    assert ledger(empty).iloc[0].tolist() == [1, "loaded", 3, 3, 0, 0, 2]
    retract(empty, 2)
    assert ledger(empty).iloc[0].tolist() == [1, "loaded", 3, 2, 1, 0, 1]
    assert empty.scalar("select count(*) from dossier") == 1


def test_an_open_pause_is_closed_later(empty):
    pause = {
        "province_code": "H01",
        "dossier_code": "1",
        "paused_from": START + timedelta(hours=1),
        "reason": "supplement",
    }
    rows = {"dossier": [dossier("1", accepted_at=START, closed_at=START + timedelta(hours=9))]}
    load(empty, {**rows, "pause": [pause]}, sha="one")
    assert empty.sql("select paused_seconds, paused_working_seconds, supplement_count from dossier").iloc[0].tolist() == [
        8 * 3600, 7 * 3600, 1  # until the end; the lunch hour is no working time
    ]  # fmt: skip
    load(empty, {"pause": [{**pause, "paused_to": START + timedelta(hours=2)}]}, sha="two")
    assert empty.scalar("select count(*) from pause") == 1
    assert empty.scalar("select paused_seconds from dossier") == 3600
    retract(empty, 2)
    assert empty.scalar("select paused_seconds from dossier") == 8 * 3600


# order and cut ------------------------------------------------------------------------------------------------
@contextlib.contextmanager
def two_stores():
    with (
        tempfile.TemporaryDirectory() as folder,
        new_store(Path(folder) / "a") as one,
        new_store(Path(folder) / "b") as two,
    ):
        yield one, two


def compare_with_all_at_once(parts, *, derived=()):
    """Load the parts one by one, and all at once; take each back again."""
    number = 0
    for part in parts:
        for row in part["event"]:
            row["source_order"] = number = number + 1
    with two_stores() as (one, many):
        load(one, joined(parts), sha="all", derived=derived)
        for place, part in enumerate(parts):
            report = load(many, part, sha=f"part{place}", derived=derived)
            assert report.rows_in == report.rows_loaded + report.rows_quarantined + report.rows_duplicate
        assert_same(without_lines(content(many)), without_lines(content(one)))
        lines = ledger(many)
        assert (lines.rows_in == lines.rows_loaded + lines.rows_quarantined + lines.rows_duplicate).all()
        assert lines.events.sum() == many.scalar("select count(*) from event")


def assert_same(found, expected):
    for table, rows in expected.items():
        extra = [row for row in found[table] if row not in rows], [row for row in rows if row not in found[table]]
        assert found[table] == rows, (table, extra)


def without_lines(found):
    return {**found, "quarantine": sorted(row[2:] for row in found["quarantine"])}


RANDOMS = st.randoms(use_true_random=False)


@QUICK
@given(random=RANDOMS)
def test_any_cut_equals_all_at_once(random):
    compare_with_all_at_once(cut(random, worlds.world(random), 3))


@pytest.mark.slow
@THOROUGH
@given(random=RANDOMS, parts=st.integers(2, 5))
def test_any_cut_equals_all_at_once_thoroughly(random, parts):
    compare_with_all_at_once(cut(random, worlds.world(random), parts))


@QUICK
@given(random=RANDOMS)
def test_any_cut_of_an_event_table_equals_all_at_once(random):
    compare_with_all_at_once(cut(random, {"event": worlds.events(random)}, 3))


@QUICK
@given(random=RANDOMS)
def test_any_order_of_loads_gives_the_same(random):
    rows, same = worlds.events(random), {}
    for row in rows:  # what is the same event has the same attributes
        key = tuple(row[name] for name in ("province_code", "dossier_code", "label", "completed_at", "unit"))
        row.update(same.setdefault(key, {name: row[name] for name in ("status", "artefact", "source_order")}))
    parts, order = cut(random, {"event": rows}, 3), random.sample(range(3), 3)
    with two_stores() as (one, other):
        for place in range(3):
            load(one, parts[place], sha=str(place))
        for place in order:
            load(other, parts[place], sha=str(place))
        assert_same(content(one), content(other))


@QUICK
@given(random=RANDOMS, strict=st.booleans())
def test_a_retracted_load_leaves_no_trace(random, strict):
    retract_one(random, strict=strict)


@pytest.mark.slow
@THOROUGH
@given(random=RANDOMS, strict=st.booleans())
def test_a_retracted_load_leaves_no_trace_thoroughly(random, strict):
    retract_one(random, strict=strict)


def retract_one(random, *, strict):
    parts, gone = cut(random, worlds.world(random), 3), random.randrange(3)
    derived = () if strict else ("dossier",)
    with two_stores() as (one, other):
        for place, part in enumerate(parts):
            load(one, part, sha=str(place), derived=derived)
            if place != gone:
                load(other, part, sha=str(place), derived=derived)
        retract(one, gone + 1)
        # The line of a row that goes back to quarantine is no longer known.
        assert_same(without_lines(content(one)), without_lines(content(other)))
        kept = ledger(one)
        assert kept[kept.status == "loaded"].iloc[:, 2:].values.tolist() == ledger(other).iloc[:, 2:].values.tolist()


@QUICK
@given(random=RANDOMS)
def test_rebuilding_changes_nothing(random):
    with two_stores() as (store, _):
        load(store, worlds.world(random), sha="one")
        before = content(store)
        rebuild(store)
        assert_same(content(store), before)


def one_range_of_two_sorts(store):
    """Instead of `streamed_chain_sql` the expressions that also run on Spark."""

    def text(present, load_id, ranges):
        store.con.execute(
            "create or replace temp view chain_in as select k.dossier_key, k.dossier_key as sort_rank, k.procedure_code, "
            f"k.province_code, k.calendar_id, a.activity_id, {names(EVENT_GIVEN, 'i.')}, i.load_id "
            "from in_event i join fresh k using (province_code, dossier_code) join activity a on a.label = i.label"
        )
        return expressions.chain_sql()

    return text


@QUICK
@given(random=RANDOMS, fewest=st.sampled_from([0, settle.EVENTS_A_RANGE]))
def test_both_forms_of_the_chain_are_equal(random, fewest):
    """New dossiers are written with one sort, in one range or several; the expressions of Spark give the same."""
    rows = worlds.world(random)
    rows["dossier"] = list({(row["province_code"], row["dossier_code"]): row for row in rows["dossier"]}.values())
    with two_stores() as (one, other), pytest.MonkeyPatch.context() as patch:
        one.con.execute("set threads = 3")
        patch.setattr(settle, "EVENTS_A_RANGE", fewest)
        load(one, rows, sha="one")
        patch.setattr(expressions, "streamed_chain_sql", one_range_of_two_sorts(other))
        load(other, rows, sha="one")
        assert_same(content(one), content(other))


def test_large_changes_rewrite_the_table_in_order(empty, monkeypatch):
    monkeypatch.setattr("workbench.store.loading.TAIL_MINIMUM", 0)
    load(
        empty,
        {"dossier": [dossier("2", procedure_code="q")], "event": [event("2", "a", 0), event("2", "b", 1)]},
        sha="one",
    )
    load(
        empty,
        {"dossier": [dossier("1", procedure_code="p")], "event": [event("1", "a", 0), event("1", "b", 1)]},
        sha="two",
    )
    rows = empty.con.execute("select procedure_code, position from event order by rowid").fetchall()
    assert rows == [("p", 0), ("p", 1), ("q", 0), ("q", 1)]
    assert empty.scalar("select value from meta where key = 'tail_events'") == "0"


# nothing by half ----------------------------------------------------------------------------------------------
def test_a_bad_staged_value_leaves_the_store_as_it_was(empty):
    load(empty, {"event": [event("1", "a", 0)]}, sha="one")
    before, version = content(empty), empty.version()
    empty.con.execute("create or replace temp table bad as select 'H01' as province_code, '2' as dossier_code, "
                      "'a' as label, 'soon' as completed_at")  # fmt: skip
    with pytest.raises(StoreError, match="staged column"):
        load_staged(empty, type(worlds.stage(empty, {}, sha="x"))((), "test", event="bad"), now=worlds.NOW)
    with pytest.raises(StoreError, match="no column 'label'"):
        empty.con.execute("create or replace temp table bad as select 'H01' as province_code, '2' as dossier_code")
        load_staged(empty, type(worlds.stage(empty, {}, sha="x"))((), "test", event="bad"), now=worlds.NOW)
    assert content(empty) == before
    assert empty.version() == version


def test_a_cancelled_load_leaves_the_store_as_it_was(empty):
    load(empty, {"event": [event("1", "a", 0)]}, sha="one")
    before = content(empty)
    stages = []

    def inner(stage, done, total):
        stages.append(stage)
        if stage == "summary":
            progress.cancel()

    progress = Cancellable(inner)
    staged = worlds.stage(empty, {"event": [event("2", "b", 0)]}, sha="two")
    with pytest.raises(Cancelled):
        load_staged(empty, staged, now=worlds.NOW, progress=progress)
    assert stages[0] == "read"
    assert content(empty) == before
    assert load_staged(empty, staged, now=worlds.NOW).status == "loaded"


def test_a_long_statement_is_stopped(empty):
    from workbench.store.running import Runner

    progress = Cancellable()
    progress.cancel()
    run = Runner(empty.con, progress)
    started = datetime.now()
    with pytest.raises(Cancelled):
        run.run("select count(*) from range(1000000) a, range(1000000) b where a.range % 7 = b.range % 11")
    assert datetime.now() - started < timedelta(seconds=20)


def test_a_store_open_for_reading_is_not_written(tmp_path):
    new_store(tmp_path / "s").close()
    with open_store(tmp_path / "s", read_only=True) as store, pytest.raises(StoreError, match="reading only"):
        load_staged(store, worlds.stage(store, {}, sha="x"), now=worlds.NOW)
