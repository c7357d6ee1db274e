"""Inclusive gateways leave the exports; the language stays."""

from __future__ import annotations

import pm4py
import pytest

from tests.export.nets import Runner
from tests.export.trees import Tree, random_tree, to_bpmn
from workbench.export.bpmn import write_bpmn
from workbench.export.bpmn_drawing import draw_bpmn
from workbench.export.bpmn_graph import standardise
from workbench.export.inclusive import without_inclusive
from workbench.mining.model import Bpmn, Flow, Node
from workbench.mining.pm4py_door import bpmn_from_pm4py, prove_soundness, to_petri


def language(bpmn: Bpmn) -> set[tuple[str, ...]]:
    return Runner(to_petri(bpmn)).language(6)


def inclusive(bpmn: Bpmn) -> list[str]:
    return [node.id for node in bpmn.nodes if node.kind == "or"]


def block(branches: int) -> Bpmn:
    return to_bpmn(Tree("or", tuple(Tree("task", label=chr(97 + k)) for k in range(branches))))


def test_two_branches_may_run_each_alone_or_both():
    out = without_inclusive(standardise(block(2)))
    assert language(out) == {("a",), ("b",), ("a", "b"), ("b", "a")} and not inclusive(out)
    assert sorted(out.steps) == ["a", "b"], "no step is drawn twice"


def test_random_blocks_keep_their_language_and_are_sound():
    tried = 0
    for seed in range(60):
        bpmn = standardise(
            to_bpmn(random_tree(seed, 2 + seed % 4, operators=("or", "or", "seq", "xor", "and", "loop")))
        )
        if inclusive(bpmn):
            tried += 1
            out = standardise(without_inclusive(bpmn))
            assert not inclusive(out) and prove_soundness(to_petri(out)).sound is True, seed
            assert language(out) == language(bpmn), seed
    assert tried > 20


@pytest.mark.parametrize(("split", "becomes"), [("xor", "xor"), ("and", "and")])
def test_a_lone_join_becomes_what_it_waits_for(split, becomes):
    nodes = (Node("s", "start"), Node("g", split), Node("a", "task", "a"), Node("b", "task", "b"), Node("j", "or"), Node("t", "end"))  # fmt: skip
    pairs = ("s-g", "g-a", "g-b", "a-j", "b-j", "j-t")
    out = without_inclusive(Bpmn(nodes, tuple(Flow(*pair.split("-")) for pair in pairs)))
    assert {node.id: node.kind for node in out.nodes}["j"] == becomes


def test_a_wide_block_is_a_block_in_a_block():
    out = without_inclusive(standardise(block(5)))
    assert not inclusive(out) and len(language(out)) == 5 + 20 + 60 + 120 + 120
    assert len(out.nodes) < 60, "the gateways grow with the branches, not with the sets of them"


def test_a_split_without_its_join_stays():
    nodes = (Node("s", "start"), Node("o", "or"), Node("a", "task", "a"), Node("b", "task", "b"), Node("t", "end"), Node("u", "end"))  # fmt: skip
    loose = Bpmn(nodes, tuple(Flow(*pair.split("-")) for pair in ("s-o", "o-a", "o-b", "a-t", "b-u")))
    assert without_inclusive(loose) == loose


def test_a_file_holds_none_and_pm4py_reads_the_same_language(tmp_path):
    bpmn = to_bpmn(Tree("seq", (Tree("task", label="x"), Tree("or", tuple(Tree("task", label=c) for c in "abc")))))
    path = write_bpmn(bpmn, tmp_path / "or.bpmn", executable=True)
    assert "inclusiveGateway" not in path.read_text("utf-8")
    read = bpmn_from_pm4py(pm4py.read_bpmn(str(path)))
    assert language(read) == language(bpmn) and len(language(read)) == 15


def test_the_same_model_gives_the_same_gateways():
    bpmn = to_bpmn(random_tree(3, 9, operators=("or", "seq")))
    assert draw_bpmn(bpmn).bpmn == draw_bpmn(bpmn).bpmn
