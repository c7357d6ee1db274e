"""A procedure as a drawing: pools, lanes, shapes, flows and texts with their places in pixels.

BPMN files and pictures are written from the same drawing, so they always agree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from workbench.export.bpmn_graph import standardise
from workbench.export.facts import HOURS_A_DAY, ProcedureFacts
from workbench.export.inclusive import without_inclusive
from workbench.export.layout import Arc, Box, Item, Layout, Point, lay_out, text_width, wrap
from workbench.i18n import Language, format_number, format_percent, t
from workbench.mining.model import Bpmn, Flow, Node

ShapeKind = Literal["start", "end", "task", "send", "receive", "xor", "and", "or", "event", "timer", "overdue"]

TEXT, SMALL = 12.0, 11.0
"""Font sizes in pixels: steps and lanes; texts of events, gateways and flows. bpmn-js uses the same."""
_TASK_WIDTH, _NARROW_TASK, _WIDE_TASK, _TASK_HEIGHT = 160.0, 112.0, 240.0, 80.0
_MOST_LINES = 6
_INSET = 6.0
_HEADER = 30.0
_MARGIN = 24.0
_LEAST_LANE = 110.0
_EVENT, _GATE = 36.0, 50.0
_TOP, _LEFT = 80.0, 160.0
_BLACK_BOX, _BLACK_BOX_GAP = 60.0, 50.0


@dataclass(frozen=True, slots=True)
class Text:
    """Lines of text in a box."""

    lines: tuple[str, ...]
    box: Box


@dataclass(frozen=True, slots=True)
class Shape:
    """A node as drawn; `text` stands inside a step and outside everything else."""

    id: str
    kind: ShapeKind
    name: str
    box: Box
    text: Text | None = None
    host: str = ""
    """The step a timer is attached to."""


@dataclass(frozen=True, slots=True)
class Line:
    """A flow as drawn, from one shape (or the applicant's pool, the empty id) to another."""

    source: str
    target: str
    points: tuple[Point, ...]
    name: str = ""
    text: Text | None = None
    share: float | None = None
    message: bool = False
    arrow: bool = True
    """False where the way goes on in another part of a cut picture."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A unit's band and the ids of its shapes."""

    name: str
    box: Box
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything that is drawn of a procedure."""

    name: str
    pool: Box
    lanes: tuple[Lane, ...]
    shapes: tuple[Shape, ...]
    lines: tuple[Line, ...]
    applicant: Text | None
    """The applicant's pool, when steps send or receive messages."""
    bpmn: Bpmn
    """The graph that is drawn, in standard form."""
    cuts: tuple[float, ...]
    """x of the gaps where a wide picture may be cut."""
    layout: Layout


def draw_bpmn(
    bpmn: Bpmn,
    *,
    lanes: Mapping[str, str] | None = None,
    lane_order: Sequence[str] = (),
    name: str = "",
    language: Language = "vi",
    facts: ProcedureFacts | None = None,
    deadlines: bool = True,
    narrow: bool = False,
) -> Drawing:
    """The drawing of a procedure.

    `lanes` maps a step to its unit; steps without one stand in a lane that says so. Lanes stand in
    `lane_order`, the others below in the order in which the procedure reaches them. With `deadlines` a step
    whose limit is known carries a timer. `narrow` makes steps slim and tall, for pages of paper. Raises ModelError as `standardise` does.
    """
    graph = standardise(without_inclusive(standardise(bpmn)))
    known = facts or ProcedureFacts()
    names, place = _units(graph, lanes or {}, lane_order, language)
    nodes = {node.id: node for node in graph.nodes}
    splits = _splits(graph)
    measured = {
        n.id: _Measured.of(n, known, language, split=n.id in splits, deadlines=deadlines, narrow=narrow)
        for n in graph.nodes
    }
    items = [measured[n.id].item(n, place.get(n.id, 0)) for n in graph.nodes]
    texts = {k: _flow_text(f, nodes, splits, language) for k, f in enumerate(graph.flows)}
    arcs = [
        Arc(f.source, f.target, 0.5 if f.share is None else f.share, _size(texts[k])) for k, f in enumerate(graph.flows)
    ]
    heights = [max(_LEAST_LANE, text_width(unit, TEXT) / 2 * 1.25 + 24) for unit in names] or [_LEAST_LANE]
    layout = lay_out(items, arcs, lane_heights=heights)
    return _Frame(graph, layout, names, place, measured, name, language).drawing(texts)


# measuring ----------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Measured:
    """The size of a node and its texts before it has a place."""

    name: str
    kind: ShapeKind
    width: float
    height: float
    lines: tuple[str, ...]
    timer: str = ""
    """Text of the deadline, empty without one."""

    @classmethod
    def of(
        cls, node: Node, facts: ProcedureFacts, language: Language, *, split: bool, deadlines: bool, narrow: bool
    ) -> _Measured:
        if node.kind == "task":
            return cls._task(node, facts, language, deadlines=deadlines, narrow=narrow)
        name = node.label
        if not name and (node.kind in ("start", "end", "event") or split):
            name = t(language, f"export.bpmn.{node.kind}")
        size = _GATE if node.kind in ("xor", "and", "or") else _EVENT
        return cls(name, node.kind, size, size, wrap(name, 70 if narrow else 110, SMALL, max_lines=4))

    @classmethod
    def _task(
        cls, node: Node, facts: ProcedureFacts, language: Language, *, deadlines: bool, narrow: bool
    ) -> _Measured:
        known = facts.of(node.label)
        width = _NARROW_TASK if narrow else _TASK_WIDTH
        if len(wrap(node.label, width - 2 * _INSET, TEXT)) > _MOST_LINES:
            width = _WIDE_TASK
        lines = wrap(node.label, width - 2 * _INSET, TEXT)
        height = max(_TASK_HEIGHT, 2 * ((len(lines) * TEXT * 1.2 + 52) // 2))  # free of the mark in the corner
        timer = limit_text(known.limit_hours, language) if deadlines and known.limit_hours else ""
        return cls(node.label, known.message or "task", width, height, lines, timer)

    def item(self, node: Node, lane: int) -> Item:
        half = self.height / 2
        if node.kind == "task":
            below = half + (56.0 if self.timer else 0.0)
            return Item(node.id, self.width, half, below, self.width / 2, lane, strip=self.kind in ("send", "receive"))
        text = max((text_width(line, SMALL) for line in self.lines), default=0.0)
        room = len(self.lines) * SMALL * 1.2
        if node.kind in ("start", "end", "event"):
            return Item(node.id, max(self.width, text + 4), half, half + room + 4, half, lane)
        # a gateway's text stands left over it, clear of its corners
        width = max(self.width, 2 * text + 40) if self.lines else self.width
        return Item(node.id, width, half + max(0.0, room - 17), half, half, lane, corner=half)


def limit_text(hours: float | None, language: Language) -> str:
    """A limit in working days, or in working hours when it is shorter than half a day."""
    if hours is None:
        return ""
    if hours < HOURS_A_DAY / 2:
        return f"{format_number(hours, language)} {t(language, 'export.unit.hours')}"
    days = hours / HOURS_A_DAY
    digits = 0 if days == int(days) else 1 if days * 10 == int(days * 10) else 2
    return f"{format_number(days, language, digits)} {t(language, 'export.unit.days')}"


def _splits(graph: Bpmn) -> set[str]:
    """Exclusive and inclusive gateways with several flows out."""
    out: dict[str, int] = {}
    for flow in graph.flows:
        out[flow.source] = out.get(flow.source, 0) + 1
    return {n.id for n in graph.nodes if n.kind in ("xor", "or") and out.get(n.id, 0) > 1}


def _flow_text(flow: Flow, nodes: Mapping[str, Node], splits: set[str], language: Language) -> str:
    if flow.source not in splits or flow.share is None:
        return ""
    return format_percent(flow.share, language, 0 if flow.share in (0, 1) or flow.share >= 0.01 else 1)


def _size(text: str) -> tuple[float, float] | None:
    return (round(text_width(text, SMALL)) + 4.0, 14.0) if text else None


# lanes --------------------------------------------------------------------------------------------------
def _units(
    graph: Bpmn, lanes: Mapping[str, str], order: Sequence[str], language: Language
) -> tuple[list[str], dict[str, int]]:
    """Names of the lanes from the top, and the lane of every node."""
    if not lanes:
        return [], {}
    missing = t(language, "export.bpmn.no_unit")
    unit = {n.id: lanes.get(n.label) or missing for n in graph.nodes if n.kind == "task"}
    reached = _breadth_first(graph)
    names = [name for name in order if name in unit.values()]
    names += [unit[k] for k in reached if k in unit]
    names = list(dict.fromkeys(names))
    into: dict[str, list[str]] = {n.id: [] for n in graph.nodes}
    out: dict[str, list[str]] = {n.id: [] for n in graph.nodes}
    for flow in graph.flows:
        out[flow.source].append(flow.target)
        into[flow.target].append(flow.source)
    place = {}
    for node in graph.nodes:
        joins = len(into[node.id]) > 1 or node.kind == "start"
        near = unit.get(node.id) or _nearest(node.id, out if joins else into, unit)
        near = near or _nearest(node.id, into if joins else out, unit)
        place[node.id] = names.index(near) if near else 0
    return names, place


def _breadth_first(graph: Bpmn) -> list[str]:
    out: dict[str, list[str]] = {}
    for flow in graph.flows:
        out.setdefault(flow.source, []).append(flow.target)
    order = [n.id for n in graph.nodes if n.kind == "start"]
    seen = set(order)
    for node in order:
        for other in out.get(node, ()):
            if other not in seen:
                seen.add(other)
                order.append(other)
    return order + [n.id for n in graph.nodes if n.id not in seen]


def _nearest(node: str, onward: Mapping[str, list[str]], unit: Mapping[str, str]) -> str | None:
    ring, seen = [node], {node}
    while ring:
        ring = [other for here in ring for other in onward[here] if other not in seen]
        for other in ring:
            if other in unit:
                return unit[other]
        seen.update(ring)
    return None


# places -------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Frame:
    """Moves a layout into its pool and adds what belongs to the shapes."""

    graph: Bpmn
    layout: Layout
    names: list[str]
    place: Mapping[str, int]
    measured: Mapping[str, _Measured]
    name: str
    language: Language

    def drawing(self, texts: Mapping[int, str]) -> Drawing:
        speaks = [n.id for n in self.graph.nodes if self.measured[n.id].kind in ("send", "receive")]
        top = _TOP + (_BLACK_BOX + _BLACK_BOX_GAP if speaks else 0.0)
        dx = _LEFT + _HEADER * (2 if self.names else 1) + _MARGIN
        width = dx - _LEFT + self.layout.width + _MARGIN
        pool = Box(_LEFT, top, width, self.layout.height)
        shapes = [self._shape(n, dx, top) for n in self.graph.nodes]
        extra, lines = self._timers(shapes)
        flows = [self._line(k, texts[k], dx, top) for k in range(len(self.graph.flows))]
        applicant = None
        if speaks:
            words = t(self.language, "export.bpmn.applicant")
            applicant = Text((words,), Box(_LEFT, _TOP, width, _BLACK_BOX))
            flows += [self._message(shape, dx) for shape in shapes if shape.id in speaks]
        return Drawing(
            name=self.name or t(self.language, "export.bpmn.procedure"),
            pool=pool,
            lanes=self._lanes(pool, extra),
            shapes=tuple(shapes + extra),
            lines=tuple(flows + lines),
            applicant=applicant,
            bpmn=self.graph,
            cuts=tuple(x + dx for x in self.layout.cuts),
            layout=self.layout,
        )

    def _lanes(self, pool: Box, extra: Sequence[Shape]) -> tuple[Lane, ...]:
        out = []
        for k, unit in enumerate(self.names):
            band = self.layout.lanes[k]
            members = [n.id for n in self.graph.nodes if self.place[n.id] == k]
            members += [s.id for s in extra if self.place[s.host] == k]
            box = Box(pool.x + _HEADER, pool.y + band.y, pool.width - _HEADER, band.height)
            out.append(Lane(unit, box, tuple(members)))
        return tuple(out)

    def _shape(self, node: Node, dx: float, dy: float) -> Shape:
        size = self.measured[node.id]
        x, y = self.layout.centres[node.id]
        x, y = x + dx, y + dy
        box = Box(x - size.width / 2, y - size.height / 2, size.width, size.height)
        if not size.lines:
            return Shape(node.id, size.kind, size.name, box)
        if node.kind == "task":
            return Shape(node.id, size.kind, size.name, box, Text(size.lines, box))
        wide = max(text_width(line, SMALL) for line in size.lines) + 2
        room = len(size.lines) * SMALL * 1.2
        if node.kind in ("start", "end", "event"):
            at = Box(x - wide / 2, box.bottom + 3, wide, room)
        else:
            at = Box(x - 18 - wide, y - 7 - room, wide, room)
        return Shape(node.id, size.kind, size.name, box, Text(size.lines, at))

    def _timers(self, shapes: Sequence[Shape]) -> tuple[list[Shape], list[Line]]:
        """A timer on the lower edge of each step with a deadline, and where it leads."""
        extra: list[Shape] = []
        lines: list[Line] = []
        for shape in shapes:
            limit = self.measured[shape.id].timer
            if not limit:
                continue
            x, y = shape.box.x + 26, shape.box.bottom
            late = t(self.language, "export.bpmn.overdue")
            timer = Shape(
                f"{shape.id}_deadline",
                "timer",
                limit,
                Box(x - 18, y - 18, 36, 36),
                Text((limit,), Box(x + 21, y + 2, text_width(limit, SMALL) + 2, 14)),
                host=shape.id,
            )
            end_x, end_y = x + 60, y + 36
            end = Shape(
                f"{shape.id}_overdue",
                "overdue",
                late,
                Box(end_x - 18, end_y - 18, 36, 36),
                Text((late,), Box(end_x + 21, end_y - 7, text_width(late, SMALL) + 2, 14)),
                host=shape.id,
            )
            extra += [timer, end]
            way = ((x, y + 18), (x, end_y), (end_x - 18, end_y))
            lines.append(Line(timer.id, end.id, way))
        return extra, lines

    def _line(self, k: int, text: str, dx: float, dy: float) -> Line:
        flow, route = self.graph.flows[k], self.layout.routes[k]
        points = tuple((x + dx, y + dy) for x, y in route.points)
        at = None
        if text and route.label:
            at = Text((text,), Box(route.label.x + dx, route.label.y + dy, route.label.width, route.label.height))
        return Line(flow.source, flow.target, points, text, at, flow.share)

    def _message(self, shape: Shape, dx: float) -> Line:
        strip = self.layout.strips[shape.id] + dx
        x, y, low = shape.box.x + 20, shape.box.y, _TOP + _BLACK_BOX
        way = ((x, y), (x, y - 9), (strip, y - 9), (strip, low))
        if shape.kind == "receive":
            return Line("", shape.id, way[::-1], message=True)
        return Line(shape.id, "", way, message=True)
