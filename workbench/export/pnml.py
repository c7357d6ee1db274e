"""PNML files of accepting Petri nets."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from lxml import etree

from workbench.errors import ModelError
from workbench.mining.model import PetriNet

NAMESPACE = "http://www.pnml.org/version-2009/grammar/pnml"
_TYPE = "http://www.pnml.org/version-2009/grammar/pnmlcoremodel"


def write_pnml(net: PetriNet, path: Path | str, *, name: str = "net") -> Path:
    """Write a net as PNML with its initial and final marking; the path written."""
    target = Path(path)
    target.write_bytes(pnml_bytes(net, name=name))
    return target


def pnml_bytes(net: PetriNet, *, name: str = "net") -> bytes:
    """A net as the bytes of a PNML file.

    Silent transitions are marked the way ProM and pm4py mark them; several arcs between the same two nodes
    become one with a weight. Raises ModelError when the net has no initial or no final marking.
    """
    for marking, which in ((net.initial, "initial"), (net.final, "final")):
        if not marking:
            raise ModelError(f"The net has no {which} marking.", fix=f"Give the net its {which} marking.")
    root = etree.Element("pnml", nsmap={None: NAMESPACE})
    tree = _sub(root, "net", id="net1", type=_TYPE)
    _text(_sub(tree, "name"), name)
    page = _sub(tree, "page", id="page1")
    initial = dict(net.initial)
    for place in net.places:
        element = _sub(page, "place", id=place)
        _text(_sub(element, "name"), place)
        if initial.get(place):
            _text(_sub(element, "initialMarking"), str(initial[place]))
    for transition in net.transitions:
        element = _sub(page, "transition", id=transition.id)
        _text(_sub(element, "name"), transition.label if transition.label is not None else transition.id)
        if transition.label is None:
            _sub(element, "toolspecific", tool="ProM", version="6.4", activity="$invisible$", localNodeID=transition.id)
    for number, ((source, target), weight) in enumerate(Counter(net.arcs).items(), 1):
        arc = _sub(page, "arc", id=f"arc{number}", source=source, target=target)
        if weight > 1:
            _text(_sub(arc, "inscription"), str(weight))
    marking = _sub(_sub(tree, "finalmarkings"), "marking")
    for place, tokens in net.final:
        _text(_sub(marking, "place", idref=place), str(tokens))
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _sub(parent: Any, tag: str, **attributes: str) -> Any:
    return etree.SubElement(parent, tag, **attributes)


def _text(parent: Any, text: str) -> None:
    _sub(parent, "text").text = text
