"""Variants and their counts, by hand, under a vocabulary, and on the receipt log."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pm4py
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import trace_events
from tests.mining.logs import as_pm4py, events_of, xes_frame
from workbench.mining.variants import variant_counts, variant_counts_by, variants
from workbench.selection import Selection

TRACES = {("H01", "1"): "a b", ("H01", "2"): "a b", ("H02", "3"): "b a", ("H02", "4"): "a b", ("H02", "5"): "A b"}
LOGS = st.lists(st.lists(st.sampled_from("abcd"), min_size=1, max_size=7), min_size=1, max_size=8)


def put_vocabulary(store, province: str, label: str, step: str) -> None:
    ids = {name: key for key, name in store.labels().items()}
    store.con.execute("insert into step_map values (?, ?, ?)", [province, ids[label], ids[step]])


def test_counts_and_shares(store_of):
    found = variants(store_of(TRACES))
    assert found.counts == ((("a", "b"), 3), (("A", "b"), 1), (("b", "a"), 1))
    assert found.table["variant"].tolist() == [["a", "b"], ["A", "b"], ["b", "a"]]
    assert found.table["share"].tolist() == [0.6, 0.2, 0.2]
    assert found.table["cumulative_share"].round(9).tolist() == [0.6, 0.8, 1.0]
    assert found.table["organisations"].tolist() == [2, 1, 1]
    assert found.table["median_seconds"].tolist() == [3600, 3600, 3600]
    assert found.n_variants == 3


def test_the_limit_bounds_the_table_only(store_of):
    found = variants(store_of(TRACES), limit=1)
    assert len(found.table) == 1
    assert found.n_variants == 3
    assert sum(n for _, n in found.counts) == 5


def test_a_vocabulary_merges_variants(store_from):
    store = store_from(TRACES)
    put_vocabulary(store, "H02", "A", "a")
    found = variants(store)
    assert found.counts == ((("a", "b"), 4), (("b", "a"), 1))
    assert found.table["organisations"].tolist() == [2, 1]


def test_a_vocabulary_holds_only_in_its_organisation(store_from):
    store = store_from(TRACES)
    put_vocabulary(store, "H01", "A", "a")
    assert len(variants(store).counts) == 3


def test_counts_per_organisation(store_of):
    store = store_of(TRACES)
    by = variant_counts_by(store)
    assert by == {"H01": ((("a", "b"), 2),), "H02": ((("A", "b"), 1), (("a", "b"), 1), (("b", "a"), 1))}
    for organisation, counts in by.items():
        assert variant_counts(store, Selection(provinces=(organisation,))) == counts


def test_dossiers_without_events_are_counted_apart(store_of):
    dossiers = pd.DataFrame({"province_code": ["H01", "H01"], "dossier_code": ["1", "2"], "procedure_code": ["p", "p"]})
    store = store_of(events=trace_events({("H01", "1"): "a b"}), dossiers=dossiers)
    found = variants(store)
    assert found.without_events == 1
    assert found.counts == ((("a", "b"), 1),)


def test_an_empty_selection_has_no_variant(store_of):
    found = variants(store_of(TRACES), Selection(end=date(1990, 1, 1)))
    assert found.counts == ()
    assert found.table.empty
    assert variant_counts_by(store_of(TRACES), Selection(end=date(1990, 1, 1))) == {}


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(logs=st.lists(LOGS, min_size=3, max_size=4))
def test_equal_to_pm4py_on_random_logs(store_from, logs):
    """Each random log is one organisation of the store."""
    frames = [as_pm4py(traces) for traces in logs]
    ours = variant_counts_by(
        store_from(events=pd.concat([events_of(frame, f"O{n}") for n, frame in enumerate(frames)]))
    )
    assert [dict(ours[f"O{n}"]) for n in range(len(frames))] == [dict(pm4py.get_variants(f)) for f in frames]


def test_receipt_log_has_116_variants(store_of):
    frame = xes_frame("receipt_WABO_CoSeLoG.xes.gz")
    counts = variant_counts(store_of(events=events_of(frame)))
    assert len(counts) == 116
    assert dict(counts) == dict(pm4py.get_variants(frame))
