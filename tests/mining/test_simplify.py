"""Graphs reduced to their main paths stay connected."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.mining.dfg import Dfg, discover_dfg
from workbench.mining.simplify import simplify
from workbench.results import Basis

TRACES = {("H01", str(n)): "a b d" for n in range(8)} | {("H01", "x"): "a c d", ("H01", "y"): "a b b e d"}


@pytest.fixture(scope="module")
def graph(store_of):
    return discover_dfg(store_of(TRACES))


def paths(dfg):
    return set(zip(dfg.edges["source"], dfg.edges["target"], strict=True))


def test_everything_is_kept_at_one(graph):
    assert simplify(graph).edges.equals(graph.edges)
    assert simplify(graph).activities.equals(graph.activities)


def test_the_main_path_is_left(graph):
    found = simplify(graph, activities=0.8, paths=0.3)
    assert set(found.activities["activity"]) == {"a", "b", "d"}
    assert paths(found) == {("a", "b"), ("b", "d")}
    assert found.edges["count"].tolist() == [9, 8]


def test_a_rare_activity_brings_its_path(graph):
    found = simplify(graph, activities=1.0, paths=0.0)
    assert paths(found) == {("a", "b"), ("b", "d"), ("a", "c"), ("c", "d"), ("b", "e"), ("e", "d")}


def test_activities_passed_on_the_way_come_along(store_of):
    # b never starts or ends a dossier, and every way to it passes a step that is rarer
    store = store_of({("H01", "1"): "a b b b b b c"})
    found = simplify(discover_dfg(store), activities=0.1, paths=0.1)
    assert paths(found) >= {("a", "b"), ("b", "c")}
    assert set(found.activities["activity"]) == {"a", "b", "c"}


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_shares_outside_zero_to_one_are_refused(graph, share):
    with pytest.raises(ValueError, match="share"):
        simplify(graph, paths=share)


LOGS = st.lists(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=7), min_size=1, max_size=10)


def counted(traces) -> Dfg:
    """The graph of traces, counted without a store."""
    edges = Counter(pair for trace in traces for pair in pairwise(trace))
    steps = Counter(step for trace in traces for step in trace)
    starts, ends = Counter(trace[0] for trace in traces), Counter(trace[-1] for trace in traces)
    return Dfg(
        edges=pd.DataFrame([(*pair, n) for pair, n in edges.items()], columns=["source", "target", "count"]),
        activities=pd.DataFrame(
            [(step, n, starts[step], ends[step]) for step, n in steps.items()],
            columns=["activity", "count", "start_count", "end_count"],
        ),
        basis=Basis(n_dossiers=len(traces)),
    )


@settings(max_examples=150, deadline=None)
@given(traces=LOGS, activities=st.floats(0, 1), kept_paths=st.floats(0, 1))
def test_always_connected(traces, activities, kept_paths):
    found = simplify(counted(traces), activities=activities, paths=kept_paths)
    names, edges = set(found.activities["activity"]), paths(found)
    assert names
    assert names == reached({trace[0] for trace in traces} & names, edges)
    assert names == reached({trace[-1] for trace in traces} & names, {(b, a) for a, b in edges})


def reached(seeds, edges):
    seen, todo = set(seeds), list(seeds)
    while todo:
        here = todo.pop()
        for source, target in edges:
            if source == here and target not in seen:
                seen.add(target)
                todo.append(target)
    return seen
