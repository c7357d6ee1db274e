"""BPMN 2.0 files of a procedure: valid by the standard's schema, with lanes, layout and what is known of the steps."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree

from workbench.errors import ModelError
from workbench.export.bpmn_drawing import Drawing, Shape, draw_bpmn, limit_text
from workbench.export.bpmn_graph import standardise
from workbench.export.facts import ProcedureFacts, Statement, StepFacts
from workbench.export.inclusive import without_inclusive
from workbench.export.layout import Box
from workbench.i18n import Language, format_percent, t
from workbench.mining.model import Bpmn
from workbench.mining.pm4py_door import prove_soundness, to_petri

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
_DI_BPMN = "http://www.omg.org/spec/BPMN/20100524/DI"
_DC = "http://www.omg.org/spec/DD/20100524/DC"
_DI = "http://www.omg.org/spec/DD/20100524/DI"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
FACTS = "urn:workbench:procedure:1"
"""Namespace of the extension elements: limits, legal basis, statistics, variation points."""
_NAMES = {"bpmn": MODEL, "bpmndi": _DI_BPMN, "dc": _DC, "di": _DI, "xsi": _XSI, "wb": FACTS}

_TAGS = {
    "start": "startEvent",
    "end": "endEvent",
    "task": "userTask",
    "send": "sendTask",
    "receive": "receiveTask",
    "xor": "exclusiveGateway",
    "and": "parallelGateway",
    "or": "inclusiveGateway",
    "event": "intermediateThrowEvent",
    "timer": "boundaryEvent",
    "overdue": "endEvent",
}
_PREFIX = {"task": "Task", "send": "Task", "receive": "Task", "xor": "Gateway", "and": "Gateway", "or": "Gateway"}


def write_bpmn(
    bpmn: Bpmn,
    path: Path | str,
    *,
    lanes: Mapping[str, str] | None = None,
    lane_order: Sequence[str] = (),
    name: str = "",
    language: Language = "vi",
    facts: ProcedureFacts | None = None,
    deadlines: bool = True,
    executable: bool = False,
) -> Path:
    """Write a procedure as a BPMN 2.0 file with layout; the path written.

    `lanes` maps steps to units, `lane_order` names units from the top. `facts` become documentation,
    extension elements, timers of steps with a limit (unless `deadlines` is False) and messages to and from
    the applicant. Shares of the flows become their names.

    An `executable` file carries a condition on every flow out of a choice: the process variable named after
    the gateway chooses the flow by its id; the flow taken most often is the default.
    Raises ModelError when a node is not on a way from start to end, or an executable model is proved unsound.
    """
    if executable:
        _refuse_unsound(bpmn)
    drawing = draw_bpmn(
        bpmn, lanes=lanes, lane_order=lane_order, name=name, language=language, facts=facts, deadlines=deadlines
    )
    target = Path(path)
    target.write_bytes(bpmn_bytes(drawing, language=language, facts=facts, executable=executable))
    return target


def _refuse_unsound(bpmn: Bpmn) -> None:
    """An engine would stop in the middle of a model that can deadlock."""
    plain = without_inclusive(standardise(bpmn))
    if any(node.kind == "or" for node in plain.nodes):
        return  # not decided by the net: an inclusive join waits for what can still come
    if prove_soundness(to_petri(plain)).sound is False:
        raise ModelError(
            "The model is not sound: some of its runs stop before the end.",
            fix="Export it without execution, or repair its gateways first.",
        )


def bpmn_bytes(
    drawing: Drawing, *, language: Language = "vi", facts: ProcedureFacts | None = None, executable: bool = False
) -> bytes:
    """A drawing as the bytes of a BPMN 2.0 file."""
    root = _File(drawing, language, facts or ProcedureFacts(), executable).build()
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


@dataclass
class _File:
    drawing: Drawing
    language: Language
    facts: ProcedureFacts
    executable: bool
    ids: dict[str, str] = field(default_factory=dict)
    flow_ids: list[str] = field(default_factory=list)

    def build(self) -> Any:
        self._name_all()
        root = etree.Element(_q("definitions"), nsmap=_NAMES)
        root.set("id", "Definitions_1")
        root.set("targetNamespace", FACTS)
        root.set("exporter", "workbench")
        self._collaboration(root)
        self._process(root)
        self._diagram(root)
        return root

    def _name_all(self) -> None:
        taken: set[str] = set()
        for shape in self.drawing.shapes:
            wanted = f"{_PREFIX.get(shape.kind, 'Event')}_{_ncname(shape.id)}"
            self.ids[shape.id] = _unique(wanted, taken)
        for line in self.drawing.lines:
            kind = "Message" if line.message else "Flow"
            ends = f"{_ncname(line.source) or 'applicant'}_{_ncname(line.target) or 'applicant'}"
            self.flow_ids.append(_unique(f"{kind}_{ends}", taken))

    # meaning --------------------------------------------------------------------------------------------
    def _collaboration(self, root: Any) -> None:
        drawing = self.drawing
        box = _sub(root, "collaboration", id="Collaboration_1")
        _sub(box, "participant", id="Participant_1", name=_xml(drawing.name), processRef="Process_1")
        if drawing.applicant:
            _sub(box, "participant", id="Participant_applicant", name=" ".join(drawing.applicant.lines))
        for line, name in zip(drawing.lines, self.flow_ids, strict=True):
            if line.message:
                source = self.ids.get(line.source, "Participant_applicant")
                target = self.ids.get(line.target, "Participant_applicant")
                _sub(box, "messageFlow", id=name, sourceRef=source, targetRef=target)

    def _process(self, root: Any) -> None:
        drawing = self.drawing
        process = _sub(root, "process", id="Process_1", name=_xml(drawing.name))
        process.set("isExecutable", "true" if self.executable else "false")
        if self.facts.description:
            _sub(process, "documentation", text=self.facts.description)
        self._procedure_facts(process)
        if drawing.lanes:
            lanes = _sub(process, "laneSet", id="LaneSet_1")
            for k, lane in enumerate(drawing.lanes):
                element = _sub(lanes, "lane", id=f"Lane_{k + 1}", name=_xml(lane.name))
                for member in lane.members:
                    _sub(element, "flowNodeRef", text=self.ids[member])
        for shape in drawing.shapes:
            self._node(process, shape)
        for k, line in enumerate(drawing.lines):
            if not line.message:
                self._flow(process, k)

    def _node(self, process: Any, shape: Shape) -> None:
        element = _sub(process, _TAGS[shape.kind], id=self.ids[shape.id])
        if shape.name:
            element.set("name", _xml(shape.name))
        if shape.kind in ("task", "send", "receive"):
            self._step_facts(element, self.facts.of(shape.name))
        into = [n for n, line in self._sequence() if line.target == shape.id]
        out = [n for n, line in self._sequence() if line.source == shape.id]
        for name in into:
            _sub(element, "incoming", text=name)
        for name in out:
            _sub(element, "outgoing", text=name)
        if shape.kind in ("xor", "and", "or"):
            element.set("gatewayDirection", "Diverging" if len(out) > 1 else "Converging")
        if self.executable and shape.kind in ("xor", "or") and len(out) > 1:
            element.set("default", self._default(shape.id))
        if shape.kind == "timer":
            element.set("attachedToRef", self.ids[shape.host])
            element.set("cancelActivity", "false")
            timer = _sub(element, "timerEventDefinition", id=f"{self.ids[shape.id]}_timer")
            duration = _sub(timer, "timeDuration", text=_iso(self._host_limit(shape)))
            duration.set(f"{{{_XSI}}}type", "bpmn:tFormalExpression")

    def _host_limit(self, shape: Shape) -> float:
        host = next(s for s in self.drawing.shapes if s.id == shape.host)
        return self.facts.of(host.name).limit_hours or 0.0

    def _sequence(self) -> list[tuple[str, Any]]:
        return [(n, line) for n, line in zip(self.flow_ids, self.drawing.lines, strict=True) if not line.message]

    def _flow(self, process: Any, k: int) -> None:
        line, name = self.drawing.lines[k], self.flow_ids[k]
        element = _sub(process, "sequenceFlow", id=name)
        source = next(s for s in self.drawing.shapes if s.id == line.source)
        text = line.name
        choice = source.kind in ("xor", "or") and sum(f.source == line.source for _, f in self._sequence()) > 1
        if choice and self.executable and not text:
            text = self._next_step(line.target)
        if text:
            element.set("name", _xml(text))
        element.set("sourceRef", self.ids[line.source])
        element.set("targetRef", self.ids[line.target])
        if choice and line.share is not None:
            share = format_percent(line.share, self.language)
            _sub(element, "documentation", text=t(self.language, "export.bpmn.share", share=share))
            extension = _sub(element, "extensionElements")
            _fact(extension, "observed", share=f"{line.share:.6g}")
        if choice and self.executable and name != self._default(line.source):
            variable = self.ids[line.source]
            test = f'{variable} == "{name}"' if source.kind == "xor" else f'"{name}" in {variable}'
            condition = _sub(element, "conditionExpression", text=test)
            condition.set(f"{{{_XSI}}}type", "bpmn:tFormalExpression")

    def _default(self, gateway: str) -> str:
        out = [(n, line) for n, line in self._sequence() if line.source == gateway]
        return max(out, key=lambda pair: pair[1].share or 0.0)[0]

    def _next_step(self, node: str) -> str:
        """Name of the first step or event met from `node` on."""
        seen: set[str] = set()
        ring = [node]
        named = {s.id: s.name for s in self.drawing.shapes if s.kind not in ("xor", "and", "or")}
        while ring:
            for here in ring:
                if here in named:
                    return named[here]
            seen.update(ring)
            ring = [f.target for _, f in self._sequence() if f.source in ring and f.target not in seen]
        return node

    # facts ----------------------------------------------------------------------------------------------
    def _procedure_facts(self, process: Any) -> None:
        known = self.facts
        if not (known.code or known.limit_hours or known.legal_basis or known.statistics):
            return
        extension = _sub(process, "extensionElements")
        facts = _fact(extension, "procedure")
        if known.code:
            facts.set("code", _xml(known.code))
        if known.limit_hours is not None:
            facts.set("limitWorkingHours", f"{known.limit_hours:g}")
        self._common(facts, known.legal_basis, known.statistics)

    def _step_facts(self, element: Any, known: StepFacts) -> None:
        parts = [known.description] if known.description else []
        if known.limit_hours:
            limit = limit_text(known.limit_hours, self.language)
            parts.append(t(self.language, "export.bpmn.limit", limit=limit))
        parts += [self._cited(s) for s in known.legal_basis]
        if parts:
            _sub(element, "documentation", text="\n".join(parts))
        if not (known.limit_hours or known.form or known.legal_basis or known.statistics or known.options):
            return
        facts = _fact(_sub(element, "extensionElements"), "step")
        if known.limit_hours is not None:
            facts.set("limitWorkingHours", f"{known.limit_hours:g}")
        if known.form:
            facts.set("form", _xml(known.form))
        self._common(facts, known.legal_basis, known.statistics)
        if known.options:
            point = _fact(facts, "variationPoint")
            for option in known.options:
                entry = _fact(point, "option", organisations=" ".join(option.organisations), reason=option.reason)
                entry.text = _xml(option.text)

    def _cited(self, statement: Statement) -> str:
        mark = "" if statement.verified else f" [{t(self.language, 'export.bpmn.unverified')}]"
        return f"{statement.text}{mark}"

    def _common(
        self, facts: Any, basis: Sequence[Statement], statistics: Mapping[str, float | int | str | None]
    ) -> None:
        for statement in basis:
            entry = _fact(facts, "legalBasis", source=statement.source)
            entry.set("verified", "true" if statement.verified else "false")
            entry.text = _xml(statement.text)
        for name, value in statistics.items():
            if value is not None:
                _fact(facts, "statistic", name=name, value=f"{value:.12g}" if isinstance(value, float) else str(value))

    # places ---------------------------------------------------------------------------------------------
    def _diagram(self, root: Any) -> None:
        drawing = self.drawing
        diagram = etree.SubElement(root, f"{{{_DI_BPMN}}}BPMNDiagram", id="Diagram_1")
        plane = etree.SubElement(diagram, f"{{{_DI_BPMN}}}BPMNPlane", id="Plane_1", bpmnElement="Collaboration_1")
        _shape(plane, "Participant_1", drawing.pool, isHorizontal="true")
        if drawing.applicant:
            _shape(plane, "Participant_applicant", drawing.applicant.box, isHorizontal="true")
        for k, lane in enumerate(drawing.lanes):
            _shape(plane, f"Lane_{k + 1}", lane.box, isHorizontal="true")
        for shape in drawing.shapes:
            more = {"isMarkerVisible": "true"} if shape.kind == "xor" else {}
            element = _shape(plane, self.ids[shape.id], shape.box, **more)
            if shape.text and shape.kind not in ("task", "send", "receive"):
                _label(element, shape.text.box)
        for line, name in zip(drawing.lines, self.flow_ids, strict=True):
            edge = etree.SubElement(plane, f"{{{_DI_BPMN}}}BPMNEdge", id=f"{name}_di", bpmnElement=name)
            for x, y in line.points:
                etree.SubElement(edge, f"{{{_DI}}}waypoint", x=f"{x:g}", y=f"{y:g}")
            if line.text:
                _label(edge, line.text.box)


def _q(tag: str) -> str:
    return f"{{{MODEL}}}{tag}"


def _sub(parent: Any, tag: str, *, text: str | None = None, **attributes: str) -> Any:
    element = etree.SubElement(parent, _q(tag), **attributes)
    if text is not None:
        element.text = _xml(text)
    return element


def _fact(parent: Any, tag: str, **attributes: str) -> Any:
    kept = {key: _xml(value) for key, value in attributes.items() if value}
    return etree.SubElement(parent, f"{{{FACTS}}}{tag}", **kept)


def _shape(plane: Any, name: str, box: Box, **more: str) -> Any:
    element = etree.SubElement(plane, f"{{{_DI_BPMN}}}BPMNShape", id=f"{name}_di", bpmnElement=name, **more)
    _bounds(element, box)
    return element


def _label(parent: Any, box: Box) -> None:
    _bounds(etree.SubElement(parent, f"{{{_DI_BPMN}}}BPMNLabel"), box)


def _bounds(parent: Any, box: Box) -> None:
    sizes = {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
    etree.SubElement(parent, f"{{{_DC}}}Bounds", **{k: f"{v:.7g}" for k, v in sizes.items()})


def _iso(hours: float) -> str:
    """Working hours as an ISO 8601 duration in hours and minutes."""
    minutes = round(hours * 60)
    return f"PT{minutes // 60}H" + (f"{minutes % 60}M" if minutes % 60 else "")


def _ncname(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("đ", "d").replace("Đ", "D"))
    return re.sub(r"[^A-Za-z0-9_.-]", "", re.sub(r"\s+", "_", plain))[:80]


def _unique(wanted: str, taken: set[str]) -> str:
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}_{number}", number + 1
    taken.add(name)
    return name


def _xml(text: str) -> str:
    """`text` without the control characters XML forbids."""
    return "".join(c for c in text if c in "\t\n\r" or (ord(c) >= 32 and not 0xD800 <= ord(c) <= 0xDFFF
                                                       and ord(c) not in (0xFFFE, 0xFFFF)))  # fmt: skip
