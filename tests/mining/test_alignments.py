from __future__ import annotations

import pytest

from tests.mining.logs import xes_frame
from tests.mining.models import bpmn, random_bpmn, random_variants
from workbench.errors import Cancelled, ModelError
from workbench.mining import alignments as room
from workbench.mining.alignments import align, f_score, precision
from workbench.mining.model import VariantCounts
from workbench.mining.pm4py_door import discover_inductive, discover_split, petri_to_pm4py, to_petri
from workbench.progress import Cancellable, silent


def counts_of(name: str) -> VariantCounts:
    traces = xes_frame(name).groupby("case:concept:name", sort=False)["concept:name"].agg(tuple)
    return tuple((variant, int(n)) for variant, n in traces.value_counts().items())


def test_moves_of_a_skipped_and_an_extra_step():
    found = align(to_petri(bpmn("s>a a>b b>c c>e")), ((("a", "c", "x"), 2), (("a", "b", "c"), 1)))
    assert found.costs == (2, 0)
    assert [(m.kind, m.step) for m in found.moves[0]] == [("sync", "a"), ("model", "b"), ("sync", "c"), ("log", "x")]
    assert found.shortest == 3
    # cost 2 x 2 of worst 3 x (3 + 3)
    assert found.fitness == pytest.approx(1 - 4 / 18)
    assert found.average_fitness == pytest.approx((2 * (1 - 2 / 6) + 1) / 3)
    assert found.perfect_share == pytest.approx(1 / 3)
    assert (found.n_dossiers, found.n_limited) == (3, 0)


def test_every_event_counts_even_when_the_model_does_not_know_its_step():
    found = align(to_petri(bpmn("s>a a>e")), ((("x", "y", "z"), 1),))
    assert found.costs == (4,)
    assert found.fitness == 0


def test_precision_counts_what_the_model_allows_and_the_log_never_does():
    # After a the model allows b, c and d; the log shows b only. Prefixes: () allows a; (a) allows b, c, d.
    net = to_petri(bpmn("s>a a>x1 x1>b x1>c x1>d b>x2 c>x2 d>x2 x2>e"))
    assert precision(align(net, ((("a", "b"), 5),))) == pytest.approx(1 - 5 * 2 / (5 * 1 + 5 * 3))
    assert precision(align(net, ((("a", "b"), 5), (("a", "c"), 1), (("a", "d"), 1)))) == 1.0


def test_an_empty_log_has_no_figures():
    found = align(to_petri(bpmn("s>a a>e")), ())
    assert (found.fitness, found.average_fitness, precision(found), found.perfect_share) == (None, None, None, None)
    assert f_score(None, 0.5) is None
    assert f_score(0.5, 1.0) == pytest.approx(2 / 3)


def test_a_model_without_steps_leaves_every_event_out():
    found = align(to_petri(bpmn("s>e")), ((("a", "b"), 2), ((), 1)))
    assert found.costs == (2, 0)
    assert (found.shortest, found.fitness, precision(found)) == (0, 0.0, 1.0)


def test_a_model_that_cannot_end_is_refused():
    net = to_petri(bpmn("s>x1 x1>a x1>b a>p1 b>p1 p1>e"))
    with pytest.raises(ModelError, match="no run"):
        align(net, ((("a",), 1),))
    with pytest.raises(ModelError, match="no run"):
        room._align_by_r4pm(net, ((("a",), 1),), 1.0, silent)


def test_a_variant_that_reaches_the_limit_is_said_and_bounded():
    branches = " ".join(f"p1>t{i} t{i}>p2" for i in range(14))
    net = to_petri(bpmn(f"s>p1 {branches} p2>e"))
    easy = tuple(f"t{i}" for i in range(14))
    hard = tuple(f"t{i * 5 % 14}" for i in range(30))
    found = align(net, ((easy, 3), (hard, 1)), seconds=0.02)
    assert found.engine == "r4pm"
    assert found.costs == (0, None)
    assert found.moves[1] is None
    assert found.n_limited == 1
    assert found.fitness == 1.0
    low, high = found.fitness_bounds
    assert (low, high) == (pytest.approx(1 - 44 / (3 * 28 + 44)), 1.0)
    assert precision(found) is not None


def test_cancelling_stops_and_leaves_nothing_behind():
    watch = Cancellable()
    watch.cancel()
    with pytest.raises(Cancelled):
        align(to_petri(bpmn("s>a a>q q>e")), ((("a",), 1),), progress=watch)


@pytest.mark.parametrize("seed", range(40))
def test_both_engines_give_the_same_costs(seed: int):
    net = to_petri(random_bpmn(seed, steps=6))
    counts = random_variants(seed, steps=6)
    graph = align(net, counts)
    assert graph.engine == "state_graph"
    asked = room._align_by_r4pm(net, counts, 10.0, silent)
    assert graph.costs == asked.costs
    assert graph.shortest == asked.shortest
    for (variant, _), moves, cost in zip(counts, graph.moves, graph.costs, strict=True):
        assert [m.step for m in moves if m.kind != "model"] == list(variant)
        assert sum(m.kind != "sync" for m in moves) == cost


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
@pytest.mark.parametrize("seed", range(6))
def test_costs_equal_pm4pys(seed: int):
    import pm4py
    from pm4py.algo.conformance.alignments.petri_net import algorithm

    net = to_petri(random_bpmn(seed))
    counts = tuple(pair for pair in random_variants(seed) if pair[0])
    given = petri_to_pm4py(net)
    for (variant, _), cost in zip(counts, align(net, counts).costs, strict=True):
        trace = pm4py.objects.log.obj.Trace([{"concept:name": step} for step in variant])
        found = algorithm.apply_trace(trace, *given)
        assert found["cost"] // 10_000 == cost


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
@pytest.mark.parametrize("seed", range(8))
def test_precision_equals_pm4pys_when_every_variant_fits(seed: int):
    import pandas as pd
    from pm4py.algo.evaluation.precision.variants import automaton_after_align

    from workbench.mining.states import state_graph

    # Models without parallel or silent choices, so that there is one cheapest alignment each.
    net = to_petri(bpmn("s>a a>x1 x1>b x1>c x1>d b>x2 c>x2 d>x2 x2>f f>x3 x3>a2 x3>g a2>x4 g>x4 x4>h h>e"))
    import random

    rng, graph, runs = random.Random(seed), state_graph(net), []
    for _ in range(6):
        state, word = 0, []
        while choices := [(n, t) for s, n, t in graph.arcs if s == state]:
            number, state = rng.choice(choices)
            word.append(graph.labels[number])
        runs.append(tuple(word))
    counts = tuple((run, runs.count(run)) for run in sorted(set(runs)))
    rows = [(f"{i}", step) for i, run in enumerate(runs) for step in run]
    frame = pd.DataFrame(rows, columns=["case:concept:name", "concept:name"])
    frame["time:timestamp"] = pd.date_range("2024-01-01", periods=len(frame), freq="h", tz="UTC")
    expected = automaton_after_align.apply(frame, *petri_to_pm4py(net), parameters={"show_progress_bar": False})
    assert precision(align(net, counts)) == pytest.approx(expected)


def test_the_receipt_log_and_the_inductive_model_give_the_known_fitness():
    counts = counts_of("receipt_WABO_CoSeLoG.xes.gz")
    found = align(to_petri(discover_inductive(counts, noise=0.2)), counts)
    assert 0.8277 <= found.fitness <= 0.8278
    assert found.average_fitness == pytest.approx(0.8155, abs=5e-5)


@pytest.mark.slow
def test_the_benchmark_figures_of_the_three_permit_logs_are_reproduced():
    logs = [counts_of(f"BPIC15_{i}f.xes.gz") for i in (1, 2, 3)]
    models = [discover_split(log) for log in logs]
    assert [model.size for model in models] == [111, 129, 96]

    def scores(model, log):
        found = align(to_petri(model), log)
        return found.fitness, f_score(found.fitness, precision(found))

    own = [scores(model, log) for model, log in zip(models, logs, strict=True)]
    assert [f for f, _ in own] == pytest.approx([0.897, 0.783, 0.800], abs=6e-4)
    # Cheapest alignments are not unique, so precision may differ by a few thousandths between engines.
    assert sum(f for _, f in own) / 3 == pytest.approx(0.852, abs=3e-3)
    third = [scores(models[2], log) for log in logs]
    assert [f for f, _ in third] == pytest.approx([0.711, 0.662, 0.800], abs=6e-4)
    assert sum(f for _, f in third) / 3 == pytest.approx(0.801, abs=3e-3)
