"""Discovery from variants with counts: by hand, deterministic, and equal to pm4py on whole logs."""

from __future__ import annotations

import pm4py
import pytest

from tests.mining.logs import events_of, xes_frame
from workbench.errors import ModelError, SettingError
from workbench.mining.discovery import ALGORITHMS, discover, discover_model
from workbench.mining.variants import variant_counts

COUNTS = ((("a", "b", "c", "e"), 50), (("a", "c", "b", "e"), 45), (("a", "d", "e"), 30))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_algorithm_finds_all_steps(algorithm):
    found = discover(COUNTS, algorithm=algorithm)
    assert set(found.model.steps) == set("abcde")
    assert found.basis.n_dossiers == 125
    assert found.basis.n_events == 470
    assert found.algorithm == algorithm


def test_parallel_steps_and_a_choice_are_seen():
    model = discover_model(COUNTS)
    kinds = [node.kind for node in model.nodes]
    assert kinds.count("and") == 2
    assert kinds.count("xor") == 2
    assert discover(COUNTS).soundness.sound is True


def test_counts_matter():
    rare = ((("a", "b", "c"), 100), (("a", "c"), 1))
    assert (
        discover_model(rare, algorithm="inductive", noise=0.2).size
        < discover_model(rare, algorithm="inductive", noise=0.0).size
    )


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_order_of_variants_does_not_matter(algorithm):
    assert discover_model(COUNTS, algorithm=algorithm) == discover_model(COUNTS[::-1], algorithm=algorithm)


def test_an_unsound_model_is_said_to_be_unsound():
    rows = ("a b c d", 10), ("a c b d", 9), ("a b d", 8), ("b a c c d", 7), ("c d a b", 6), ("d a c b", 5)
    found = [discover(tuple((tuple(v.split()), n) for v, n in rows[:k]), algorithm="heuristics") for k in (3, 4, 5, 6)]
    assert any(one.soundness.sound is False for one in found)
    assert all(one.soundness.reason != "sound" for one in found if one.soundness.sound is False)


@pytest.mark.parametrize(
    ("options", "message"),
    [({"algorithm": "alpha"}, "alpha"), ({"noise": 0.2}, "noise"), ({"eta": 1.5}, "1.5"), ({"eta": -0.1}, "-0.1")],
)
def test_bad_options_are_refused(options, message):
    with pytest.raises(SettingError, match=message):
        discover_model(COUNTS, **options)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_nothing_to_discover_from(algorithm):
    with pytest.raises(ModelError, match="no event"):
        discover_model((), algorithm=algorithm)


@pytest.fixture(scope="module")
def receipt(store_of):
    return variant_counts(store_of(events=events_of(xes_frame("receipt_WABO_CoSeLoG.xes.gz"))))


def test_an_unsound_split_model_gives_way_to_a_sequential_one(receipt):
    raw = discover(receipt, sound=False)
    assert raw.soundness.reason == "unbounded"
    assert raw.model.size == 85
    kept = discover(receipt)
    assert kept.soundness.sound is True
    assert kept.sequential
    assert kept.options == {"epsilon": 0.0, "eta": 0.4}
    assert not {"and", "or"} & {node.kind for node in kept.model.nodes}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "size"), [("BPIC15_1f", 111), ("BPIC15_2f", 129), ("BPIC15_3f", 96)])
def test_split_miner_equals_pm4py_on_the_whole_log(store_of, name, size):
    frame = xes_frame(f"{name}.xes.gz")
    counts = variant_counts(store_of(events=events_of(frame)))
    theirs = pm4py.discover_bpmn_split_miner(frame)
    ours = discover_model(counts)
    assert ours.size == len(theirs.get_nodes()) == size
    assert len(ours.flows) == len(theirs.get_flows())
    kinds = sorted(type(node).__name__ for node in theirs.get_nodes() if "Gateway" in type(node).__name__)
    names = {"xor": "ExclusiveGateway", "and": "ParallelGateway", "or": "InclusiveGateway"}
    assert sorted(names[node.kind] for node in ours.nodes if node.kind in names) == kinds
