"""Repeated steps, loops and supplements, counted by hand."""

from __future__ import annotations

import pandas as pd

from tests.conftest import trace_events
from workbench.mining.rework import loops, repeated_steps, rework

TRACES = {("H01", "1"): "a b c b d", ("H01", "2"): "a b d", ("H02", "3"): "a a b b b d"}
COUNTS = ((tuple("abcbd"), 2), (tuple("abd"), 3), (tuple("aabbbd"), 1))


def test_steps_done_again():
    rows = repeated_steps(COUNTS).set_index("step")
    assert rows.loc["b", ["dossiers", "repeated", "repeats"]].tolist() == [6, 3, 2 + 2]
    assert rows.loc["b", "share"] == 0.5
    assert rows.loc["a", ["repeated", "repeats"]].tolist() == [1, 1]
    assert rows.loc["d", "repeats"] == 0
    assert rows.index[0] == "b"


def test_ways_back():
    found = {(r.source, r.target): (r.count, r.dossiers) for r in loops(COUNTS).itertuples(index=False)}
    assert found == {("c", "b"): (2, 2), ("b", "b"): (2, 1), ("a", "a"): (1, 1)}


def test_rework_of_a_store(store_of):
    found = rework(store_of(TRACES))
    assert found.dossiers_with_rework == 2
    assert found.steps.set_index("step").loc["b", "repeats"] == 3
    assert found.supplements[["supplements", "dossiers", "share"]].to_numpy().tolist() == [[0, 3, 1.0]]
    assert found.reasons.empty


def test_supplements_and_reasons(store_from):
    pauses = pd.DataFrame(
        {
            "province_code": "H01",
            "dossier_code": ["1", "1", "2"],
            "paused_from": pd.to_datetime(["2024-01-02 09:00", "2024-01-02 11:00", "2024-01-02 09:00"]),
            "paused_to": pd.to_datetime(["2024-01-02 10:00", "2024-01-02 14:00", None]),
            "reason": ["supplement", "supplement", "financial_duty"],
        }
    )
    for name in ("paused_from", "paused_to"):
        pauses[name] = pauses[name].astype("datetime64[us]")
    found = rework(store_from(events=trace_events(TRACES), pauses=pauses))
    reasons = found.reasons.set_index("reason")
    assert reasons.loc["supplement", ["count", "dossiers", "open"]].tolist() == [2, 1, 0]
    assert reasons.loc["supplement", "median_seconds"] == 2 * 3600
    assert reasons.loc["financial_duty", "open"] == 1
    times = found.supplements.set_index("supplements")["dossiers"].to_dict()
    assert times == {0: 2, 2: 1}


def test_no_variant_no_rows():
    assert repeated_steps(()).empty
    assert loops(()).empty
    assert loops(((("a",), 3),)).empty
