"""The directly-follows graph, counted by hand, against pm4py on random logs and on the receipt log."""

from __future__ import annotations

import json
from datetime import date

import pandas as pd
import pm4py
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.mining.logs import as_pm4py, events_of, xes_frame
from workbench.errors import SelectionError
from workbench.mining.dfg import ACTIVITY_COLUMNS, EDGE_COLUMNS, Dfg, discover_dfg
from workbench.selection import Selection
from workbench.store import summary
from workbench.store.trial import trying
from workbench.store.vocabulary import Judgement

TRACES = {("H01", "1"): "a b b c", ("H01", "2"): "a c", ("H02", "3"): "b c"}
LOGS = st.lists(st.lists(st.sampled_from("abcd"), min_size=1, max_size=7), min_size=1, max_size=8)


def edge_counts(dfg: Dfg) -> dict[tuple[str, str], int]:
    return {(row.source, row.target): row.count for row in dfg.edges.itertuples(index=False)}


def activity_values(dfg: Dfg, column: str) -> dict[str, int]:
    return {a: n for a, n in zip(dfg.activities["activity"], dfg.activities[column], strict=True) if n}


def test_edges_are_counted_by_hand(store_of):
    dfg = discover_dfg(store_of(TRACES))
    assert edge_counts(dfg) == {("b", "c"): 2, ("a", "b"): 1, ("a", "c"): 1, ("b", "b"): 1}
    assert list(dfg.edges["source"]) == ["b", "a", "a", "b"]  # most frequent first, then labels
    assert set(dfg.edges["median_seconds"]) == {3600}
    assert tuple(dfg.edges.columns) == EDGE_COLUMNS
    assert dfg.basis.n_dossiers == 3
    assert dfg.basis.n_events == 8


def test_activities_know_starts_ends_and_dossiers(store_of):
    dfg = discover_dfg(store_of(TRACES))
    assert activity_values(dfg, "count") == {"a": 2, "b": 3, "c": 3}
    assert activity_values(dfg, "dossiers") == {"a": 2, "b": 2, "c": 3}
    assert activity_values(dfg, "start_count") == {"a": 2, "b": 1}
    assert activity_values(dfg, "end_count") == {"c": 3}
    assert tuple(dfg.activities.columns) == ACTIVITY_COLUMNS
    waits = dfg.activities.set_index("activity")["median_wait_seconds"]
    assert pd.isna(waits["a"])
    assert waits["c"] == 3600


def test_a_selection_narrows_the_graph(store_of):
    dfg = discover_dfg(store_of(TRACES), Selection(provinces=("H02",)))
    assert edge_counts(dfg) == {("b", "c"): 1}
    assert dfg.to_dict()["selection"] == {"provinces": ["H02"]}


@pytest.mark.parametrize("chosen", [Selection(), Selection(procedure="1.000001"), Selection(provinces=("H01",))])
def test_summaries_and_events_give_the_same_graph(store_of, monkeypatch, chosen):
    store = store_of(TRACES, office=True)
    quick = discover_dfg(store, chosen)
    monkeypatch.setattr(summary, "edges", lambda *_: None)
    monkeypatch.setattr(summary, "steps", lambda *_: None)
    slow = discover_dfg(store, chosen)
    pd.testing.assert_frame_equal(quick.edges, slow.edges)
    pd.testing.assert_frame_equal(quick.activities, slow.activities)


def test_the_json_form_has_no_nan(store_of):
    facts = discover_dfg(store_of(TRACES)).to_dict()
    assert set(facts) == {"edges", "activities", "selection", "basis"}
    assert {"source", "target", "count", "median_seconds"} <= set(facts["edges"][0])
    json.dumps(facts, allow_nan=False)


def test_an_empty_selection_gives_an_empty_graph(store_of):
    dfg = discover_dfg(store_of(TRACES), Selection(channels=("post",)))
    assert dfg.edges.empty
    assert dfg.activities.empty
    assert tuple(dfg.edges.columns) == EDGE_COLUMNS
    assert dfg.basis.n_dossiers == 0


def test_an_unknown_organisation_is_said(store_of):
    with pytest.raises(SelectionError, match="H99"):
        discover_dfg(store_of(TRACES), Selection(provinces=("H99",)))


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(logs=st.lists(LOGS, min_size=3, max_size=4))
def test_equal_to_pm4py_on_random_logs(store_from, logs):
    """Each random log is one organisation of the store."""
    frames = [as_pm4py(traces) for traces in logs]
    store = store_from(events=pd.concat([events_of(frame, f"O{n}") for n, frame in enumerate(frames)]))
    for n, frame in enumerate(frames):
        ours = discover_dfg(store, Selection(provinces=(f"O{n}",)))
        edges, starts, ends = pm4py.discover_dfg(frame)
        assert edge_counts(ours) == edges
        assert activity_values(ours, "start_count") == starts
        assert activity_values(ours, "end_count") == ends


def assert_durations_equal(ours: Dfg, frame: pd.DataFrame) -> None:
    theirs = pm4py.discover_performance_dfg(frame)[0]
    for row in ours.edges.itertuples(index=False):
        pair = theirs[row.source, row.target]
        assert row.mean_seconds == pytest.approx(pair["mean"], rel=1e-9, abs=1e-6)
        assert row.median_seconds == pytest.approx(pair["median"], rel=1e-9, abs=1e-6)


def test_receipt_log_equals_pm4py(store_of):
    frame = xes_frame("receipt_WABO_CoSeLoG.xes.gz")
    ours = discover_dfg(store_of(events=events_of(frame)))
    edges, starts, ends = pm4py.discover_dfg(frame)
    assert ours.basis.n_dossiers == 1434
    assert ours.basis.n_events == 8577
    assert edge_counts(ours) == edges
    assert activity_values(ours, "start_count") == starts
    assert activity_values(ours, "end_count") == ends
    assert_durations_equal(ours, frame)


def test_durations_of_a_large_log_come_from_every_kth_dossier(store_of):
    traces = {("H01", f"{k:03d}"): "a b c" for k in range(100)}
    store = store_of(traces)
    whole, some = (
        discover_dfg(store, Selection(start=date(2000, 1, 1))),
        discover_dfg(store, Selection(start=date(2000, 1, 1)), sample=100),
    )
    # 300 events, at most 100 of them: every third dossier
    keys = store.sql("select count(*) filter (dossier_key % 3 = 0) as n from dossier")["n"].iloc[0]
    assert (whole.sampled, some.sampled) == (None, int(keys))
    counts = ["source", "target", "count", "dossiers"]
    pd.testing.assert_frame_equal(whole.edges[counts], some.edges[counts])
    assert set(some.edges["median_seconds"]) == {3600}
    assert discover_dfg(store, Selection(start=date(2000, 1, 1)), sample=300).sampled is None


def test_a_rare_path_without_a_sampled_dossier_has_no_duration(store_of):
    traces = {("H01", f"{k:03d}"): "a b" for k in range(60)} | {("H01", "rare"): "a z"}
    some = discover_dfg(store_of(traces), Selection(start=date(2000, 1, 1)), sample=2).edges.set_index("target")
    assert some.loc["z", "count"] == 1
    assert some.loc["b", "count"] == 60


@given(LOGS)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_counting_variants_equals_counting_events_under_a_vocabulary(store_of, traces):
    store = store_of({(f"H0{k % 2 + 1}", str(k)): " ".join(trace) for k, trace in enumerate(traces)})
    rows = [Judgement("H01", "a", "step a"), Judgement("H02", "b", "step a"), Judgement("H01", "c", "b")]
    with trying(store, rows):
        found = discover_dfg(store, Selection(start=date(2000, 1, 1)))
        events, labels = store.fetch(store.events(Selection())), store.labels()
    pairs = events.dropna(subset=["next_step_id"])
    named = pairs.assign(a=pairs["step_id"].map(labels), b=pairs["next_step_id"].map(labels)).groupby(["a", "b"])
    assert edge_counts(found) == named.size().to_dict()
    dossiers = {(row.source, row.target): row.dossiers for row in found.edges.itertuples(index=False)}
    assert dossiers == named["dossier_key"].nunique().to_dict()
    steps = events["step_id"].map(labels)
    assert activity_values(found, "count") == steps.value_counts().to_dict()
    assert activity_values(found, "start_count") == steps[events["position"] == 0].value_counts().to_dict()
    assert activity_values(found, "end_count") == steps[events["next_step_id"].isna()].value_counts().to_dict()
