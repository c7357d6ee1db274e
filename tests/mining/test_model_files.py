"""Model files: what other tools write, several lanes and starts, and files that are no models."""

from __future__ import annotations

import contextlib

import pm4py
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.errors import ModelError
from workbench.mining.discovery import discover_model
from workbench.mining.model import Bpmn, PetriNet
from workbench.mining.model_files import read_lanes, read_model
from workbench.mining.pm4py_door import bpmn_to_pm4py, is_sound, petri_to_pm4py, to_petri
from workbench.mining.states import state_graph

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<b:definitions xmlns:b="http://www.omg.org/spec/BPMN/20100524/MODEL">\n'
COUNTS = ((("a", "b", "c", "e"), 50), (("a", "c", "b", "e"), 45), (("a", "d", "e"), 30))


def bpmn(tmp_path, body: str):
    """A file of one process; in `body` flows are written `x -> y` one a line after the elements."""
    lines = []
    for number, line in enumerate(body.strip().splitlines()):
        if "->" in line:
            source, target = (part.strip() for part in line.split("->"))
            lines.append(f'<b:sequenceFlow id="f{number}" sourceRef="{source}" targetRef="{target}"/>')
        else:
            lines.append(line.strip())
    path = tmp_path / "m.bpmn"
    path.write_text(f'{HEAD}<b:process id="p">\n' + "\n".join(lines) + "\n</b:process></b:definitions>", "utf-8")
    return path


def runs(model: Bpmn | PetriNet, longest: int = 6) -> set[tuple[str, ...]]:
    """All sequences of steps the model allows, up to a length, by playing the net."""
    net = to_petri(model) if isinstance(model, Bpmn) else model
    marking = dict.fromkeys(net.places, 0) | dict(net.initial)
    final = dict.fromkeys(net.places, 0) | dict(net.final)
    into = {t.id: [s for s, target in net.arcs if target == t.id] for t in net.transitions}
    out = {t.id: [target for s, target in net.arcs if s == t.id] for t in net.transitions}
    found, seen, todo = set(), set(), [(tuple(sorted(marking.items())), ())]
    while todo:
        state, word = todo.pop()
        if (state, word) in seen:
            continue
        seen.add((state, word))
        tokens = dict(state)
        if tokens == final:
            found.add(word)
        for t in net.transitions:
            after = dict(tokens)
            for place in into[t.id]:
                after[place] -= 1
            if min(after.values()) < 0 or (t.label and len(word) == longest):
                continue
            for place in out[t.id]:
                after[place] += 1
            todo.append((tuple(sorted(after.items())), (*word, t.label) if t.label else word))
    return found


def words(*texts: str) -> set[tuple[str, ...]]:
    return {tuple(text.split()) for text in texts}


@pytest.mark.parametrize("algorithm", ["split", "inductive"])
def test_bpmn_written_by_pm4py_comes_back(tmp_path, algorithm):
    model = discover_model(COUNTS, algorithm=algorithm)
    pm4py.write_bpmn(bpmn_to_pm4py(model), str(tmp_path / "m.bpmn"), auto_layout=False)
    assert read_model(tmp_path / "m.bpmn") == model


def test_pnml_written_by_pm4py_comes_back(tmp_path):
    net = to_petri(discover_model(COUNTS))
    pm4py.write_pnml(*petri_to_pm4py(net), str(tmp_path / "n.pnml"))
    found = read_model(tmp_path / "n.pnml")
    assert isinstance(found, PetriNet)
    assert (set(found.places), set(found.arcs), found.initial, found.final) == (
        set(net.places),
        set(net.arcs),
        net.initial,
        net.final,
    )
    assert runs(found) == runs(net) == words("a b c e", "a c b e", "a d e")


def test_every_kind_of_task_and_lanes(tmp_path):
    path = bpmn(
        tmp_path,
        """
        <b:laneSet id="l"><b:lane id="l1" name="Một cửa"><b:flowNodeRef>t1</b:flowNodeRef></b:lane>
        <b:lane id="l2" name="Phòng"><b:flowNodeRef>t2</b:flowNodeRef><b:flowNodeRef>t3</b:flowNodeRef></b:lane></b:laneSet>
        <b:startEvent id="s"/><b:userTask id="t1" name="Tiếp  nhận"/><b:manualTask id="t2" name="Thẩm định"/>
        <b:callActivity id="t3" name="Ký"/><b:endEvent id="e"/>
        s -> t1
        t1 -> t2
        t2 -> t3
        t3 -> e
        """,
    )
    assert read_model(path).steps == ("Tiếp nhận", "Thẩm định", "Ký")
    assert read_lanes(path) == {"Tiếp nhận": "Một cửa", "Thẩm định": "Phòng", "Ký": "Phòng"}


def test_several_starts_are_a_choice(tmp_path):
    model = read_model(
        bpmn(
            tmp_path,
            """
            <b:startEvent id="s1"/><b:startEvent id="s2"/><b:task id="a" name="a"/><b:task id="b" name="b"/>
            <b:task id="c" name="c"/><b:endEvent id="e"/>
            s1 -> a
            s2 -> b
            a -> c
            b -> c
            c -> e
            """,
        )
    )
    assert runs(model) == words("a c", "b c")
    assert [node.kind for node in model.nodes].count("start") == 1


def test_missing_start_and_end_events_are_added(tmp_path):
    model = read_model(bpmn(tmp_path, '<b:task id="a" name="a"/><b:task id="b" name="b"/>\na -> b'))
    assert runs(model) == words("a b")


def test_a_sub_process_is_laid_open(tmp_path):
    model = read_model(
        bpmn(
            tmp_path,
            """
            <b:startEvent id="s"/><b:task id="a" name="a"/>
            <b:subProcess id="q"><b:startEvent id="qs"/><b:task id="b" name="b"/><b:task id="c" name="c"/>
            <b:sequenceFlow id="q1" sourceRef="qs" targetRef="b"/><b:sequenceFlow id="q2" sourceRef="b" targetRef="c"/>
            <b:sequenceFlow id="q3" sourceRef="c" targetRef="qe"/><b:endEvent id="qe"/></b:subProcess>
            <b:endEvent id="e"/>
            s -> a
            a -> q
            q -> e
            """,
        )
    )
    assert runs(model) == words("a b c")


def test_loops_and_boundary_events_become_choices(tmp_path):
    model = read_model(
        bpmn(
            tmp_path,
            """
            <b:startEvent id="s"/><b:task id="a" name="a"><b:standardLoopCharacteristics/></b:task>
            <b:task id="b" name="b"/><b:boundaryEvent id="x" attachedToRef="b"/><b:task id="c" name="c"/>
            <b:endEvent id="e"/><b:endEvent id="e2"/>
            s -> a
            a -> b
            b -> e
            x -> c
            c -> e2
            """,
        )
    )
    assert runs(model, longest=3) == words("a b", "a c", "a a b", "a a c")
    assert is_sound(to_petri(model))


def test_conditions_on_flows_out_of_a_task_are_an_or_split(tmp_path):
    path = bpmn(
        tmp_path,
        """
        <b:startEvent id="s"/><b:task id="a" name="a"/><b:task id="b" name="b"/><b:endEvent id="e"/>
        <b:sequenceFlow id="c1" sourceRef="a" targetRef="b"><b:conditionExpression/></b:sequenceFlow>
        s -> a
        a -> e
        b -> e
        """,
    )
    assert {node.kind for node in read_model(path).nodes} == {"start", "task", "or", "end"}


@pytest.mark.parametrize(
    ("body", "message", "line"),
    [
        ('<b:task id="a" name="a"/>\na -> zzz', "zzz", 5),
        ('<b:startEvent id="s"/>\n<b:task id="a" name="lonely"/>', "lonely", 5),
        ('<b:task id="a"/>\n<b:complexGateway id="g"/>', "complex gateway", 5),
        ('<b:task id="a"/>\n<b:boundaryEvent id="x" attachedToRef="a" cancelActivity="false"/>', "non-interrupting", 5),
        ('<b:task name="no id"/>', "no id", 4),
    ],
)
def test_what_would_change_the_meaning_is_refused_with_its_line(tmp_path, body, message, line):
    with pytest.raises(ModelError, match=message) as caught:
        read_model(bpmn(tmp_path, body))
    assert caught.value.facts["line"] == line
    assert caught.value.facts["path"].endswith("m.bpmn")


def test_two_processes_need_a_choice(tmp_path):
    path = tmp_path / "two.bpmn"
    one = '<b:process id="{0}"><b:task id="{0}t" name="{0} step"/></b:process>'
    path.write_text(HEAD + one.format("p") + one.format("q") + "</b:definitions>", "utf-8")
    with pytest.raises(ModelError, match="p, q"):
        read_model(path)
    assert read_model(path, process="q").steps == ("q step",)


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not well-formed"),
        ("not xml at all", "not well-formed"),
        ("<definitions><process></definitions>", "not well-formed"),
        ("<html/>", "neither BPMN nor PNML"),
        (f"{BOMB}<definitions>&b;</definitions>", "document type"),
        ('<!DOCTYPE x SYSTEM "file:///etc/passwd"><definitions/>', "document type"),
        ("<definitions/>", "no process"),
        ("<pnml/>", "no net"),
        ('<pnml><net id="n"><place id="p"/></net></pnml>', "no transition"),
        (
            '<pnml><net id="n"><place id="p"/><transition id="t"/><arc source="p" target="q"/></net></pnml>',
            "does not join",
        ),
        (
            '<pnml><net id="n"><place id="p"/><transition id="t"/><arc source="p" target="t">'
            "<inscription><text>x</text></inscription></arc></net></pnml>",
            "number of tokens",
        ),
        (
            '<pnml><net id="n"><place id="p"/><place id="q"/><transition id="t"/></net></pnml>',
            "no initial marking, and 2 places",
        ),
    ],
)
def test_files_that_are_no_models_are_said_to_be_none(tmp_path, text, message):
    path = tmp_path / "bad.xml"
    path.write_text(text, "utf-8")
    with pytest.raises(ModelError, match=message) as caught:
        read_model(path)
    assert caught.value.facts["path"] == str(path)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 5000), drop=st.integers(1, 60), suffix=st.sampled_from(["bpmn", "pnml"]))
def test_a_damaged_file_is_a_model_or_a_model_error(tmp_path, cut, drop, suffix):
    model = discover_model(COUNTS)
    path = tmp_path / f"m.{suffix}"
    if suffix == "bpmn":
        pm4py.write_bpmn(bpmn_to_pm4py(model), str(path), auto_layout=False)
    else:
        pm4py.write_pnml(*petri_to_pm4py(to_petri(model)), str(path))
    whole = path.read_bytes()
    place = cut % len(whole)
    path.write_bytes(whole[:place] + whole[place + drop :])
    with contextlib.suppress(ModelError):
        assert isinstance(read_model(path), Bpmn | PetriNet)


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(ModelError, match="cannot be read"):
        read_model(tmp_path / "none.bpmn")


def test_weights_of_arcs_are_kept(tmp_path):
    path = tmp_path / "w.pnml"
    path.write_text(
        '<pnml><net id="n"><place id="i"><initialMarking><text>2</text></initialMarking></place><place id="o"/>'
        '<transition id="t"><name><text>pair</text></name></transition><arc id="1" source="i" target="t">'
        '<inscription><text>2</text></inscription></arc><arc id="2" source="t" target="o"/></net></pnml>',
        "utf-8",
    )
    net = read_model(path)
    assert net.arcs == (("i", "t"), ("i", "t"), ("t", "o"))
    assert runs(net) == words("pair")
    assert state_graph(net) is not None
