from __future__ import annotations

import itertools

import pytest

from tests.harmonise.logs import logs
from tests.mining.models import bpmn, random_bpmn
from tests.mining.test_nets import language
from workbench.errors import ModelError
from workbench.harmonise.conformance.judge import Judge
from workbench.harmonise.discovery.edits import Edit, apply, propose
from workbench.harmonise.discovery.routing import END, START, routes, routes_of
from workbench.harmonise.discovery.search import search
from workbench.mining.pm4py_door import to_petri
from workbench.mining.states import prove_soundness, state_graph
from workbench.progress import Cancellable


def of(text: str):
    return routes_of(state_graph(to_petri(bpmn(text))))


def words(given, longest: int = 6):
    out, queue = set(), [(START, ())]
    while queue:
        here, word = queue.pop()
        for after in given.after.get(here, []):
            if after == END:
                out.add(word)
            elif len(word) < longest:
                queue.append((after, (*word, given.label[after])))
    return out


def test_routes_of_a_model_without_parallel_steps_are_exact():
    text = "s>a a>x1 x1>b x1>c b>x2 c>x2 x2>x3 x3>d d>x4 x3>x4 x4>e"
    assert words(of(text)) == language(bpmn(text)) == {("a", "b"), ("a", "c"), ("a", "b", "d"), ("a", "c", "d")}
    assert words(of("s>x1 x1>a a>x2 x1>x2 x2>e")) == {(), ("a",)}


@pytest.mark.parametrize("seed", range(20))
def test_the_bpmn_of_routes_is_sound_and_says_the_same(seed: int):
    given = routes_of(state_graph(to_petri(random_bpmn(seed))))
    assert words(given, 5) == set(language(given.bpmn, 5))
    assert prove_soundness(to_petri(given.bpmn)).sound is True
    assert given.size == given.bpmn.size


def test_what_leads_nowhere_is_dropped():
    given = routes({1: "a", 2: "b", 3: "c"}, [(START, 1), (1, END), (1, 2), (3, END)])
    assert given.labels == ((1, "a"),)
    assert routes({1: "a"}, [(START, 1)]) is None


def test_shared_ways_share_a_gateway():
    # a and b both lead to c and d: one gateway joins and splits
    given = routes(
        {1: "a", 2: "b", 3: "c", 4: "d"},
        [(START, 1), (START, 2), *itertools.product((1, 2), (3, 4)), (3, END), (4, END)],
    )
    assert given.size == 2 + 4 + 3


def test_each_edit_by_hand():
    given = of("s>a a>b b>c c>e")
    a, b, c = (given.numbers[step][0] for step in "abc")
    assert words(apply(given, Edit("add_flow", edge=(a, c)))) == {("a", "b", "c"), ("a", "c")}
    assert words(apply(given, Edit("drop_step", number=b))) == {("a", "c")}
    assert words(apply(given, Edit("move_step", edge=(START, a), number=b))) == {("b", "a", "c")}
    assert words(apply(given, Edit("add_steps", edge=(a, b), steps=("x", "y")))) == {
        ("a", "b", "c"),
        ("a", "x", "y", "b", "c"),
    }
    assert words(apply(given, Edit("insert_steps", edge=(a, b), steps=("x",)))) == {("a", "x", "b", "c")}
    assert words(apply(given, Edit("repeat_steps", edge=(b, c), steps=("a",)))) == {
        ("a", "b", "c"),
        ("a", "b", "a", "c"),
    }
    assert words(apply(given, Edit("side_by_side", edge=(a, b)))) == {("a", "b", "c"), ("b", "a", "c")}
    assert apply(given, Edit("side_by_side", edge=(a, c))) is None
    assert apply(given, Edit("drop_flow", edge=(a, b))) is None
    assert apply(given, Edit("drop_step", number=99)) is None


@pytest.mark.parametrize("seed", range(10))
def test_every_proposed_edit_keeps_the_model_sound(seed: int):
    from tests.mining.models import random_variants
    from workbench.harmonise.discovery.search import _Run
    from workbench.harmonise.organisations import OrganisationLogs

    judge = Judge(OrganisationLogs({"A": random_variants(seed, n=20), "B": random_variants(seed + 50, n=20)}))
    run = _Run(judge, 0.0, frozenset(), lambda _: 0.0, propose, 1e9, lambda: 0.0, lambda *_: None, 10)
    here = routes_of(state_graph(to_petri(random_bpmn(seed))))
    used = run.usage(here)
    assert sum(w for (a, _), w in used.flows.items() if a == START) == pytest.approx(1)
    for edit in propose(here, used, most=10):
        after = apply(here, edit, used)
        if after is not None:
            assert prove_soundness(to_petri(after.bpmn)).sound is True


def test_two_steps_in_either_order_are_drawn_as_a_parallel_block():
    given = of("s>a a>b b>c c>d d>e")
    b, c = given.numbers["b"][0], given.numbers["c"][0]
    turned = apply(given, Edit("side_by_side", edge=(b, c)))
    kinds = sorted(node.kind for node in turned.bpmn.nodes)
    assert kinds == ["and", "and", "end", "start", "task", "task", "task", "task"]
    assert language(turned.bpmn) == words(turned) == {("a", "b", "c", "d"), ("a", "c", "b", "d")}
    assert prove_soundness(to_petri(turned.bpmn)).sound is True
    assert apply(turned, Edit("side_by_side", edge=(b, c))).size > turned.size


@pytest.mark.parametrize("seed", range(20))
def test_blocks_never_change_what_the_model_says(seed: int):
    """Property: turned pairs anywhere in a random model, also in loops, allow the same drawn as they are searched."""
    here = routes_of(state_graph(to_petri(random_bpmn(seed))))
    for edge in sorted(here.edges):
        turned = apply(here, Edit("side_by_side", edge=edge))
        if turned is not None:
            assert words(turned, 5) == set(language(turned.bpmn, 5))
            assert prove_soundness(to_petri(turned.bpmn)).sound is True


def test_the_search_puts_steps_side_by_side():
    given = logs(A="a b c d x50, a c b d x50", B="a b c d x40, a c b d x60")
    found = search(Judge(given), [of("s>a a>b b>c c>d d>e")], seed=1, evaluations=200)
    assert words(found.routes) == {("a", "b", "c", "d"), ("a", "c", "b", "d")}
    assert [node.kind for node in found.routes.bpmn.nodes].count("and") == 2


def planted():
    return logs(
        A="a b c d x60, a b d x30, a x c d x2",
        B="a b c d x50, a b d x20, a c b d x3",
        C="a b c d x40, a b d x35, q d x1",
    )


def test_the_search_finds_the_planted_process_from_a_poor_start():
    found = search(Judge(planted()), [of("s>a a>x x>d d>e")], seed=1, evaluations=300)
    assert found.stopped == "done"
    assert words(found.routes) == {("a", "b", "c", "d"), ("a", "b", "d")}
    assert found.f > 0.95


def test_the_search_is_deterministic_and_never_below_its_start():
    starts = [of("s>a a>b b>d d>e"), of("s>a a>d d>e")]
    first, second = (search(Judge(planted()), starts, seed=5, evaluations=120) for _ in range(2))
    assert first == second
    assert [value for _, value, _, _ in first.history] == sorted(value for _, value, _, _ in first.history)


def test_time_and_cancel_give_the_best_so_far():
    ticks = itertools.count()
    timed = search(Judge(planted()), [of("s>a a>d d>e")], seed=1, seconds=20, clock=lambda: float(next(ticks)))
    assert timed.stopped == "time"
    assert timed.evaluations <= 21
    watch = Cancellable()

    def progress(stage: str, done: float, total: float) -> None:
        if done > 5:
            watch.cancel()
        watch(stage, done, total)

    stopped = search(Judge(planted()), [of("s>a a>d d>e")], seed=1, progress=progress)
    assert stopped.stopped == "cancelled"
    assert stopped.routes.labels


def test_the_budget_is_counted_so_a_slow_machine_finds_the_same():
    quick = search(Judge(planted()), [of("s>a a>d d>e")], seed=3, evaluations=60)
    ticks = itertools.count(step=10)  # every judgement seems to take ten seconds
    slow = search(Judge(planted()), [of("s>a a>d d>e")], seed=3, evaluations=60, clock=lambda: float(next(ticks)))
    assert quick.stopped == "done"
    assert slow == quick


def test_steps_to_keep_are_kept():
    found = search(Judge(planted()), [of("s>a a>q q>d d>e")], seed=1, evaluations=200, keep=("q",))
    assert "q" in found.routes.numbers


def test_without_a_start_there_is_no_search():
    with pytest.raises(ModelError, match="no model to start"):
        search(Judge(planted()), [], seed=1)
