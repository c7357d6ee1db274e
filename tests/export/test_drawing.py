"""Finished drawings with lanes, deadlines, messages and texts have no fault, whatever the model."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from tests.conftest import shared_log
from tests.export.checker import check_drawing
from tests.export.demo import LANES, NAME, facts, procedure
from tests.export.nets import Runner, from_pm4py
from tests.export.trees import random_tree, to_bpmn
from workbench.export.bpmn import write_bpmn
from workbench.export.bpmn_drawing import draw_bpmn
from workbench.export.facts import ProcedureFacts, StepFacts
from workbench.mining.model import Bpmn, Flow, Node
from workbench.mining.pm4py_door import pm4py, to_petri

KINDS = {
    "StartEvent": "start",
    "EndEvent": "end",
    "ExclusiveGateway": "xor",
    "ParallelGateway": "and",
    "InclusiveGateway": "or",
}


def random_facts(bpmn: Bpmn, rng: random.Random) -> ProcedureFacts:
    messages = ("", "", "send", "receive")
    steps = {s: StepFacts(limit_hours=rng.choice((None, 2, 8, 40)), message=rng.choice(messages)) for s in bpmn.steps}
    return ProcedureFacts(steps=steps)


def test_the_demo_has_no_fault():
    assert check_drawing(draw_bpmn(procedure(), lanes=LANES, name=NAME, facts=facts())) == []
    assert check_drawing(draw_bpmn(procedure(), language="en")) == []


def test_the_checker_sees_faults():
    drawing = draw_bpmn(procedure(), lanes=LANES, facts=facts())
    one, two = drawing.shapes[1], drawing.shapes[2]
    moved = replace(drawing, shapes=(drawing.shapes[0], replace(one, box=two.box, text=None), *drawing.shapes[2:]))
    assert any("overlaps" in fault for fault in check_drawing(moved))


def faults_of_trees(seeds: range) -> list[str]:
    out = []
    for seed in seeds:
        rng = random.Random(seed)
        bpmn = to_bpmn(random_tree(seed, rng.randint(1, 80)), shares=True)
        units = [f"Đơn vị số {k} " * rng.randint(1, 4) for k in range(rng.randint(1, 7))]
        lanes = {step: rng.choice(units) for step in bpmn.steps} if seed % 4 else {}
        drawing = draw_bpmn(bpmn, lanes=lanes, facts=random_facts(bpmn, rng) if seed % 3 else None)
        out += [f"tree {seed}: {fault}" for fault in check_drawing(drawing)]
    return out


def test_random_trees_have_no_fault():
    assert faults_of_trees(range(12)) == []


@pytest.mark.slow
def test_five_hundred_random_trees_have_no_fault():
    assert faults_of_trees(range(500)) == []


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::UserWarning:pm4py")
@pytest.mark.parametrize(
    "name", ["BPIC15_1f.xes.gz", "BPIC15_2f.xes.gz", "BPIC15_3f.xes.gz", "receipt_WABO_CoSeLoG.xes.gz"]
)
def test_models_mined_from_real_logs_have_no_fault(name, tmp_path):
    found = pm4py.discover_bpmn_split_miner(pm4py.read_xes(str(shared_log(name))))
    ids = {node: f"n{k}" for k, node in enumerate(sorted(found.get_nodes(), key=lambda n: str(n.get_id())))}
    kinds = {n: next((k for c, k in KINDS.items() if c in {x.__name__ for x in type(n).__mro__}), "task") for n in ids}
    nodes = tuple(Node(i, kinds[n], n.get_name() if kinds[n] == "task" else "") for n, i in ids.items())
    flows = sorted((ids[f.source], ids[f.target]) for f in found.get_flows())
    bpmn = Bpmn(nodes, tuple(Flow(a, b) for a, b in flows))
    lanes = {step: step[:2] for step in bpmn.steps}
    for given in ({}, lanes):
        assert check_drawing(draw_bpmn(bpmn, lanes=given)) == []
    path = write_bpmn(bpmn, tmp_path / "mined.bpmn", lanes=lanes)
    ours = Runner(to_petri(bpmn))
    theirs = Runner(from_pm4py(*pm4py.convert_to_petri_net(pm4py.read_bpmn(str(path)))))
    rng = random.Random(1)
    for one, other in ((ours, theirs), (theirs, ours)):
        traces = [trace for _ in range(8) if (trace := one.sample(rng))]
        assert traces and all(other.accepts(trace) for trace in traces)
