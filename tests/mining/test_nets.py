from __future__ import annotations

import pytest

from tests.mining.models import bpmn, random_bpmn
from workbench.errors import ModelError
from workbench.mining.canonical import canonical, tidy
from workbench.mining.model import Bpmn, Flow, Node, PetriNet, Transition
from workbench.mining.nets import to_petri
from workbench.mining.states import prove_soundness, state_graph


def language(model: Bpmn, longest: int = 8) -> set[tuple[str, ...]]:
    graph = state_graph(to_petri(model))
    assert graph is not None
    out, queue = set(), [(0, ())]
    while queue:
        state, word = queue.pop()
        if state in graph.accepting:
            out.add(word)
        if len(word) < longest:
            queue += [(t, (*word, graph.labels[n])) for s, n, t in graph.arcs if s == state]
    return out


def test_a_sequence_becomes_one_transition_a_step():
    net = to_petri(bpmn("s>a a>b b>e"))
    assert net.steps == ("a", "b")
    assert [t.id for t in net.transitions if t.label] == ["a", "b"]
    assert language(bpmn("s>a a>b b>e")) == {("a", "b")}


def test_choice_parallel_skip_and_loop_allow_what_bpmn_says():
    assert language(bpmn("s>x1 x1>a x1>b a>x2 b>x2 x2>e")) == {("a",), ("b",)}
    assert language(bpmn("s>p1 p1>a p1>b a>p2 b>p2 p2>e")) == {("a", "b"), ("b", "a")}
    assert language(bpmn("s>x1 x1>a a>x2 x1>x2 x2>e")) == {(), ("a",)}
    assert language(bpmn("s>x1 x1>a a>x2 x2>x1 x2>e"), 3) == {("a",), ("a", "a"), ("a", "a", "a")}


def test_an_or_split_with_its_join_allows_every_choice_but_none():
    assert language(bpmn("s>o1 o1>a o1>b a>o2 b>o2 o2>e")) == {("a",), ("b",), ("a", "b"), ("b", "a")}


def test_two_flows_into_a_task_are_alternatives_and_two_out_of_it_parallel():
    assert language(bpmn("s>x1 x1>a x1>b a>c b>c c>e")) == {("a", "c"), ("b", "c")}
    assert language(bpmn("s>a a>b a>c b>p1 c>p1 p1>e")) == {("a", "b", "c"), ("a", "c", "b")}


def test_a_model_without_end_is_refused():
    with pytest.raises(ModelError, match="no end"):
        to_petri(bpmn("s>a"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("s>x1 x1>a x1>b a>p1 b>p1 p1>e", "no_path_to_end"),
        ("s>p1 p1>a p1>b a>x1 b>x1 x1>e", "tokens_left_behind"),
        ("s>x1 x1>p1 p1>a p1>x1 a>e", "unbounded"),
    ],
)
def test_unsound_models_are_told_apart(text: str, reason: str):
    proof = prove_soundness(to_petri(bpmn(text)))
    assert proof.sound is False
    assert proof.reason == reason


def test_a_step_that_can_never_happen_is_named():
    net = PetriNet(
        places=("i", "o", "x"),
        transitions=(Transition("t", "a"), Transition("dead", "b")),
        arcs=(("i", "t"), ("t", "o"), ("x", "dead"), ("dead", "o")),
        initial=(("i", 1),),
        final=(("o", 1),),
    )
    proof = prove_soundness(net)
    assert (proof.sound, proof.reason, proof.transitions) == (False, "dead_step", ("dead",))


def test_unknown_is_said_when_the_limit_is_reached():
    # Two interlocked parallel parts do not reduce; the limit of three markings is too small for them.
    text = "s>p1 p1>a p1>b a>p2 p2>c p2>p3 b>p3 p3>d c>p4 d>p4 p4>e"
    assert prove_soundness(to_petri(bpmn(text))).sound is True
    assert prove_soundness(to_petri(bpmn(text)), limit=1).reason == "limit"
    assert prove_soundness(to_petri(bpmn(text)), limit=1).sound is None


def test_wide_parallel_blocks_are_proved_without_their_markings():
    branches = " ".join(f"p1>t{i} t{i}>p2" for i in range(40))
    proof = prove_soundness(to_petri(bpmn(f"s>p1 {branches} p2>e")))
    assert proof.sound is True
    assert proof.markings < 10


@pytest.mark.parametrize("seed", range(25))
def test_reduction_keeps_soundness_on_random_block_models(seed: int):
    assert prove_soundness(to_petri(random_bpmn(seed, steps=6))).sound is True


@pytest.mark.parametrize("seed", range(15))
def test_tidying_keeps_the_language(seed: int):
    model = random_bpmn(seed)
    assert language(tidy(model), 6) == language(model, 6)
    assert tidy(model).size <= model.size


def test_canonical_ids_do_not_depend_on_names_or_order():
    one = bpmn("s>x1 x1>a x1>b a>x2 b>x2 x2>c c>e")
    other = Bpmn(
        tuple(Node(f"q{n.id}", n.kind, n.label) for n in reversed(one.nodes)),
        tuple(Flow(f"q{f.source}", f"q{f.target}") for f in reversed(one.flows)),
    )
    assert canonical(one) == canonical(other)
    assert canonical(one).nodes[0] == Node("n0", "start")
