from __future__ import annotations

import json

import pytest

from tests.harmonise.logs import logs, traces
from tests.mining.models import bpmn
from tests.mining.test_nets import language
from workbench.errors import ModelError, SelectionError, TooFewCases
from workbench.harmonise.configuration.configurable import configurable_from, derive, make_configurable, scores_of
from workbench.harmonise.configuration.configure import configure, configure_procedure
from workbench.harmonise.configuration.variation import variation_points
from workbench.mining.pm4py_door import to_petri
from workbench.mining.states import prove_soundness
from workbench.reference.processes import InternalProcess, ProcessStep
from workbench.results import plain
from workbench.selection import Selection

P = Selection(procedure="1.000001")
UNIFIED = "s>a a>b b>c c>e"


def three():
    return logs(A="a b c x60", B="a b s c x60", C="a c x40, a b c x40")


def process(organisation: str, *steps: str) -> InternalProcess:
    return InternalProcess(
        code="k",
        name="n",
        procedure_code="1.000001",
        province=organisation,
        h_codes=(organisation,),
        level=None,
        declared_days=None,
        declared_days_remote=None,
        declared_days_verify=None,
        steps=tuple(ProcessStep(i, name, None, 1.0) for i, name in enumerate(steps)),
        note="",
        source="a decision",
    )


def test_each_configuration_is_what_its_organisation_does():
    made = make_configurable(three(), bpmn(UNIFIED), evaluations=80)
    assert language(made.configured("A")) == {("a", "b", "c")}
    assert language(made.configured("B")) == {("a", "b", "s", "c")}
    assert language(made.configured("C")) == {("a", "c"), ("a", "b", "c")}
    assert made.f == 1.0
    assert made.size < sum(one.size for one in made.configurations.values())
    for one in made.configurations.values():
        assert one.edges <= made.union.edges
        assert prove_soundness(to_petri(one.bpmn)).sound is True


def test_it_is_written_and_read_back():
    made = make_configurable(three(), bpmn(UNIFIED), evaluations=60)
    again = configurable_from(json.loads(json.dumps(made.to_dict())))
    assert (again.core, again.union, dict(again.configurations)) == (made.core, made.union, dict(made.configurations))
    with pytest.raises(ModelError, match="not a configurable model"):
        configurable_from({"steps": []})
    with pytest.raises(ModelError, match="no way to its end"):
        configurable_from({**made.to_dict(), "core": []})


def test_a_new_organisation_gets_a_choice_among_the_options():
    made = make_configurable(three(), bpmn(UNIFIED), evaluations=80)
    new = logs(N="a b s c x30, a b c x1", A="a b c")
    found = derive(made, new, "N", evaluations=80)
    assert language(found.bpmn) == {("a", "b", "s", "c"), ("a", "b", "c")}  # what it does, and not the skip of C
    assert found.edges <= made.union.edges
    assert scores_of(new, "N", found).f > 0.95
    with pytest.raises(ModelError, match="no configuration for 'N'"):
        made.configured("N")


def test_variation_points_name_step_kind_and_options():
    made = make_configurable(
        logs(A="a b c x60", B="a c b x60", C="a b c x30, a c x30", D="a b b c x60"), bpmn(UNIFIED), evaluations=120
    )
    points = variation_points(made).set_index(["point", "organisation"])["option"]
    assert points["optional:b", "A"] == "always"
    assert points["optional:b", "C"] == "sometimes"
    assert points["order:b|c", "A"] == "first"
    assert points["order:b|c", "B"] == "second"
    assert points["repetition:b", "D"] == "repeated"
    assert "optional:a" not in points.index.get_level_values("point")


def test_every_option_has_a_reason(store_from):
    store = store_from(traces(A="a b c x60", B="a b s c x60", C="a c x40, a b c x40"))
    published = [process("B", "a", "b", "s", "c")]
    found = configure_procedure(store, P, bpmn(UNIFIED), published=published, evaluations=80)
    rows = found.points[found.points["differs"]].set_index(["point", "organisation"])
    assert rows.loc[("optional:s", "B"), "reason"] == "legal"
    assert rows.loc[("optional:s", "B"), "facts"]["source"] == "a decision"
    assert rows.loc[("optional:b", "C"), "reason"] == "accidental"
    assert rows.loc[("optional:b", "C"), "facts"]["share"] == 0.5
    assert found.points[~found.points["differs"]]["reason"].isna().all()
    assert found.f >= found.f_own
    assert found.size < found.size_separate
    json.dumps(plain(found.to_dict()), allow_nan=False)


def test_a_step_taken_for_one_kind_of_dossier_is_a_local_matter(store_from):
    from tests.conftest import trace_events

    events = trace_events(traces(A="a b c x60", C="a c x40, a b c x40"))
    steps = events.groupby(["province_code", "dossier_code"])["label"].agg(tuple).reset_index()
    level = ["commune" if "b" in labels else "province" for labels in steps["label"]]
    dossiers = steps[["province_code", "dossier_code"]].assign(procedure_code="1.000001", level=level)
    found = configure_procedure(
        store_from(events=events, dossiers=dossiers), P, bpmn(UNIFIED), published=[], evaluations=60
    )
    row = found.points.set_index(["point", "organisation"]).loc[("optional:b", "C")]
    assert row["reason"] == "local"
    assert (row["facts"]["attribute"], row["facts"]["value"]) == ("level", "commune")


def test_an_option_that_goes_with_the_kind_of_organisation_is_a_local_matter(store_from):
    """Six communes skip the step and six provinces take it: level of government, by Mann and Whitney's test."""
    from tests.conftest import trace_events

    log = {f"C{k}": "a c x20" for k in range(6)} | {f"P{k}": "a b c x20" for k in range(6)}
    events = trace_events(traces(**log))
    own = events[["province_code", "dossier_code"]].drop_duplicates()
    level = ["commune" if code.startswith("C") else "province" for code in own["province_code"]]
    dossiers = own.assign(procedure_code="1.000001", level=level)
    store = store_from(events=events, dossiers=dossiers)
    found = configure_procedure(store, P, bpmn(UNIFIED), published=[], evaluations=20)
    rows = found.points[found.points["differs"]].set_index(["point", "organisation"])
    assert {name for _, name in rows.index} == {f"C{k}" for k in range(6)}
    for _, row in rows.iterrows():
        assert row["reason"] == "local"
        assert row["facts"]["method"] == "mann_whitney"
        assert row["facts"]["q"] <= 0.05


def test_one_organisation_is_configured_from_either_model(store_from):
    store = store_from(traces(A="a b c x60", C="a c x40, a b c x40", Z="a b c"))
    whole = configure_procedure(store, P, bpmn("s>a a>x1 x1>b b>x2 x1>x2 x2>c c>e"), published=[], evaluations=60)
    known = configure(store, P, "C", whole.configurable)
    assert (known.how, known.score.f) == ("configured", 1.0)
    derived = configure(store, P, "A", bpmn("s>a a>x1 x1>b b>x2 x1>x2 x2>c c>e"))
    assert derived.how == "derived"
    assert language(derived.bpmn) == {("a", "b", "c")}
    assert derived.score.f > derived.unified.f
    assert derived.changes.empty
    with pytest.raises(SelectionError, match="no dossier of 'Q'"):
        configure(store, P, "Q", whole.configurable)
    with pytest.raises(TooFewCases, match="one dossier only"):
        configure(store, P, "Z", whole.configurable)
    with pytest.raises(ModelError, match="not sound"):
        configure(store, P, "A", bpmn("s>x1 x1>a x1>b a>p1 b>p1 p1>e"))
