"""Bar charts for documents: few bars, their values on them, from zero."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.export import content as c
from workbench.export import picture as p
from workbench.export.layout import text_width, wrap
from workbench.i18n import Language, format_number

_ROW, _BAR, _WIDTH, _EDGE = 34.0, 22.0, 620.0, 12.0


def bar_figure(bars: c.Bars, caption: str, *, language: Language = "vi") -> c.Figure:
    """A bar chart for a document: a picture, and its numbers where the format has charts of its own."""
    if bars.standing:
        known = [(name, value) for name, value in bars.values if value is not None]
        return c.Figure(column_picture(known, unit=bars.unit, language=language), caption, bars=bars)
    drawn = bar_picture(bars.values, unit=bars.unit, language=language, digits=bars.digits, marked=bars.marked)
    return c.Figure(drawn, caption, bars=bars)


def bar_picture(
    values: Sequence[tuple[str, float | None]],
    *,
    unit: str = "",
    language: Language = "vi",
    digits: int | None = None,
    marked: Sequence[str] = (),
) -> p.Picture:
    """Lying bars in the order given; a value of None is shown as a gap. `marked` names stand out."""
    known = [abs(v) for _, v in values if v is not None]
    most = max(known, default=0.0) or 1.0
    left = min(max((text_width(name, 12) for name, _ in values), default=0.0), 220.0) + 12
    texts = [format_number(v if digits is not None else _rounded(v), language, digits) for _, v in values]
    right = max((text_width(text, 12) for text in texts), default=0.0) + 12
    room = _WIDTH - left - right
    marks: list[p.Mark] = []
    y = _EDGE
    if unit:
        marks.append(p.Words(_EDGE + left, y + 11, unit, 11, p.LINE, anchor="start"))
        y += 22
    for (name, value), text in zip(values, texts, strict=True):
        for k, line in enumerate(wrap(name, 220, 12, max_lines=2)):
            marks.append(p.Words(_EDGE + left - 10, y + _BAR / 2 + 4 + k * 13, line, 12, anchor="end"))
        length = 0.0 if value is None else max(abs(value) / most * room, 1.5)
        colour = p.ALERT if name in marked else p.ACCENT
        if value is not None:
            marks.append(p.Rect(_EDGE + left, y, length, _BAR, stroke="", fill=colour, radius=2))
        marks.append(p.Words(_EDGE + left + length + 6, y + _BAR / 2 + 4, text, 12, anchor="start"))
        y += _ROW
    marks.append(p.Path(((_EDGE + left, _EDGE + (18 if unit else -4)), (_EDGE + left, y - 8)), p.BORDER, 1.2))
    return p.Picture(_WIDTH + 2 * _EDGE, y + _EDGE - 8, tuple(marks), unit)


def _rounded(value: float | None) -> float | None:
    return None if value is None else (round(value) if abs(value) >= 100 else round(value, 1))


def column_picture(values: Sequence[tuple[str, float]], *, unit: str = "", language: Language = "vi") -> p.Picture:
    """Standing bars in the order given, such as months; every third name is written when there are many."""
    high, edge, top = 150.0, 36.0, 34.0
    step = min(48.0, (_WIDTH - 2 * edge) / max(len(values), 1))
    most = max((value for _, value in values), default=0.0) or 1.0
    every = 1 if step >= 44 else 3
    base = top + high
    marks: list[p.Mark] = [p.Words(edge, 16, unit, 11, p.LINE, anchor="start")] if unit else []
    for k, (name, value) in enumerate(values):
        x, tall = edge + k * step, value / most * high
        marks.append(p.Rect(x + step * 0.14, base - tall, step * 0.72, tall, stroke="", fill=p.ACCENT))
        number = format_number(round(value), language)
        if text_width(number, 10) <= step * every:
            marks.append(p.Words(x + step / 2, base - tall - 4, number, 10 if step > 20 else 8, p.LINE))
        if k % every == 0:
            marks.append(p.Words(x + step / 2, base + 15, name, 10, p.LINE))
    marks.append(p.Path(((edge, base), (edge + step * len(values), base)), p.BORDER, 1.2))
    return p.Picture(2 * edge + step * len(values), base + 24, tuple(marks), unit)
