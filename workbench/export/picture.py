"""A picture as plain marks, written as SVG or painted as PNG; no Graphviz, no browser."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal
from xml.sax.saxutils import escape, quoteattr

Point = tuple[float, float]

INK, LINE, ACCENT = "#1b2733", "#4a5a68", "#1f5f99"
SOFT, SHADE, BORDER, PAPER = "#eef4fa", "#f7f9fb", "#c9d3dc", "#ffffff"
GATE, GATE_LINE, ALERT = "#fffaf0", "#9a6b15", "#b3261e"

_FONTS = "'Liberation Sans', Arial, Helvetica, sans-serif"


@dataclass(frozen=True, slots=True)
class Path:
    """A line or an area with straight sides; `closed` joins the last point to the first."""

    points: tuple[Point, ...]
    stroke: str = LINE
    width: float = 1.4
    fill: str = ""
    closed: bool = False
    dash: bool = False
    arrow: bool = False
    """An arrow head at the last point."""
    radius: float = 0.0
    """How round its inner corners are."""


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle, with round corners if `radius` is above 0."""

    x: float
    y: float
    width: float
    height: float
    stroke: str = LINE
    line: float = 1.4
    fill: str = ""
    radius: float = 0.0


@dataclass(frozen=True, slots=True)
class Circle:
    """A circle by its centre."""

    x: float
    y: float
    r: float
    stroke: str = LINE
    line: float = 1.4
    fill: str = ""
    dash: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """One line of text; x and y are its baseline's anchor. `turned` runs it upwards."""

    x: float
    y: float
    text: str
    size: float = 12.0
    colour: str = INK
    anchor: Literal["start", "middle", "end"] = "middle"
    bold: bool = False
    turned: bool = False


Mark = Path | Rect | Circle | Words


@dataclass(frozen=True, slots=True)
class Picture:
    """Marks on a white sheet; `cuts` are the x where a wide picture may be cut."""

    width: float
    height: float
    marks: tuple[Mark, ...]
    title: str = ""
    cuts: tuple[float, ...] = ()
    frozen: float = 0.0
    """Width of the left part (lane names) that every part of a cut picture repeats."""


def svg(picture: Picture) -> bytes:
    """The picture as a self-contained SVG file."""
    w, h = f"{picture.width:g}", f"{picture.height:g}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}" viewBox="0 0 {w} {h}" '
        f'role="img" font-family={quoteattr(_FONTS)}>'
    ]
    if picture.title:
        parts.append(f"<title>{escape(picture.title)}</title>")
    parts.append(f'<rect width="{w}" height="{h}" fill="{PAPER}"/>')
    parts += [_svg(mark) for mark in picture.marks]
    return "\n".join([*parts, "</svg>\n"]).encode()


def _svg(mark: Mark) -> str:
    if isinstance(mark, Words):
        turn = f' transform="rotate(-90 {mark.x:g} {mark.y:g})"' if mark.turned else ""
        weight = ' font-weight="600"' if mark.bold else ""
        return (
            f'<text x="{mark.x:g}" y="{mark.y:g}" font-size="{mark.size:g}" fill="{mark.colour}" '
            f'text-anchor="{mark.anchor}"{weight}{turn}>{escape(mark.text)}</text>'
        )
    look = f'stroke="{mark.stroke}"' if mark.stroke else 'stroke="none"'
    look += f' fill="{mark.fill or "none"}"'
    if isinstance(mark, Rect):
        return (
            f'<rect x="{mark.x:g}" y="{mark.y:g}" width="{mark.width:g}" height="{mark.height:g}" '
            f'rx="{mark.radius:g}" stroke-width="{mark.line:g}" {look}/>'
        )
    dash = ' stroke-dasharray="5 4"' if mark.dash else ""
    if isinstance(mark, Circle):
        return f'<circle cx="{mark.x:g}" cy="{mark.y:g}" r="{mark.r:g}" stroke-width="{mark.line:g}" {look}{dash}/>'
    out = f'<path d="{_d(mark)}" stroke-width="{mark.width:g}" stroke-linejoin="round" {look}{dash}/>'
    if mark.arrow:
        corners = " ".join(f"{x:g},{y:g}" for x, y in arrow_head(mark))
        out += f'<polygon points="{corners}" fill="{mark.stroke}"/>'
    return out


def _d(path: Path) -> str:
    points = path.points
    parts = [f"M{points[0][0]:g} {points[0][1]:g}"]
    for k, (x, y) in enumerate(points[1:], 1):
        if path.radius and k < len(points) - 1:
            (ax, ay), (bx, by) = (
                _towards((x, y), points[k - 1], path.radius),
                _towards((x, y), points[k + 1], path.radius),
            )
            parts.append(f"L{ax:g} {ay:g}Q{x:g} {y:g} {bx:g} {by:g}")
        else:
            parts.append(f"L{x:g} {y:g}")
    return "".join(parts) + ("Z" if path.closed else "")


def _towards(corner: Point, other: Point, far: float) -> Point:
    """The point `far` from a corner, at most half way to the other."""
    dx, dy = other[0] - corner[0], other[1] - corner[1]
    length = (dx * dx + dy * dy) ** 0.5 or 1.0
    share = min(far, length / 2) / length
    return round(corner[0] + dx * share, 2), round(corner[1] + dy * share, 2)


def rounded(path: Path) -> tuple[Point, ...]:
    """The points of a path with its corners as short chords, for painters without curves."""
    if not path.radius:
        return path.points
    out: list[Point] = [path.points[0]]
    for k in range(1, len(path.points) - 1):
        here = path.points[k]
        a, b = _towards(here, path.points[k - 1], path.radius), _towards(here, path.points[k + 1], path.radius)
        for step in range(5):
            u = step / 4
            out.append(tuple((1 - u) ** 2 * a[i] + 2 * u * (1 - u) * here[i] + u * u * b[i] for i in (0, 1)))  # type: ignore[arg-type]
    return (*out, path.points[-1])


def arrow_head(path: Path) -> tuple[Point, Point, Point]:
    """The three corners of the arrow head at the end of a path."""
    (x1, y1), (x2, y2) = path.points[-2:]
    length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5 or 1.0
    ux, uy = (x2 - x1) / length, (y2 - y1) / length
    back, wide = 8.0 + path.width, 3.4 + path.width * 0.6
    bx, by = x2 - ux * back, y2 - uy * back
    corners = ((x2, y2), (bx - uy * wide, by + ux * wide), (bx + uy * wide, by - ux * wide))
    return tuple((round(x, 2), round(y, 2)) for x, y in corners)  # type: ignore[return-value]


def parts_of(picture: Picture, width: float) -> list[Picture]:
    """A wide picture in parts no wider than `width`, cut between columns; each repeats its left part.

    A picture that is narrow enough, or that cannot be cut, comes back whole.
    """
    if picture.width <= width or not picture.cuts:
        return [picture]
    return [_slice(picture, *ends) for ends in windows(picture, width)]


def windows(picture: Picture, width: float) -> list[tuple[float, float]]:
    """Left and right ends of the parts a picture is cut into: as few as fit, about equally wide."""
    room = width - picture.frozen
    edges = _edges(picture, room)
    fewest = len(edges)
    low, high = 0.0, room
    while high - low > 4:  # the narrowest room that needs no more parts
        middle = (low + high) / 2
        trial = _edges(picture, middle)
        if len(trial) == fewest:
            edges, high = trial, middle
        else:
            low = middle
    return list(pairwise(edges))


def _edges(picture: Picture, room: float) -> list[float]:
    edges = [picture.frozen]
    last = edges[0]
    for cut, following in zip(picture.cuts, [*picture.cuts[1:], picture.width], strict=True):
        if following - edges[-1] > room and cut > last:
            edges.append(cut)
            last = cut
    return [*edges, picture.width]


def _slice(picture: Picture, left: float, right: float) -> Picture:
    shift = left - picture.frozen
    kept = [mark for mark in picture.marks if _extent(mark)[1] <= picture.frozen]
    moved = [_clipped(mark, left, right, shift) for mark in picture.marks if _extent(mark)[1] > picture.frozen]
    marks = tuple([m for m in moved if m is not None] + kept)
    return Picture(right - shift, picture.height, marks, picture.title, (), picture.frozen)


def _extent(mark: Mark) -> tuple[float, float]:
    if isinstance(mark, Path):
        xs = [x for x, _ in mark.points]
        return min(xs), max(xs)
    if isinstance(mark, Rect):
        return mark.x, mark.x + mark.width
    if isinstance(mark, Circle):
        return mark.x - mark.r, mark.x + mark.r
    return mark.x, mark.x


def _clipped(mark: Mark, left: float, right: float, shift: float) -> Mark | None:
    """A mark moved into its part; wide bands and lines are cut at its sides, other marks belong to one part."""
    low, high = _extent(mark)
    out: Mark | None = None
    if high < left or low > right:
        return None
    if isinstance(mark, Rect) and high - low > (right - left) / 2 and (low < left or high > right):
        begin = low if low < left - shift else max(low, left) - shift
        out = replace(mark, x=begin, width=min(high, right) - shift - begin)
    elif isinstance(mark, Path) and not mark.closed:
        out = clipped_path(mark, left, right, shift)
    elif left <= (low + high) / 2 < right:
        if isinstance(mark, Path):
            out = replace(mark, points=tuple((x - shift, y) for x, y in mark.points))
        else:
            out = replace(mark, x=mark.x - shift)
    return out


def clipped_path(path: Path, left: float, right: float, shift: float) -> Path | None:
    """The stretch of an open path inside a part, moved left by `shift`; None when there is none."""
    points = _cut_line(path.points, left, right)
    if len(points) < 2:
        return None
    ends_here = points[-1] == path.points[-1]
    return replace(path, points=tuple((x - shift, y) for x, y in points), arrow=path.arrow and ends_here)


def _cut_line(points: tuple[Point, ...], left: float, right: float) -> list[Point]:
    """The stretch of a right-angled line inside a part; what leaves and comes back is drawn as one."""
    out: list[Point] = []
    for (x1, y1), (x2, y2) in itertools.pairwise(points):
        a, b = min(max(x1, left), right), min(max(x2, left), right)
        inside = left <= max(x1, x2) and min(x1, x2) <= right
        if inside and (a != b or (x1 == x2 and left <= x1 <= right)):
            out += [(a, y1), (b, y2)]
    return [p for k, p in enumerate(out) if k == 0 or p != out[k - 1]]


def words_in(lines: Iterable[str], box: tuple[float, float, float, float], size: float, **look: object) -> list[Words]:
    """Lines of text centred in a box (x, y, width, height)."""
    every = list(lines)
    x, y, width, height = box
    step = size * 1.2
    first = y + height / 2 - step * len(every) / 2 + size * 0.95
    return [Words(x + width / 2, first + k * step, line, size, **look) for k, line in enumerate(every)]  # type: ignore[arg-type]
