"""A procedure's drawing as a picture for documents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from workbench.export import picture as p
from workbench.export.bpmn_drawing import SMALL, TEXT, Drawing, Lane, Line, Shape, Text
from workbench.export.layout import Box, wrap

_EDGE = 12.0
_SIGN = {"xor": "×", "and": "+", "or": "○"}


def procedure_picture(drawing: Drawing) -> p.Picture:
    """The drawing as a picture, with the pool and its lanes."""
    marks = [*_pools(drawing)]
    for line in drawing.lines:
        marks.append(_line(line))
    for shape in drawing.shapes:
        marks += _shape(shape)
    for line in drawing.lines:
        if line.text:
            marks += _small(line.text.lines, line.text.box)
    top = drawing.applicant.box.y if drawing.applicant else drawing.pool.y
    dx, dy = _EDGE - drawing.pool.x, _EDGE - top
    frozen = _EDGE + (60.0 if drawing.lanes else 30.0)
    return p.Picture(
        drawing.pool.width + 2 * _EDGE,
        drawing.pool.bottom - top + 2 * _EDGE,
        tuple(_moved(mark, dx, dy) for mark in marks),
        drawing.name,
        tuple(x + dx for x in drawing.cuts),
        frozen,
    )


def procedure_parts(drawing: Drawing, width: float) -> list[p.Picture]:
    """The drawing in parts no wider than `width`; each shows only the lanes it needs."""
    whole = procedure_picture(drawing)
    if whole.width <= width:
        return [whole]
    shift = _EDGE - drawing.pool.x
    return [procedure_picture(_part(drawing, a - shift, b - shift)) for a, b in p.windows(whole, width - _EDGE)]


def _part(drawing: Drawing, left: float, right: float) -> Drawing:
    """What stands between two x, moved beside the lane names, idle lanes left out."""
    names = 60.0 if drawing.lanes else 30.0
    dx = drawing.pool.x + names - left
    shapes = [s for s in drawing.shapes if left <= s.box.centre[0] < right]
    here = {s.id for s in shapes}
    ways = [(line, p.clipped_path(p.Path(line.points, arrow=True), left, right, 0.0)) for line in drawing.lines]
    lines = [(line, way) for line, way in ways if way is not None]
    kept = [lane for lane in drawing.lanes if here & set(lane.members) or any(_runs(w, lane.box) for _, w in lines)]
    applicant = drawing.applicant if any(line.message for line, _ in lines) else None
    dropped = [lane.box for lane in drawing.lanes if lane not in kept]
    if drawing.applicant and not applicant:
        top = drawing.applicant.box.y
        dropped.append(Box(0, top, 0, drawing.pool.y - top))
    moves = _Moves(dx, right + dx, tuple(dropped))
    return replace(
        drawing,
        pool=moves.band(drawing.pool),
        lanes=tuple(replace(lane, box=moves.band(lane.box)) for lane in kept),
        shapes=tuple(replace(s, box=moves.box(s.box), text=moves.text(s.text)) for s in shapes),
        lines=tuple(
            replace(
                line,
                points=tuple((x + dx, moves.y(y)) for x, y in way.points),
                text=moves.text(line.text) if line.text and left <= line.text.box.centre[0] < right else None,
                arrow=way.arrow,
            )
            for line, way in lines
        ),
        applicant=Text(applicant.lines, moves.band(applicant.box)) if applicant else None,
        cuts=(),
    )


@dataclass(frozen=True, slots=True)
class _Moves:
    """Where things of a drawing come to stand in a part of it."""

    dx: float
    right: float
    """Where the lanes end."""
    dropped: tuple[Box, ...]
    """Bands that are left out; what is below them moves up."""

    def y(self, y: float) -> float:
        return y - sum(min(max(y - box.y, 0.0), box.height) for box in self.dropped)

    def box(self, box: Box) -> Box:
        centre = box.centre[1]
        return Box(box.x + self.dx, box.y + self.y(centre) - centre, box.width, box.height)

    def text(self, text: Text | None) -> Text | None:
        return Text(text.lines, self.box(text.box)) if text else None

    def band(self, box: Box) -> Box:
        return Box(box.x, self.y(box.y), self.right - box.x, self.y(box.bottom) - self.y(box.y))


def _runs(way: p.Path, box: Box) -> bool:
    """Whether a way turns or runs level inside a band, not only straight through it."""
    return any(box.y <= y <= box.bottom for (_, y), (_, other) in pairwise(way.points) if y == other)


def _moved(mark: p.Mark, dx: float, dy: float) -> p.Mark:
    if isinstance(mark, p.Path):
        return replace(mark, points=tuple((round(x + dx, 2), round(y + dy, 2)) for x, y in mark.points))
    return replace(mark, x=round(mark.x + dx, 2), y=round(mark.y + dy, 2))


def _rect(box: Box, **look: object) -> p.Rect:
    return p.Rect(box.x, box.y, box.width, box.height, **look)  # type: ignore[arg-type]


def _pools(drawing: Drawing) -> Iterator[p.Mark]:
    if drawing.applicant:
        box = drawing.applicant.box
        yield _rect(box, stroke=p.BORDER, fill=p.SHADE)
        yield p.Words(
            box.x + 72, box.y + box.height / 2 + 4, drawing.applicant.lines[0], TEXT, anchor="start", bold=True
        )
    for k, lane in enumerate(drawing.lanes):
        yield from _lane(lane, shaded=k % 2 == 1)
    yield _rect(drawing.pool, stroke=p.BORDER)
    header = Box(drawing.pool.x, drawing.pool.y, 30.0, drawing.pool.height)
    yield _rect(header, stroke=p.BORDER, fill=p.SOFT)
    yield from _turned(drawing.name, header, bold=True)


def _lane(lane: Lane, *, shaded: bool) -> Iterator[p.Mark]:
    yield _rect(lane.box, stroke=p.BORDER, fill=p.SHADE if shaded else p.PAPER)
    header = Box(lane.box.x, lane.box.y, 30.0, lane.box.height)
    yield _rect(header, stroke=p.BORDER, fill=p.PAPER)
    yield from _turned(lane.name, header)


def _turned(text: str, box: Box, *, bold: bool = False) -> Iterator[p.Mark]:
    lines = wrap(text, box.height - 10, TEXT, max_lines=2)
    step = TEXT * 1.15
    x = box.x + box.width / 2 - step * len(lines) / 2 + TEXT * 0.95
    for k, line in enumerate(lines):
        yield p.Words(x + k * step, box.y + box.height / 2, line, TEXT, bold=bold, turned=True)


def _line(line: Line) -> p.Path:
    return p.Path(line.points, arrow=line.arrow, dash=line.message, radius=6.0, width=1.2 if line.message else 1.4)


def _shape(shape: Shape) -> Iterator[p.Mark]:
    x, y = shape.box.centre
    if shape.kind in ("task", "send", "receive"):
        yield _rect(shape.box, stroke=p.ACCENT, fill=p.SOFT, radius=8.0)
        if shape.kind != "task":
            yield from _envelope(shape.box.x + 8, shape.box.y + 8, filled=shape.kind == "send")
        if shape.text:
            box = shape.box
            yield from p.words_in(shape.text.lines, (box.x, box.y, box.width, box.height), TEXT)
        return
    if shape.kind in _SIGN:
        corners = ((shape.box.x, y), (x, shape.box.y), (shape.box.right, y), (x, shape.box.bottom))
        yield p.Path(corners, stroke=p.GATE_LINE, fill=p.GATE, closed=True)
        yield from _sign(shape.kind, x, y)
    elif shape.kind == "timer":
        yield from _clock(x, y)
    else:
        heavy = shape.kind in ("end", "overdue")
        colour = p.ALERT if shape.kind == "overdue" else p.ACCENT
        yield p.Circle(x, y, 16.5, stroke=colour, line=3.4 if heavy else 1.6, fill=p.PAPER)
        if shape.kind == "event":
            yield p.Circle(x, y, 13.0, stroke=colour, line=1.2)
    if shape.text:
        yield from _small(shape.text.lines, shape.text.box)


def _small(lines: tuple[str, ...], box: Box) -> list[p.Words]:
    return p.words_in(lines, (box.x, box.y, box.width, box.height), SMALL, colour=p.LINE)


def _sign(kind: str, x: float, y: float) -> Iterator[p.Mark]:
    look = {"stroke": p.GATE_LINE, "width": 3.0}
    if kind == "or":
        yield p.Circle(x, y, 10, stroke=p.GATE_LINE, line=3.0)
    elif kind == "xor":
        yield p.Path(((x - 8, y - 8), (x + 8, y + 8)), **look)  # type: ignore[arg-type]
        yield p.Path(((x - 8, y + 8), (x + 8, y - 8)), **look)  # type: ignore[arg-type]
    else:
        yield p.Path(((x - 12, y), (x + 12, y)), **look)  # type: ignore[arg-type]
        yield p.Path(((x, y - 12), (x, y + 12)), **look)  # type: ignore[arg-type]


def _clock(x: float, y: float) -> Iterator[p.Mark]:
    yield p.Circle(x, y, 17, stroke=p.GATE_LINE, line=1.3, fill=p.PAPER)
    yield p.Circle(x, y, 13.5, stroke=p.GATE_LINE, line=1.1)
    yield p.Path(((x, y - 9), (x, y), (x + 6, y + 3)), stroke=p.GATE_LINE, width=1.6)


def _envelope(x: float, y: float, *, filled: bool) -> Iterator[p.Mark]:
    fill, line = (p.ACCENT, p.PAPER) if filled else (p.PAPER, p.ACCENT)
    yield p.Rect(x, y, 17, 12, stroke=p.ACCENT, line=1.1, fill=fill)
    yield p.Path(((x, y), (x + 8.5, y + 6.5), (x + 17, y)), stroke=line, width=1.1)
