"""PNML and PTML files read back by pm4py and by the workbench."""

from __future__ import annotations

import random

import pytest

from tests.export.demo import procedure
from tests.export.nets import Runner, from_pm4py
from tests.export.trees import random_tree, to_bpmn
from workbench.errors import ModelError
from workbench.export.pnml import pnml_bytes, write_pnml
from workbench.export.process_tree import ProcessTree, to_tree, write_ptml
from workbench.mining.model import Bpmn, Flow, Node, PetriNet, Transition
from workbench.mining.model_files import read_model
from workbench.mining.pm4py_door import pm4py, to_petri


def test_pnml_is_read_back_equal(tmp_path):
    net = to_petri(procedure())
    back = read_model(write_pnml(net, tmp_path / "net.pnml"))
    assert isinstance(back, PetriNet)
    assert (back.places, back.transitions) == (net.places, net.transitions)
    assert sorted(back.arcs) == sorted(net.arcs) and (back.initial, back.final) == (net.initial, net.final)


def test_pm4py_reads_the_same_net(tmp_path):
    net = to_petri(procedure())
    theirs = from_pm4py(*pm4py.read_pnml(str(write_pnml(net, tmp_path / "net.pnml"))))
    assert set(theirs.places) == set(net.places) and sorted(theirs.arcs) == sorted(net.arcs)
    assert sorted(t.label or "" for t in theirs.transitions) == sorted(t.label or "" for t in net.transitions)


def test_weights_and_marks_are_kept(tmp_path):
    net = PetriNet(("p", "q"), (Transition("t", 'a <"&> ồ'), Transition("u", None)),
                   (("p", "t"), ("p", "t"), ("t", "q"), ("p", "u"), ("u", "q")), (("p", 2),), (("q", 1),))  # fmt: skip
    back = read_model(write_pnml(net, tmp_path / "net.pnml"))
    assert isinstance(back, PetriNet) and sorted(back.arcs) == sorted(net.arcs)
    assert back.initial == (("p", 2),) and [t.label for t in back.transitions] == ['a <"&> ồ', None]


def test_a_net_without_a_final_marking_is_refused():
    with pytest.raises(ModelError, match="final marking"):
        pnml_bytes(PetriNet(("p",), (), (), (("p", 1),), ()))


def test_trees_are_found_and_read_by_pm4py(tmp_path):
    for seed in range(25):
        size = random.Random(seed).randint(1, 6)
        bpmn = to_bpmn(random_tree(seed, size, operators=("seq", "xor", "and", "loop")))
        tree = to_tree(bpmn)
        theirs = pm4py.read_ptml(str(write_ptml(tree, tmp_path / "tree.ptml")))
        net = Runner(from_pm4py(*pm4py.convert_to_petri_net(theirs)))
        assert net.language(6) == Runner(to_petri(bpmn)).language(6), (seed, str(tree))


def test_the_demo_is_block_structured():
    assert str(to_tree(procedure())).startswith("→('Tiếp nhận hồ sơ', ↻(")
    assert to_tree(to_bpmn(random_tree(0, 1))).operator is None


def test_what_has_no_blocks_is_refused():
    kinds = {"s": "start", "t": "end", "x": "xor", "y": "and", "a": "task", "b": "task"}
    nodes = tuple(Node(i, k, i if k == "task" else "") for i, k in kinds.items())
    pairs = ("s-x", "x-a", "x-b", "a-y", "b-y", "y-t")
    with pytest.raises(ModelError, match="not block-structured"):
        to_tree(Bpmn(nodes, tuple(Flow(*pair.split("-")) for pair in pairs)))


def test_a_tree_prints_as_in_books():
    leaf = ProcessTree("a")
    assert str(ProcessTree(operator="xorLoop", children=(leaf, ProcessTree()))) == "↻('a', τ)"
