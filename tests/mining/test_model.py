from __future__ import annotations

from tests.mining.models import bpmn
from workbench.mining.nets import to_petri


def test_size_counts_every_node_and_steps_each_label_once():
    model = bpmn("s>x1 x1>a x1>b a>x2 b>x2 x2>e")
    assert model.size == 6
    assert model.steps == ("a", "b")
    assert to_petri(model).steps == ("a", "b")


def test_control_flow_complexity_by_cardoso():
    assert bpmn("s>a a>e").control_flow_complexity == 0
    assert bpmn("s>x1 x1>a x1>b x1>c a>x2 b>x2 c>x2 x2>e").control_flow_complexity == 3
    assert bpmn("s>p1 p1>a p1>b a>p2 b>p2 p2>e").control_flow_complexity == 1
    assert bpmn("s>o1 o1>a o1>b o1>c a>o2 b>o2 c>o2 o2>e").control_flow_complexity == 7
