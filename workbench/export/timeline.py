"""One dossier under the four legal clocks: when it came, when the clock stood, when it was due, when it ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd

from workbench.columns import CLOCKS
from workbench.export import picture as p
from workbench.export.layout import text_width
from workbench.i18n import Language, format_date, format_datetime, t

_WIDTH, _EDGE, _ROW, _LEFT = 644.0, 12.0, 40.0, 100.0
_GOOD, _WAIT = "#0a8f6b", "#f0c877"


def timeline_picture(
    dossier: Mapping[str, Any],
    pauses: Sequence[tuple[datetime, datetime | None, str]] = (),
    *,
    language: Language = "vi",
) -> p.Picture:
    """A row of the clock evaluation drawn over time.

    `dossier` has received_at, judged_at, ended_at, the four `<clock>_due` and the four verdicts; `pauses` are from, to
    (None while open) and reason. Above the stretch of processing with its pauses, below one line a clock.
    """
    start, end = pd.Timestamp(dossier["received_at"]), pd.Timestamp(dossier["judged_at"])
    due = {clock: _moment(dossier[f"{clock}_due"]) for clock in CLOCKS}
    known = [start, end, *(moment for moment in due.values() if moment is not None)]
    first, last = min(known), max(known)
    span = (last - first).total_seconds() or 1.0
    left, room = _EDGE + _LEFT, _WIDTH - _LEFT - 2 * _EDGE - 40

    def at(moment: pd.Timestamp) -> float:
        return float(left + (moment - first).total_seconds() / span * room)

    top, bottom = 56.0, 76.0 + _ROW * len(CLOCKS)
    marks: list[p.Mark] = _days(first, last, at, top=top, bottom=bottom, language=language)
    marks.append(p.Rect(at(start), top, max(at(end) - at(start), 2), 16, stroke="", fill=p.ACCENT, radius=2))
    for begin, until, _reason in pauses:
        a, b = pd.Timestamp(begin), pd.Timestamp(until) if until is not None and not pd.isna(until) else end
        marks.append(p.Rect(at(a), top, max(at(min(b, end)) - at(a), 2), 16, stroke="", fill=_WAIT))
    marks.append(p.Words(left - 10, top + 12, t(language, "export.timeline.processing"), 12, anchor="end"))
    marks.append(p.Path(((at(end), top - 6), (at(end), bottom - 4)), p.LINE, 1.2, dash=True))
    for place, clock in enumerate(CLOCKS):
        y = top + 34 + place * _ROW
        marks.append(p.Words(left - 10, y + 12, t(language, f"clock.short.{clock}"), 12, anchor="end"))
        marks += _clock_line(at, start, due[clock], verdict=str(dossier[clock]), y=y, stop=at(end), language=language)
    title = t(language, "export.timeline.title", received=format_datetime(start, language))
    marks.append(p.Words(_EDGE, 20, title, 12, p.INK, anchor="start"))
    return p.Picture(_WIDTH, bottom + 10 + 22, (*marks, *_key(bottom + 14, language)), title)


def _clock_line(
    at: Any, start: pd.Timestamp, due: pd.Timestamp | None, *, verdict: str, y: float, stop: float, language: Language
) -> list[p.Mark]:
    said = t(language, f"clock.verdict.{verdict}")
    colour = {"on_time": _GOOD, "pending_on_time": _GOOD}.get(verdict, p.ALERT if "late" in verdict else p.LINE)
    if due is None:
        return [p.Words(at(start), y + 12, said, 12, p.LINE, anchor="start")]
    text = f"{format_datetime(due, language)} · {said}"
    marks: list[p.Mark] = [
        p.Path(((at(start), y + 8), (at(due), y + 8)), colour, 2.2),
        p.Circle(at(due), y + 8, 5, stroke=p.PAPER, fill=colour),
    ]
    wide = text_width(text, 11)
    right = stop - 6 if at(due) - wide - 4 < stop <= at(due) else at(due) - 4  # clear of the line of the end
    before = right - at(start) > wide
    x, anchor = (right, "end") if before else (at(start), "start")
    marks.append(p.Words(x, y + (2 if before else 24), text, 11, colour, anchor=anchor))  # type: ignore[arg-type]
    return marks


def _moment(value: Any) -> pd.Timestamp | None:
    return None if pd.isna(value) else pd.Timestamp(value)


def _days(
    first: pd.Timestamp, last: pd.Timestamp, at: Any, *, top: float, bottom: float, language: Language
) -> list[p.Mark]:
    days = pd.date_range(first.normalize() + pd.Timedelta(days=1), last.normalize(), freq="D")
    every = max(1, -(-len(days) // 7))
    marks: list[p.Mark] = []
    for day in days[::every]:
        marks.append(p.Path(((at(day), top - 10), (at(day), bottom - 4)), "#e8edf2", 1))
        marks.append(p.Words(at(day), top - 16, format_date(day, language)[:5], 10, p.LINE))
    return marks


def _key(y: float, language: Language) -> list[p.Mark]:
    marks: list[p.Mark] = []
    x = _EDGE
    for colour, name in ((p.ACCENT, "work"), (_WAIT, "pause"), ("", "end")):
        text = t(language, f"export.timeline.{name}")
        if colour:
            marks.append(p.Rect(x, y, 12, 12, stroke="", fill=colour, radius=2))
        else:
            marks.append(p.Path(((x + 6, y - 2), (x + 6, y + 14)), p.LINE, 1.2, dash=True))
        marks.append(p.Words(x + 18, y + 10.5, text, 12, anchor="start"))
        x += text_width(text, 12) + 38
    return marks
