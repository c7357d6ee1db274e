"""Spark answers as DuckDB does: on random logs, and on the receipt log."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.conftest import shared_log
from tests.store.spark_logs import LOCAL, NOW, OPTIONS, left_behind, needs_spark, same, same_tables, write_folder
from workbench.clock import clock_differences, evaluate_clocks, on_time_rates
from workbench.errors import Cancelled, MappingError, SettingError, StoreError
from workbench.export.rows import write_rows
from workbench.harmonise.comparison.compare import compare_organisations
from workbench.harmonise.vocabulary.canonical_steps import canonical_steps
from workbench.intake import load
from workbench.intake.cluster import open_cluster_log, prepare_cluster_log
from workbench.mining.conformance import check_conformance
from workbench.mining.dfg import discover_dfg
from workbench.mining.discovery import discover
from workbench.mining.performance import performance
from workbench.mining.variants import variants
from workbench.mining.waiting import waiting_causes
from workbench.selection import Selection
from workbench.store import LogStore, open_store
from workbench.store.spark.session import connect, parse_options
from workbench.store.spark.spark_store import SparkStore

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:.*pandas >= 3:FutureWarning")]
_numbers = itertools.count()


@pytest.fixture(scope="module", autouse=True)
def _spark() -> Iterator[None]:
    needs_spark()
    session = connect(LOCAL, OPTIONS)
    yield
    jvm = session.sparkContext._gateway.proc
    session.stop()
    _close(session.sparkContext)
    assert jvm.poll() is not None
    assert not left_behind()


def _close(context: Any) -> None:
    """End the virtual machine too, or it would run as long as the tests."""
    context._gateway.shutdown()
    context._gateway.proc.stdin.close()
    context._gateway.proc.wait(30)
    type(context)._gateway = type(context)._jvm = None


def on_spark(folder: Path) -> SparkStore:
    return open_cluster_log(folder, LOCAL, options=OPTIONS, now=NOW)


def in_file(folder: Path) -> LogStore:
    store = open_store(folder.parent / f"{folder.name}-{next(_numbers)}.duckdb")
    load(store, [folder], now=NOW)
    return store


# random logs ----------------------------------------------------------------------------------------------
START = datetime(2024, 1, 2, 7, 30)
moments = st.integers(0, 60 * 24 * 40).map(lambda minutes: START + timedelta(minutes=minutes, seconds=minutes % 61))
labels = st.sampled_from(["Tiếp nhận hồ sơ", "Thẩm định", "  Trình   duyệt ", "Trả kết quả", "Kết thúc xử lý hồ sơ"])
officers = st.sampled_from(["Cán bộ một cửa", "Chuyên viên", "Nguyễn Văn A", None])
event = st.tuples(
    moments,
    labels,
    officers,
    st.sampled_from([None, 2, 4, 5, 9, 12]),
    st.sampled_from([None, "P1", " Phòng \u00a0 số\t2\u3000"]),
)
dossier = st.tuples(
    st.sampled_from(["H01", "H29", "H55"]),
    st.sampled_from([None, "1.000001", "1.000002"]),
    st.none() | moments,
    st.none() | moments,
    st.none() | moments,
    st.lists(event, max_size=6),
    st.lists(
        st.tuples(moments, st.none() | st.integers(0, 9000), st.sampled_from([None, "financial_duty"])), max_size=2
    ),
)


def frames(world: list[tuple]) -> dict[str, pd.DataFrame]:
    """Frames of a random world; the last dossier comes twice, the second time with other dates."""
    dossiers, events, pauses = [], [], []
    for number, (province, procedure, accepted, due, closed, steps, stops) in enumerate(world):
        identity = {"province_code": province, "dossier_code": f"{province}.01-240101-{number:04d}"}
        dossiers.append({**identity, "procedure_code": procedure, "accepted_at": accepted, "due_at": due, "closed_at": closed,
                         "channel": ["desk", "online", None][number % 3], "status": [None, 9, 7][number % 3],
                         "applicant": f"Người {number % 2}"})  # fmt: skip
        for order, (at, label, officer, status, unit) in enumerate(steps):
            events.append({**identity, "label": label, "completed_at": at, "officer": officer, "status": status,
                           "unit": unit, "source_order": order})  # fmt: skip
        for at, minutes, reason in stops:
            until = None if minutes is None else at + timedelta(minutes=minutes)
            pauses.append({**identity, "paused_from": at, "paused_to": until, "reason": reason})
    if dossiers:
        dossiers.append({**dossiers[-1], "due_at": None, "accepted_at": START})
        events += [{**one, "source_order": one["source_order"] + 100} for one in events[-1:]]
        events.append({"province_code": "H01", "dossier_code": "nobody", "label": "x", "completed_at": START,
                       "officer": None, "status": 2, "unit": None, "source_order": 0})  # fmt: skip
    types = {"status": "Int32", "source_order": "Int64"}
    out = {}
    for name, rows in (("dossiers", dossiers), ("events", events), ("pauses", pauses)):
        frame = pd.DataFrame(rows)
        times = [column for column in frame if column.endswith(("_at", "_from", "_to"))]
        texts = {column: "str" for column in frame if column not in (*times, *types)}
        whole = {column: kind for column, kind in types.items() if column in frame}
        out[name] = frame.astype({**dict.fromkeys(times, "datetime64[us]"), **texts, **whole}) if rows else None
    return out


@settings(
    max_examples=2, deadline=None, phases=[Phase.generate], derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(world=st.lists(dossier, min_size=25, max_size=40))
def test_random_logs_give_the_tables_and_answers_of_duckdb(
    tmp_path_factory: pytest.TempPathFactory, world: list[tuple]
):
    folder = write_folder(tmp_path_factory.mktemp("log") / "rows", **frames(world))
    file, spark = in_file(folder), on_spark(folder)  # in this order: what is prepared lies in the folder
    same_tables(spark, file)
    ours, theirs = discover_dfg(spark), discover_dfg(file)
    same(ours.edges, theirs.edges)
    same(ours.activities, theirs.activities)
    assert variants(spark).counts == variants(file).counts
    same(on_time_rates(spark, by="province_code").table, on_time_rates(file, by="province_code").table)
    known = file.sql("select rows_quarantined, rows_duplicate, events from load").iloc[0].tolist()
    assert spark.sql("select rows_quarantined, rows_duplicate, events from load").iloc[0, [0, 2]].tolist() == [
        known[0],
        known[2],
    ]
    file.close()


# the receipt log ------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def receipt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SparkStore, LogStore]]:
    folder = tmp_path_factory.mktemp("receipt")
    with open_store(folder / "s.duckdb") as file:
        load(
            file,
            [shared_log("receipt_WABO_CoSeLoG.xes.gz")],
            constants={"province": "WABO", "procedure": "receipt"},
            now=NOW,
        )
        write_rows(file, folder / "rows")
        yield on_spark(folder / "rows"), file


def test_receipt_tables(receipt: tuple[SparkStore, LogStore]):
    same_tables(*receipt)


def test_receipt_map_variants_and_durations(receipt: tuple[SparkStore, LogStore]):
    spark, file = receipt
    for selection in (Selection(), Selection(start=datetime(2011, 1, 1).date(), closed=False)):
        ours, theirs = discover_dfg(spark, selection), discover_dfg(file, selection)
        same(ours.edges, theirs.edges)
        same(ours.activities, theirs.activities)
        assert ours.basis.n_events == theirs.basis.n_events
    ours, theirs = variants(spark), variants(file)
    same(ours.table, theirs.table)
    assert (ours.counts, ours.n_variants) == (theirs.counts, theirs.n_variants)
    ours, theirs = performance(spark), performance(file)
    for name in ("throughput", "steps", "handovers"):
        same(getattr(ours, name), getattr(theirs, name))
    assert ours.handover_share == pytest.approx(theirs.handover_share)


def test_receipt_conformance(receipt: tuple[SparkStore, LogStore]):
    spark, file = receipt
    model = discover(variants(spark).counts).model
    assert model == discover(variants(file).counts).model
    ours, theirs = check_conformance(spark, Selection(), model), check_conformance(file, Selection(), model)
    assert (ours.fitness, ours.precision) == (theirs.fitness, theirs.precision)
    same(ours.steps, theirs.steps)


def test_receipt_clocks_and_waiting(receipt: tuple[SparkStore, LogStore]):
    spark, file = receipt
    same(on_time_rates(spark).table, on_time_rates(file).table)
    same(evaluate_clocks(spark).table, evaluate_clocks(file).table, ["dossier_code"])
    same(clock_differences(spark).pairs, clock_differences(file).pairs)
    ours, theirs = waiting_causes(spark), waiting_causes(file)
    same(ours.overall, theirs.overall)
    same(ours.transitions, theirs.transitions)


# a synthetic country --------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SparkStore, LogStore]]:
    from workbench.simulate import load_scenario, synthesise

    folder = tmp_path_factory.mktemp("country") / "rows"
    synthesise(load_scenario(), dossiers=200, seed=3, out=folder)
    file = in_file(folder)
    yield on_spark(folder), file
    file.close()


def test_artefacts_pauses_and_calendars_of_a_synthetic_country(country: tuple[SparkStore, LogStore]):
    same_tables(*country)
    spark, file = country
    assert spark.synthetic()
    assert file.scalar("select count(*) from event where position is null") > 0
    same(on_time_rates(spark, by="province_code").table, on_time_rates(file, by="province_code").table)


def test_names_of_people_do_not_reach_the_prepared_files(country: tuple[SparkStore, LogStore]):
    spark, _ = country
    keys = spark.fetch(spark.table("event").select("officer_key").distinct())["officer_key"].dropna()
    assert len(keys) > 10
    assert keys.str.fullmatch("[0-9a-f]{24}").all()


def test_organisations_are_compared_in_proposed_steps(country: tuple[SparkStore, LogStore]):
    spark, file = country
    code = str(file.scalar("select procedure_code from dossier group by 1 order by count(*) desc, 1 limit 1"))
    found = []
    for store in (spark, file):
        with canonical_steps(store, Selection(procedure=code)) as state:
            result = compare_organisations(store, Selection(procedure=code), by="province_2025")
        found.append((state, result))
    assert found[0][0] == found[1][0] == "proposed"
    same(found[0][1].organisations, found[1][1].organisations)
    assert spark.trial is None


# what is kept, what is refused ----------------------------------------------------------------------------
def tiny(folder: Path, **columns: object) -> Path:
    events = pd.DataFrame(
        {"province_code": ["H01"] * 2, "dossier_code": ["d1"] * 2, "label": ["a", "b"],
         "completed_at": pd.to_datetime(["2024-01-02 08:00", "2024-01-02 09:00"]).astype("datetime64[us]")}
    )  # fmt: skip
    return write_folder(folder, events=events.assign(**columns))


def test_a_prepared_log_is_found_again_until_its_files_change(tmp_path: Path):
    folder = tiny(tmp_path / "rows")
    first = prepare_cluster_log(folder, LOCAL, options=OPTIONS, now=NOW)
    again = prepare_cluster_log(folder, LOCAL, options=OPTIONS, now=NOW)
    assert (first[1].fresh, again[1].fresh) == (True, False)
    assert first[0].version() == again[0].version()
    assert discover_dfg(again[0]).edges["count"].tolist() == [1]
    tiny(folder, label=["a", None])
    changed = prepare_cluster_log(folder, LOCAL, options=OPTIONS, now=NOW)
    assert changed[1].fresh
    assert changed[1].refused == {"events.missing_label": 1}
    assert discover_dfg(changed[0]).edges.empty


def test_a_question_is_stopped_by_its_progress(country: tuple[SparkStore, LogStore]):
    store = country[0]

    def stop(stage: str, done: float, total: float) -> None:
        raise Cancelled("Stopped.")

    numbers = store.engine.session.range(0, 10**11, 1, 2).selectExpr("sum(hash(id))")
    with pytest.raises(Cancelled):
        store.engine.watched(numbers.collect, stop)
    assert store.scalar("select exists (select 1 from dossier)") is True


def test_errors_say_what_is_wrong(tmp_path: Path, country: tuple[SparkStore, LogStore]):
    (tmp_path / "empty").mkdir()
    with pytest.raises(StoreError, match=r"holds no events\.parquet"):
        on_spark(tmp_path / "empty")
    without = write_folder(tmp_path / "without", events=pd.DataFrame({"dossier_code": ["a"], "label": ["b"]}))
    with pytest.raises(MappingError, match="no column 'completed_at'"):
        on_spark(without)
    with pytest.raises(SettingError, match=r"on local\[2\] already"):
        open_cluster_log(tmp_path, "local[1]", now=NOW)
    store = country[0]
    with pytest.raises(StoreError, match="answered by a store file only"):
        store.sql("select * from dossier where dossier_key = ?", [1])
    assert store.scalar("select exists (select 1 from dossier)") is True
    with pytest.raises(SettingError, match="no option of Spark"):
        parse_options(["executor.memory=1g"])
