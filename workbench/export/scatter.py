"""Points over two measures, for documents."""

from __future__ import annotations

import math
from collections.abc import Sequence

from workbench.export import picture as p
from workbench.export.layout import wrap
from workbench.i18n import Language, format_number

_LEFT, _TOP, _WIDE, _HIGH, _EDGE = 56.0, 30.0, 470.0, 280.0, 14.0
_NAMES, _NAME = _LEFT + _WIDE + 28, 250.0


def scatter_picture(
    points: Sequence[tuple[str, float, float]],
    *,
    x: str,
    y: str,
    front: Sequence[str] = (),
    marked: Sequence[str] = (),
    language: Language = "vi",
) -> p.Picture:
    """Named points (name, x, y), numbered with their names beside the picture.

    Those of `front` are joined by a dotted line, those `marked` have a ring and a bold name.
    """
    xs, ys = _span([point[1] for point in points]), _span([point[2] for point in points])

    def at(point: tuple[str, float, float]) -> p.Point:
        across = _LEFT + (point[1] - xs[0]) / (xs[1] - xs[0]) * _WIDE
        return across, _TOP + _HIGH - (point[2] - ys[0]) / (ys[1] - ys[0]) * _HIGH

    marks = _axes(xs, ys, x, y, language)
    joined = [at(point) for point in sorted(points, key=lambda one: one[1]) if point[0] in front]
    if len(joined) > 1:
        marks.append(p.Path(tuple(joined), p.ACCENT, 1.2, dash=True))
    for number, point in enumerate(points, 1):
        cx, cy = at(point)
        chosen = point[0] in marked
        if chosen:
            marks.append(p.Circle(cx, cy, 13, stroke="#d98e04", line=2.4))
        colour = p.ACCENT if not front or point[0] in front else "#8a94a3"
        marks.append(p.Circle(cx, cy, 9, stroke=p.PAPER, fill=colour))
        marks.append(p.Words(cx, cy + 4, str(number), 11, p.PAPER, bold=True))
        line = _TOP + 8 + (number - 1) * 34
        marks.append(p.Circle(_NAMES, line - 4, 9, stroke=p.PAPER, fill=colour))
        marks.append(p.Words(_NAMES, line, str(number), 11, p.PAPER, bold=True))
        for k, words in enumerate(wrap(point[0], _NAME, 12, max_lines=2)):
            marks.append(p.Words(_NAMES + 16, line + k * 14, words, 12, anchor="start", bold=chosen))
    high = max(_TOP + _HIGH + 46, _TOP + 34 * len(points) + 10)
    return p.Picture(_NAMES + 16 + _NAME + _EDGE, high, tuple(marks))


def _span(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values, default=0.0), max(values, default=1.0)
    pad = (high - low) * 0.08 or abs(high) * 0.1 or 1.0
    return low - pad, high + pad


def _axes(xs: tuple[float, float], ys: tuple[float, float], x: str, y: str, language: Language) -> list[p.Mark]:
    bottom = _TOP + _HIGH
    marks: list[p.Mark] = [
        p.Words(_LEFT, 16, f"{y} ↑", 11, p.LINE, anchor="start"),
        p.Words(_LEFT + _WIDE, bottom + 36, f"{x} →", 11, p.LINE, anchor="end"),
    ]
    for tick, digits in ticks(*xs):
        across = _LEFT + (tick - xs[0]) / (xs[1] - xs[0]) * _WIDE
        marks.append(p.Path(((across, _TOP), (across, bottom)), "#e8edf2", 1))
        marks.append(p.Words(across, bottom + 16, format_number(tick, language, digits), 10, p.LINE))
    for tick, digits in ticks(*ys):
        up = bottom - (tick - ys[0]) / (ys[1] - ys[0]) * _HIGH
        marks.append(p.Path(((_LEFT, up), (_LEFT + _WIDE, up)), "#e8edf2", 1))
        marks.append(p.Words(_LEFT - 8, up + 4, format_number(tick, language, digits), 10, p.LINE, anchor="end"))
    marks.append(p.Path(((_LEFT, _TOP), (_LEFT, bottom), (_LEFT + _WIDE, bottom)), p.BORDER, 1.2))
    return marks


def ticks(low: float, high: float) -> list[tuple[float, int]]:
    """Three to eight round numbers inside an interval, each with the decimals it needs."""
    raw = (high - low) / 5
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= raw * 0.999)
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    return [(k * step, digits) for k in range(math.ceil(low / step), math.floor(high / step) + 1)]
