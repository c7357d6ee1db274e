"""An executable file run by SpiffWorkflow through every path."""

from __future__ import annotations

from itertools import product

import pytest

from tests.export.demo import LANES, procedure
from tests.export.nets import Runner
from workbench.export.bpmn import write_bpmn
from workbench.mining.model import Bpmn, Flow, Node
from workbench.mining.pm4py_door import to_petri

pytest.importorskip("SpiffWorkflow")

from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState


def run(path, choices: dict[str, list[str]]) -> tuple[str, ...]:
    """The steps the engine offers, one after the other; `choices` gives the flows a gateway takes in turn."""
    parser = BpmnParser()
    parser.add_bpmn_file(str(path))
    workflow = BpmnWorkflow(parser.get_spec("Process_1"))
    turns = {gateway: iter(flows) for gateway, flows in choices.items()}
    now = {gateway: next(turn) for gateway, turn in turns.items()}
    trace = []
    for _ in range(100):
        workflow.do_engine_steps()
        ready = workflow.get_tasks(state=TaskState.READY, manual=True)
        if workflow.is_completed() or not ready:
            break
        task = min(ready, key=lambda t: t.task_spec.bpmn_name)
        trace.append(task.task_spec.bpmn_name)
        task.data.update(now)
        task.run()
        if task.task_spec.bpmn_name.startswith("Yêu cầu"):
            now = {g: next(turns[g], now[g]) for g in now}
    assert workflow.is_completed()
    return tuple(trace)


def small() -> Bpmn:
    """a, then b or c or nothing, then d beside e."""
    nodes = [Node("s", "start"), *(Node(x, "task", x) for x in "abcde"), Node("x", "xor"), Node("y", "xor")]
    nodes += [Node("p", "and"), Node("q", "and"), Node("t", "end")]
    pairs = ["s-a", "a-x", "x-b", "x-c", "x-y", "b-y", "c-y", "y-p", "p-d", "p-e", "d-q", "e-q", "q-t"]
    return Bpmn(tuple(nodes), tuple(Flow(*pair.split("-"), 0.5 if pair == "x-b" else None) for pair in pairs))


def test_every_path_of_a_small_procedure_runs(tmp_path):
    path = write_bpmn(small(), tmp_path / "run.bpmn", executable=True)
    flows = ["Flow_x_b", "Flow_x_c", "Flow_x_y"]
    traces = {run(path, {"Gateway_x": [flow]}) for flow in flows}
    assert traces == {("a", "b", "d", "e"), ("a", "c", "d", "e"), ("a", "d", "e")}
    assert run(path, {"Gateway_x": ["unknown"]}) == ("a", "b", "d", "e"), "the commonest way is the default"
    model = Runner(to_petri(small()))
    assert all(model.accepts(trace) for trace in traces)


def test_the_supplement_loop_and_the_parallel_part_run(tmp_path):
    path = write_bpmn(procedure(), tmp_path / "run.bpmn", lanes=LANES, executable=True)
    model = Runner(to_petri(procedure()))
    lengths = set()
    for times, way in product((0, 1, 2), ("Flow_y_p", "Flow_y_z")):
        turns = ["Flow_x_m"] * times + ["Flow_x_c"]
        trace = run(path, {"Gateway_x": turns, "Gateway_y": [way] * (times + 1)})
        assert model.accepts(trace) and trace.count("Yêu cầu bổ sung hồ sơ") == times
        assert ("Lấy ý kiến cơ quan thuế" in trace) == (way == "Flow_y_p")
        lengths.add(len(trace))
    assert lengths == {9, 11, 12, 14, 15, 17}
