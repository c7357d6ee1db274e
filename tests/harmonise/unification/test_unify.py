from __future__ import annotations

import json

import pytest

from tests.harmonise.logs import counts, logs, traces
from tests.mining.models import bpmn
from tests.mining.test_nets import language
from workbench.errors import ModelError, TooFewCases
from workbench.harmonise.conformance.changes import changes, numbers
from workbench.harmonise.conformance.evaluate import evaluate_model, require_sound
from workbench.harmonise.conformance.judge import Judge
from workbench.harmonise.conformance.step_times import StepTimes, expected_hours
from workbench.harmonise.unification.candidates import common_behaviour, named_as, published_models, sequence
from workbench.harmonise.unification.flows import with_shares
from workbench.harmonise.unification.unify import front, harmonise, harmonise_procedure
from workbench.i18n import catalogue
from workbench.mining.pm4py_door import to_petri
from workbench.progress import Cancellable
from workbench.reference.processes import InternalProcess, ProcessStep
from workbench.selection import Selection

P = Selection(procedure="1.000001")


def some(store_from):
    return store_from(
        traces(
            A="a b c d x60, a b d x30",
            B="a b c d x50, a b d x20, a c b d x3",
            C="a b c d x40, a s b d x35",
        )
    )


def test_changes_of_a_dropped_an_added_and_a_moved_step():
    given = logs(A="a c b d x8, a b c d x2", B="a x b d x5")
    found = changes(given, Judge(given).align(to_petri(bpmn("s>a a>b b>c c>d d>e"))))
    rows = found.set_index(["organisation", "action", "step"])
    assert set(rows.index) == {("A", "move", "b"), ("B", "drop", "x"), ("B", "add", "c")} or set(rows.index) == {
        ("A", "move", "c"),
        ("B", "drop", "x"),
        ("B", "add", "c"),
    }
    assert rows.loc[("B", "add", "c"), "after"] == "b"
    assert rows[rows.index.get_level_values("action") == "move"]["share"].tolist() == [0.8]
    table = numbers(found, given).set_index("organisation")
    assert table.loc["A"].tolist() == [0, 0, 1, 1]
    assert table.loc["B"].tolist() == [1, 1, 0, 2]


def test_expected_time_leaves_out_the_steps_the_model_leaves_out():
    given = logs(A="a b c x2, a c x2")
    times = StepTimes(overall={"b": 7200.0, "c": 3600.0}, own={("A", "c"): 1800.0})
    short = Judge(given).align(to_petri(bpmn("s>a a>c c>e")))
    row = expected_hours(given, short, times).iloc[0]
    assert row["expected_working_hours"] == pytest.approx(0.5)
    assert row["recorded_working_hours"] == pytest.approx((2.5 + 0.5) / 2)


def test_an_evaluation_by_hand():
    given = logs(A="a b x9, a x1", B="a b x4")
    found = evaluate_model(Judge(given), bpmn("s>a a>b b>e"))
    table = found.organisations.set_index("organisation")
    assert table.loc["A", "fitness"] == pytest.approx(1 - 1 / (19 + 20))
    assert table.loc["B", "f"] == 1.0
    assert (found.size, found.control_flow_complexity, found.sound) == (4, 0, True)
    assert found.facts()["mean"]["f"] == pytest.approx(found.organisations["f"].mean())
    assert found.facts()["organisations"]["B"]["dossiers"] == 4


def test_an_unsound_model_is_judged_as_such_and_refused_where_it_must_be_sound():
    bad = bpmn("s>x1 x1>a x1>b a>p1 b>p1 p1>e")
    found = evaluate_model(Judge(logs(A="a b x3", B="a x2")), bad)
    assert (found.sound, found.f, found.facts()["mean"]["changes"]) == (False, None, None)
    with pytest.raises(ModelError, match="not sound: no path to end"):
        require_sound(bad, name="mine.bpmn")


def test_shares_on_flows_are_those_of_the_dossiers():
    model = with_shares(bpmn("s>a a>x1 x1>b b>x2 x1>x2 x2>e"), Judge(logs(A="a b x3", B="a x1")))
    shares = {(f.source, f.target): f.share for f in model.flows}
    assert shares["x1", "b"] == 0.75
    assert shares["x1", "x2"] == 0.25
    assert shares["s", "a"] == shares["x2", "e"] == 1.0


def test_common_behaviour_keeps_what_half_of_the_organisations_do():
    found = common_behaviour(logs(A="a b c x9, a q b c x1", B="a b c x9, a c b x5", C="a z b c x9"))
    assert {variant for variant, _ in found} == {("a", "b", "c")}


def test_published_processes_take_the_names_of_the_log():
    assert named_as(["Tiếp nhận hồ sơ", "Việc lạ hoàn toàn"], ["Tiep nhan ho so", "Trả kết quả"]) == [
        "Tiep nhan ho so",
        "Việc lạ hoàn toàn",
    ]
    process = InternalProcess(
        code="k",
        name="n",
        procedure_code="1.000001",
        province="Nơi đó",
        h_codes=("H01",),
        level=None,
        declared_days=2.0,
        declared_days_remote=None,
        declared_days_verify=None,
        steps=(ProcessStep(2, "Trả kết quả", None, 1.0), ProcessStep(1, "Tiếp nhận", None, 1.0)),
        note="",
        source="somewhere",
    )
    found = published_models([process], "1.000001", logs(A="Tiếp nhận, Trả"))
    assert [item.name for item in found] == ["published:Nơi đó"]
    assert language(found[0].model) == {("Tiếp nhận", "Trả kết quả")}
    assert published_models([process], "2.0", logs(A="a")) == []


def test_the_front_keeps_what_nothing_beats():
    import pandas as pd

    table = pd.DataFrame(
        {
            "f": [0.9, 0.8, 0.7, 0.95],
            "size": [20, 10, 30, 5],
            "changes": [1.0, 1.0, 1.0, 0.0],
            "expected_working_hours": float("nan"),
            "sound": [True, True, True, False],
        }
    )
    assert front(table).tolist() == [True, True, False, False]


def test_the_unified_procedure_of_three_organisations(store_from):
    found = harmonise(some(store_from), "1.000001", evaluations=150)
    assert found.recommended == found.candidates.loc[found.candidates["recommended"], "name"].iloc[0]
    assert ("a", "b", "c", "d") in language(found.bpmn)
    assert found.unified.sound is True
    assert found.net.steps
    facts = found.evaluation()
    json.dumps(facts, allow_nan=False)
    unified = facts["unified"]
    assert unified["size"] == found.bpmn.size
    assert set(unified["organisations"]) == {"A", "B", "C"}
    assert set(unified["organisations"]["A"]) >= {"fitness", "precision", "f", "dossiers"}
    assert unified["mean"]["f"] == pytest.approx(found.unified.f)
    assert {"searched", "pooled", "medoid", "common"} <= {one["name"] for one in facts["candidates"]}
    rows = found.migration.set_index(["organisation", "action", "step"])
    assert rows.loc[("C", "drop", "s"), "dossiers"] == 35


def test_every_code_of_a_result_has_a_text(store_from):
    found = harmonise(some(store_from), "1.000001", evaluations=60)
    for language_ in ("vi", "en"):
        texts = catalogue(language_)
        for reason in found.reasons:
            texts[f"harmonise.reason.{reason['code']}"].format(**reason["facts"])
        for kind, code in found.missing:
            assert f"harmonise.missing.{code}" in texts
            assert f"harmonise.candidate.{kind}" in texts
        for note in found.notes:
            assert f"harmonise.note.{note}" in texts
        assert {f"harmonise.candidate.{kind}" for kind in found.candidates["kind"]} <= texts.keys()


def test_the_same_seed_gives_the_same_procedure(store_from):
    store = some(store_from)
    one, two = (harmonise_procedure(store, P, seed=7, evaluations=80).evaluation() for _ in range(2))
    assert one == two


def test_an_unsound_given_model_is_listed_and_not_chosen(store_from):
    bad = bpmn("s>p1 p1>a p1>b a>x1 b>x1 x1>e")
    found = harmonise_procedure(some(store_from), P, candidates={"bad": bad}, evaluations=40)
    row = found.candidates[found.candidates["name"] == "given:bad"].iloc[0]
    assert not row["sound"]
    assert not row["on_front"]
    assert not row["recommended"]


def test_cancelling_the_search_gives_the_best_so_far(store_from):
    watch = Cancellable()

    def progress(stage: str, done: float, total: float) -> None:
        if stage == "search" and done > 8:
            watch.cancel()
        watch(stage, done, total)

    found = harmonise_procedure(some(store_from), P, progress=progress)
    assert found.search["stopped"] == "cancelled"
    assert found.unified.f is not None


def test_what_cannot_be_unified_is_said(store_from):
    with pytest.raises(TooFewCases, match="one organisation only"):
        harmonise_procedure(store_from(traces(A="a b x9")), P)
    with pytest.raises(TooFewCases, match="more than one dossier"):
        harmonise_procedure(store_from(traces(A="a b", B="a")), P)
    with pytest.raises(ModelError, match="no step in common"):
        harmonise_procedure(store_from(traces(A="a b x9", B="p q x9")), P)
    with pytest.raises(ModelError, match="at least one step"):
        sequence([])


def test_ties_only_and_open_dossiers_are_noted(store_from):
    from tests.conftest import trace_events

    events = trace_events(traces(A="a b c x4", B="a b c x4"))
    events["completed_at"] = events["completed_at"].min()
    found = harmonise_procedure(store_from(events=events), P, evaluations=20)
    assert {"ties_only", "all_open", "few_cases"} <= set(found.notes)
    assert counts("a b c x8") == Judge(logs(A="a b c x8")).logs.pooled
