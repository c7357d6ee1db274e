from __future__ import annotations

import subprocess
import sys

import pytest

from tests.mining.models import random_bpmn, random_variants
from tests.mining.test_nets import language
from workbench.errors import ModelError
from workbench.mining.canonical import canonical
from workbench.mining.pm4py_door import (
    bpmn_from_petri,
    bpmn_from_pm4py,
    bpmn_to_pm4py,
    discover_heuristics,
    discover_inductive,
    discover_split,
    is_sound,
    petri_from_pm4py,
    petri_to_pm4py,
    to_petri,
)


@pytest.mark.parametrize("seed", range(6))
def test_bpmn_and_nets_survive_the_way_to_pm4py_and_back(seed: int):
    model = canonical(random_bpmn(seed))
    assert bpmn_from_pm4py(bpmn_to_pm4py(model)) == model
    net = to_petri(model)
    back = petri_from_pm4py(*petri_to_pm4py(net))
    assert set(back.arcs) == set(net.arcs)
    assert (back.initial, back.final) == (net.initial, net.final)
    assert language(bpmn_from_petri(net), 5) == language(model, 5)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(12))
def test_soundness_agrees_with_woflan(seed: int):
    sound = random_bpmn(seed)
    from pm4py.algo.analysis.woflan import algorithm as woflan

    quiet = {"print_diagnostics": False, "return_asap_when_not_sound": True}
    # Turning one gateway into the other kind breaks most models; WOFLAN is the judge.
    from workbench.mining.model import Bpmn, Node

    swap = {"xor": "and", "and": "xor"}
    gates = [node.id for node in sound.nodes if node.kind in swap]
    if not gates:
        pytest.skip("a model without gateways")
    broken = Bpmn(
        tuple(Node(n.id, swap[n.kind], n.label) if n.id == gates[seed % len(gates)] else n for n in sound.nodes),
        sound.flows,
    )
    for model in (sound, broken):
        net = to_petri(model)
        assert is_sound(net) == woflan.apply(*petri_to_pm4py(net), parameters=quiet)


def test_split_miner_equals_pm4pys_own_call():
    import pandas as pd
    import pm4py

    counts = random_variants(3, n=15)
    counts = tuple(pair for pair in counts if pair[0])
    rows = [(f"{v}.{k}", step) for v, (variant, n) in enumerate(counts) for k in range(n) for step in variant]
    frame = pd.DataFrame(rows, columns=["case:concept:name", "concept:name"])
    frame["time:timestamp"] = pd.date_range("2024-01-01", periods=len(frame), freq="h", tz="UTC")
    assert discover_split(counts) == bpmn_from_pm4py(pm4py.discover_bpmn_split_miner(frame))


def test_miners_on_a_log_one_can_count():
    counts = ((("a", "b", "d"), 5), (("a", "c", "d"), 5))
    expected = {("a", "b", "d"), ("a", "c", "d")}
    for miner in (discover_split, discover_inductive, discover_heuristics):
        assert language(miner(counts)) == expected


def test_an_empty_log_is_refused_and_ties_only_is_not():
    for miner in (discover_split, discover_inductive, discover_heuristics):
        with pytest.raises(ModelError, match="no event"):
            miner((((), 3),))
    assert language(discover_split(((("a",), 4),))) == {("a",)}


def test_models_do_not_depend_on_the_order_of_hashes():
    program = (
        "from tests.mining.models import random_variants\n"
        "from workbench.mining.pm4py_door import *\n"
        "c = random_variants(5, n=30)\n"
        "print(repr((discover_split(c), discover_inductive(c), discover_heuristics(c))))"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", program],
            env={"PYTHONHASHSEED": str(seed), "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in (1, 2)
    }
    assert len(texts) == 1


def test_importing_the_door_writes_nothing():
    done = subprocess.run(
        [sys.executable, "-c", "import workbench.mining.pm4py_door"], capture_output=True, text=True, check=True
    )
    assert done.stdout == ""
