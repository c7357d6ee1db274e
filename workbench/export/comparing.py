"""Pictures that compare: parts of a whole, values with their intervals, and a square of numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

import pandas as pd

from workbench.charts.tokens import FREQUENCY, STEP_COLOURS
from workbench.export import picture as p
from workbench.export.layout import text_width, wrap
from workbench.export.scatter import ticks
from workbench.i18n import Language, format_number, format_percent

_ROW, _BAR, _WIDTH, _EDGE, _NAME = 32.0, 20.0, 620.0, 12.0, 220.0
_CELL, _HEAD = 58.0, 30.0


def parts_picture(
    rows: Sequence[tuple[str, Mapping[str, float]]],
    parts: Sequence[tuple[str, str]],
    *,
    colours: Mapping[str, str] | None = None,
    language: Language = "vi",
) -> p.Picture:
    """Every row as one bar of 100 %, split into `parts` (code, name) in their order.

    A share is written where its part is wide enough. A row whose parts are all 0 or unknown is a gap.
    """
    paint = colours or {code: STEP_COLOURS[place % len(STEP_COLOURS)] for place, (code, _) in enumerate(parts)}
    left = _names_width([name for name, _ in rows])
    room = _WIDTH - left
    marks, y = _legend(parts, paint)
    for name, values in rows:
        marks += _name(name, left, y + _BAR / 2)
        known = {code: values.get(code, 0.0) for code, _ in parts}
        whole = sum(value for value in known.values() if math.isfinite(value))
        x = _EDGE + left
        for code, value in known.items():
            if not whole or not value > 0:
                continue
            width, share = value / whole * room, value / whole
            marks.append(p.Rect(x, y, width, _BAR, stroke="", fill=paint[code]))
            text = format_percent(share, language, 0)
            if text_width(text, 11) + 8 < width:
                marks.append(p.Words(x + width / 2, y + _BAR / 2 + 4, text, 11, _on(paint[code])))
            x += width
        if not whole:
            marks.append(p.Words(x + 6, y + _BAR / 2 + 4, "–", 12, anchor="start"))
        y += _ROW
    return p.Picture(_WIDTH + 2 * _EDGE, y + _EDGE - 8, tuple(marks))


def interval_picture(
    rows: Sequence[tuple[str, float | None, float | None, float | None]],
    *,
    unit: str = "",
    reference: float | None = None,
    language: Language = "vi",
    digits: int = 1,
) -> p.Picture:
    """Every row (name, value, low, high) as a dot with its interval; `reference` is a dashed line.

    The axis spans what is shown; it need not begin at zero, which is why these are dots and not bars.
    """
    low, high = _span([v for _, *values in rows for v in values], reference)
    left = _names_width([name for name, *_ in rows])
    texts = [_said(value, language, digits) for _, value, _, _ in rows]
    right = max((text_width(text, 12) for text in texts), default=0.0) + 14
    room, start = _WIDTH - left - right, _EDGE + left

    def at(value: float) -> float:
        return start + (value - low) / (high - low) * room

    top = _EDGE + (22 if unit else 0)
    bottom = top + len(rows) * _ROW
    marks: list[p.Mark] = [p.Words(start, _EDGE + 11, unit, 11, p.LINE, anchor="start")] if unit else []
    marks.append(p.Path(((start, bottom), (start + room, bottom)), p.BORDER, 1.2))
    for tick, places in ticks(low, high):
        marks.append(p.Path(((at(tick), top), (at(tick), bottom)), "#e8edf2", 1))
        marks.append(p.Words(at(tick), bottom + 15, _said(tick, language, places), 10, p.LINE))
    if reference is not None:
        marks.append(p.Path(((at(reference), top - 4), (at(reference), bottom)), p.LINE, 1.2, dash=True))
    for place, ((name, *values), text) in enumerate(zip(rows, texts, strict=True)):
        y = top + place * _ROW + _ROW / 2
        marks += [*_name(name, left, y), *_dot(values, at, y)]
        marks.append(p.Words(start + room + 10, y + 4, text, 12, anchor="start"))
    return p.Picture(_WIDTH + 2 * _EDGE, bottom + 24, tuple(marks), unit)


def _span(values: Sequence[float | None], reference: float | None) -> tuple[float, float]:
    """The ends of an axis that shows the values and the reference, with a little room on both sides."""
    known = [v for v in values if v is not None and math.isfinite(v)]
    known += [] if reference is None else [reference]
    low, high = min(known, default=0.0), max(known, default=1.0)
    pad = (high - low) * 0.04 or 1.0
    return low - pad, high + pad


def _dot(values: Sequence[float | None], at: Callable[[float], float], y: float) -> Iterator[p.Mark]:
    """A value with its interval, as far as they are known."""
    value, lower, upper = values
    if lower is not None and upper is not None and math.isfinite(lower) and math.isfinite(upper):
        yield p.Path(((at(lower), y), (at(upper), y)), "#8fb1d6", 4)
    if value is not None and math.isfinite(value):
        yield p.Circle(at(value), y, 5, stroke=p.PAPER, fill=p.ACCENT)


def square_picture(
    square: pd.DataFrame, *, rows: str = "", columns: str = "", language: Language = "vi", digits: int = 2
) -> p.Picture:
    """A table of numbers as a field of squares, darker for more, each with its number.

    `rows` and `columns` say what stands in them; an unknown value is an empty square.
    """
    values = square.astype("float64")
    low, high = float(values.min().min()), float(values.max().max())
    names = [str(name) for name in square.index]
    heads = [str(name) for name in square.columns]
    cell = max(_CELL, *(min(text_width(name, 11), 110.0) + 10 for name in heads)) if heads else _CELL
    left = max(_names_width(names), text_width(f"{rows} ↓", 11) + 12 if rows else 0.0)
    top = _EDGE + (18 if columns or rows else 0) + _HEAD
    marks: list[p.Mark] = []
    if rows:
        marks.append(p.Words(_EDGE + left - 10, _EDGE + 11, f"{rows} ↓", 11, p.LINE, anchor="end"))
    if columns:
        marks.append(p.Words(_EDGE + left, _EDGE + 11, f"{columns} →", 11, p.LINE, anchor="start"))
    for place, head in enumerate(heads):
        box = (_EDGE + left + place * cell, top - _HEAD, cell, _HEAD - 4)
        marks += p.words_in(wrap(head, cell - 6, 11, max_lines=2), box, 11)
    for row, name in enumerate(names):
        y = top + row * _ROW
        marks += _name(name, left, y + _ROW / 2)
        for column, value in enumerate(values.iloc[row]):
            x = _EDGE + left + column * cell
            share = 0.5 if high == low else (value - low) / (high - low)
            fill = (
                FREQUENCY[min(int(share * len(FREQUENCY)), len(FREQUENCY) - 1)] if math.isfinite(value) else "#f7f9fb"
            )
            marks.append(p.Rect(x + 1, y + 1, cell - 2, _ROW - 2, stroke="", fill=fill, radius=3))
            marks.append(p.Words(x + cell / 2, y + _ROW / 2 + 4, _said(float(value), language, digits), 12, _on(fill)))
    return p.Picture(left + cell * len(heads) + 2 * _EDGE, top + _ROW * len(names) + _EDGE, tuple(marks))


def _said(value: float | None, language: Language, digits: int) -> str:
    return format_number(value, language, digits)


def _names_width(names: Sequence[str]) -> float:
    return min(max((text_width(name, 12) for name in names), default=0.0), _NAME) + 14


def _name(name: str, left: float, middle: float) -> list[p.Mark]:
    lines = wrap(name, _NAME, 12, max_lines=2)
    first = middle + 4 - (len(lines) - 1) * 6.5
    return [p.Words(_EDGE + left - 10, first + k * 13, line, 12, anchor="end") for k, line in enumerate(lines)]


def _legend(parts: Sequence[tuple[str, str]], paint: Mapping[str, str]) -> tuple[list[p.Mark], float]:
    """Coloured squares with the names of the parts, in as many lines as they need; and where they end."""
    marks: list[p.Mark] = []
    x, y = _EDGE, _EDGE
    for code, name in parts:
        wide = text_width(name, 12) + 34
        if x + wide > _WIDTH + _EDGE and x > _EDGE:
            x, y = _EDGE, y + 20
        marks.append(p.Rect(x, y, 12, 12, stroke="", fill=paint[code], radius=2))
        marks.append(p.Words(x + 18, y + 10.5, name, 12, anchor="start"))
        x += wide
    return marks, y + 26


def _on(fill: str) -> str:
    """Ink or paper, whichever reads better on a colour."""
    red, green, blue = (int(fill[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return p.PAPER if 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 < 0.3 else p.INK
