"""PNML as an accepting Petri net."""

from __future__ import annotations

import unicodedata
from typing import Any

from lxml import etree

from workbench.errors import ModelError
from workbench.mining.model import PetriNet, Transition

_SILENT_NAMES = frozenset(("", "tau", "τ"))


def read_pnml(root: Any) -> PetriNet:
    """The first net below the `pnml` element.

    Transitions marked invisible, unnamed or called tau are silent. Without a marking the only place nothing leads to
    is the initial one; without a final marking the only place nothing leads from is the final one.
    """
    net = root.find("{*}net")
    if net is None:
        raise ModelError("The PNML file has no net.", fix="Export the net again.", line=root.sourceline)
    places = [_id(e) for e in net.iter("{*}place") if e.get("id")]
    transitions = [_transition(e) for e in net.iter("{*}transition")]
    if not transitions or not places:
        raise _error(net, "The net has no place or no transition", "Export a net with both.")
    names = [*places, *(t.id for t in transitions)]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise _error(net, f"The id {twice!r} is given twice", "Give every node its own id.")
    arcs = _arcs(net, set(places), {t.id for t in transitions})
    return PetriNet(
        places=tuple(places),
        transitions=tuple(transitions),
        arcs=arcs,
        initial=_initial(net, places, arcs),
        final=_final(net, places, arcs),
    )


def _transition(element: Any) -> Transition:
    label = _text(element.find("{*}name"))
    invisible = any(tool.get("activity") == "$invisible$" for tool in element.findall("{*}toolspecific"))
    silent = invisible or label in _SILENT_NAMES or label.startswith("tau from tree")
    return Transition(_id(element), None if silent else label)


def _arcs(net: Any, places: set[str], transitions: set[str]) -> tuple[tuple[str, str], ...]:
    out: list[tuple[str, str]] = []
    for arc in net.iter("{*}arc"):
        source, target = arc.get("source"), arc.get("target")
        if not ((source in places and target in transitions) or (source in transitions and target in places)):
            raise _error(
                arc, f"The arc from {source!r} to {target!r} does not join a place and a transition", "Redraw it."
            )
        if _text(arc.find("{*}arctype")) not in ("", "normal"):
            raise _error(arc, "Inhibitor and reset arcs are not supported", "Use a net with normal arcs.")
        out += [(source, target)] * _number(arc.find("{*}inscription"), 1)
    return tuple(out)


def _initial(net: Any, places: list[str], arcs: tuple[tuple[str, str], ...]) -> tuple[tuple[str, int], ...]:
    marked = [(_id(e), _number(e.find("{*}initialMarking"), 0)) for e in net.iter("{*}place") if e.get("id")]
    found = tuple((name, tokens) for name, tokens in marked if tokens)
    if found:
        return found
    targets = {target for _, target in arcs}
    return ((_only(net, [p for p in places if p not in targets], "initial"), 1),)


def _final(net: Any, places: list[str], arcs: tuple[tuple[str, str], ...]) -> tuple[tuple[str, int], ...]:
    found = []
    for marking in net.iter("{*}marking"):
        tokens = [(e.get("idref"), _number(e, 0)) for e in marking.findall("{*}place")]
        if any(name not in places for name, _ in tokens):
            raise _error(marking, "A final marking names a place the net does not have", "Correct its idref.")
        found.append(tuple((str(name), count) for name, count in tokens if count))
    found = [marking for marking in found if marking]
    if len(found) > 1:
        raise _error(net, f"The net has {len(found)} final markings", "Keep one.")
    if found:
        return found[0]
    sources = {source for source, _ in arcs}
    return ((_only(net, [p for p in places if p not in sources], "final"), 1),)


def _only(net: Any, candidates: list[str], which: str) -> str:
    if len(candidates) != 1:
        raise _error(
            net,
            f"The net has no {which} marking, and {len(candidates)} places could be it",
            f"Add the {which} marking.",
        )
    return candidates[0]


def _text(element: Any) -> str:
    if element is None:
        return ""
    inner = element.find("{*}text")
    text = (inner if inner is not None else element).text or ""
    return " ".join(unicodedata.normalize("NFC", text).split())


def _number(element: Any, default: int) -> int:
    text = _text(element)
    if not text:
        return default
    if not text.isdigit() or int(text) > 100:
        raise _error(element, f"{text!r} is not a number of tokens from 0 to 100", "Use a place/transition net.")
    return int(text)


def _id(element: Any) -> str:
    name = element.get("id")
    if not name:
        raise _error(element, f"A {etree.QName(element).localname} has no id", "Export the net again.")
    return str(name)


def _error(element: Any, what: str, fix: str) -> ModelError:
    return ModelError(f"{what} (line {element.sourceline}).", fix=fix, line=element.sourceline)
