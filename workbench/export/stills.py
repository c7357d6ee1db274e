"""Results as still pictures and tables: what a notebook shows and keeps, without a browser or a script."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import singledispatch
from html import escape
from pathlib import Path as FilePath
from typing import Any

import pandas as pd

from workbench.charts.waiting import CAUSE_COLOURS
from workbench.clock import ClockDifferences, OnTimeRates
from workbench.export.bars import bar_picture
from workbench.export.bpmn_drawing import draw_bpmn
from workbench.export.cells import cell_text, heading
from workbench.export.comparing import interval_picture, parts_picture
from workbench.export.map_picture import map_picture
from workbench.export.picture import Mark, Path, Picture, parts_of, svg
from workbench.export.procedure_picture import procedure_picture
from workbench.export.scatter import scatter_picture
from workbench.harmonise.comparison.compare import Comparison
from workbench.harmonise.recommendation.recommend import Recommendations
from workbench.harmonise.unification.unify import Harmonisation
from workbench.i18n import Language, format_number, format_percent, t
from workbench.intake.quality import QualityReport
from workbench.mining.dfg import Dfg
from workbench.mining.model import Bpmn
from workbench.mining.waiting import WaitingCauses
from workbench.mining.waiting_causes import CAUSES
from workbench.reference import province_name
from workbench.results import records

MOST_BARS = 16
"""Bars and rows of a picture at most; the first of the result are shown."""
_REASON_DIGITS = {"price": 4, "expected": 1, "recorded": 1, "hours": 1}
_SHARES = ("share", "rate", "ratio", "on_time_share", "closed_rate", "share_used", "share_others", "typical")
_ORGANISATIONS = ("organisation", "province_code", "province_2025", "province", "model", "log", "group")


class Svg:
    """A still picture: shown by a notebook, saved by `save`."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def __repr__(self) -> str:
        return f"<Svg {len(self.content)} bytes>"

    def _repr_svg_(self) -> str:
        """As wide as it is, and never wider than the page."""
        return self.content.decode().replace("<svg ", '<svg style="max-width: 100%; height: auto" ', 1)

    def save(self, path: str | FilePath) -> FilePath:
        """Write the picture to an .svg file."""
        FilePath(path).write_bytes(self.content)
        return FilePath(path)


class Table:
    """The first rows of a table for people: headings, codes, durations and shares in their words."""

    def __init__(
        self, frame: pd.DataFrame, *, columns: Sequence[str] | None = None, limit: int = 12, language: Language = "vi"
    ) -> None:
        self.frame = frame
        self.columns = [name for name in (columns or list(frame.columns)) if name in frame.columns]
        self.limit = limit
        self.language: Language = language

    def __repr__(self) -> str:
        return f"<Table {len(self.frame)} × {len(self.columns)}>"

    def _repr_html_(self) -> str:
        head = "".join(self._cell("th", heading(name, self.language), name) for name in self.columns)
        rows = ["<tr>" + "".join(self._row(row)) + "</tr>" for row in records(self.frame.head(self.limit))]
        left = len(self.frame) - self.limit
        more = t(self.language, "cli.more_rows", shown=self.limit, total=len(self.frame)) if left > 0 else ""
        note = f"<p>{escape(more)}</p>" if more else ""
        return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>{note}"

    def _row(self, row: dict[str, Any]) -> Iterable[str]:
        for name in self.columns:
            kind = "share" if name in ("low", "high") and {"share", "rate"} & set(self.columns) else name
            yield self._cell("td", _text(row[name], kind, self.language), name)

    def _cell(self, tag: str, text: str, name: str) -> str:
        numeric = pd.api.types.is_numeric_dtype(self.frame[name]) and not pd.api.types.is_bool_dtype(self.frame[name])
        side = "right" if numeric else "left"  # said twice: pages on the web drop one or the other
        return f'<{tag} align="{side}" style="text-align: {side}">{escape(text)}</{tag}>'


def _text(value: Any, name: str, language: Language) -> str:
    if name in _SHARES and isinstance(value, float):
        return format_percent(value, language)
    if name in _ORGANISATIONS and isinstance(value, str):
        return province_name(value)
    if name == "cause" and isinstance(value, str) and value in CAUSES:
        return t(language, f"mining.cause.{value}")
    return cell_text(value, language, name)


def picture(result: object, *, width: float | None = 860.0, language: Language = "vi") -> Svg:
    """The still picture of a result.

    Directly-follows graph: process map. BPMN model or harmonisation: the diagram. Comparison: F of every
    organisation's own model. On-time rates: bars. Clock differences: causes. Waiting causes: parts of 100 % by
    organisation. Quality report: traces of synchronisation. Recommendations: effects with their intervals.
    A procedure wider than `width` is cut between its columns and its parts stand one below the other; None leaves it
    whole. Raises TypeError for a result that has no picture of its own.
    """
    drawn = _picture(result, language)
    return Svg(svg(drawn if width is None else stacked(drawn, width)))


def stacked(drawn: Picture, width: float) -> Picture:
    """The parts of a wide picture one below the other; a picture that is narrow or cannot be cut comes back."""
    pieces = parts_of(drawn, width)
    if len(pieces) == 1:
        return drawn
    marks: list[Mark] = []
    y = 0.0
    for piece in pieces:
        marks += [_lower(mark, y) for mark in piece.marks]
        y += piece.height + 18
    return Picture(max(piece.width for piece in pieces), y - 18, tuple(marks), drawn.title)


def _lower(mark: Mark, by: float) -> Mark:
    if isinstance(mark, Path):
        return replace(mark, points=tuple((x, y + by) for x, y in mark.points))
    return replace(mark, y=mark.y + by)


@singledispatch
def _picture(result: object, language: Language) -> Picture:
    raise TypeError(f"{type(result).__name__} has no picture; wb.bars or wb.table shows its tables.")


@_picture.register
def _(result: Dfg, language: Language) -> Picture:
    return map_picture(result, language=language)


@_picture.register
def _(result: Bpmn, language: Language) -> Picture:
    return procedure_picture(draw_bpmn(result, language=language))


@_picture.register
def _(result: Harmonisation, language: Language) -> Picture:
    return procedure_picture(draw_bpmn(result.bpmn, lanes=result.lanes, language=language))


@_picture.register
def _(result: Comparison, language: Language) -> Picture:
    values = _bars(result.organisations["organisation"], result.organisations["f"])
    medoid = [province_name(result.medoid)] if result.medoid else []
    return bar_picture(values, unit="F", language=language, digits=3, marked=medoid)


@_picture.register
def _(result: OnTimeRates, language: Language) -> Picture:
    names = [t(language, f"clock.name.{clock}") for clock in result.table["clock"]]
    if result.by is not None:
        names = [f"{province_name(group)}: {name}" for group, name in zip(result.table["group"], names, strict=True)]
    return bar_picture(_bars(names, result.table["rate"] * 100), unit="%", language=language, digits=1)


@_picture.register
def _(result: ClockDifferences, language: Language) -> Picture:
    causes = result.table["cause"].str.split(", ").explode().value_counts()
    values = [(t(language, f"clock.cause.{code}"), float(n)) for code, n in causes.items()]
    return bar_picture(values[:MOST_BARS], unit=heading("dossiers", language), language=language)


@_picture.register
def _(result: WaitingCauses, language: Language) -> Picture:
    names = [(cause, t(language, f"mining.cause.{cause}")) for cause in CAUSES]
    enough = result.organisations[~result.organisations["too_few"]]
    largest = enough.groupby("organisation")["dossiers"].first().nlargest(MOST_BARS - 1).index
    rows = [(t(language, "charts.country.all"), _by_cause(result.overall))]
    rows += [(province_name(str(one)), _by_cause(enough[enough["organisation"] == one])) for one in largest]
    return parts_picture(rows, names, colours=CAUSE_COLOURS, language=language)


def _by_cause(table: pd.DataFrame) -> dict[str, float]:
    return dict(zip(table["cause"], table["seconds"].astype(float), strict=True))


@_picture.register
def _(result: QualityReport, language: Language) -> Picture:
    seen = result.artefact_totals[result.artefact_totals["dossiers"] > 0].sort_values("share", ascending=False)
    values = [
        (t(language, f"quality.artefact.{code}"), float(share) * 100)
        for code, share in zip(seen["artefact"], seen["share"], strict=True)
    ]
    return bar_picture(values, unit="%", language=language, digits=1)


@_picture.register
def _(result: Recommendations, language: Language) -> Picture:
    rows = []
    for item in result.items[:MOST_BARS]:
        names = ", ".join(province_name(code) for code in item.organisations[:2])
        label = f"{names}: {t(language, f'export.move.{item.move}')} – {', '.join(item.steps)}"
        low, high = item.interval or (None, None)
        rows.append((label, item.effect_working_hours, low, high))
    return interval_picture(rows, unit=heading("effect_working_hours", language), reference=0.0, language=language)


def candidates_picture(result: Harmonisation, *, language: Language = "vi") -> Picture:
    """All candidates: mean F against size, the Pareto front joined, the recommended one ringed."""
    known = result.candidates.dropna(subset=["f"])
    names = [candidate_name(row, language) for row in records(known)]
    return scatter_picture(
        list(zip(names, known["size"].astype(float), known["f"].astype(float), strict=True)),
        x=heading("size", language),
        y="F",
        front=[name for name, on in zip(names, known["on_front"], strict=True) if on],
        marked=[name for name, chosen in zip(names, known["recommended"], strict=True) if chosen],
        language=language,
    )


def candidate_name(row: dict[str, Any], language: Language) -> str:
    """A candidate in words: its kind, and whose it is where several have one kind."""
    return t(language, f"harmonise.candidate.{row['kind']}") + _owner(str(row["name"]))


def _owner(name: str) -> str:
    _, _, owner = name.partition(":")
    return f" ({province_name(owner.strip())})" if owner else ""


def _bars(names: Iterable[str], values: Iterable[float]) -> list[tuple[str, float | None]]:
    pairs = zip(names, values, strict=True)
    return [(province_name(name), None if pd.isna(value) else float(value)) for name, value in pairs]


def reason_text(reason: Mapping[str, Any], language: Language) -> str:
    """Why a candidate is recommended, one reason in words."""
    facts = {
        name: format_number(value, language, None if isinstance(value, int) else _REASON_DIGITS.get(name, 3))
        if isinstance(value, int | float)
        else province_name(str(value))
        for name, value in reason["facts"].items()
    }
    return t(language, f"harmonise.reason.{reason['code']}", **facts)


def part_names(codes: Iterable[object], language: Language) -> list[tuple[str, str]]:
    """Codes of parts with their names; a cause of waiting has one in the catalogue, others stand for themselves."""
    return [(str(c), t(language, f"mining.cause.{c}") if c in CAUSES else str(c)) for c in codes]


def part_colours(codes: Iterable[object]) -> dict[str, str] | None:
    """The colours of the causes of waiting; None where `codes` are others."""
    return dict(CAUSE_COLOURS) if {str(code) for code in codes} <= set(CAUSES) else None
