"""The decision report: the evidence for one unified procedure, what it is, and what each organisation must change."""

from __future__ import annotations

from typing import Any

import pandas as pd

from workbench.errors import ModelError, TooFewCases
from workbench.export import content as c
from workbench.export.harmonisation import Decided, unified_procedure
from workbench.export.internal_process import procedure_blocks
from workbench.export.reports import parts
from workbench.export.reports.asked import Asked
from workbench.export.reports.pages import head, need, reading
from workbench.harmonise.comparison.compare import Comparison, compare_organisations
from workbench.harmonise.recommendation.recommend import Recommendation, Recommendations
from workbench.i18n import Language, format_number, format_percent, t
from workbench.i18n.error_texts import error_texts
from workbench.progress import Progress
from workbench.selection import Selection
from workbench.store import LogStore

_ACTIONS = ("drop", "add", "move")
_DIGITS = {"hours": 1, "expected": 1, "recorded": 1}


def decision(asked: Asked) -> list[c.Block]:
    """Question, data, quality, clocks, comparison, candidates, recommendation, uncertainty, migration."""
    store, selection, language = asked.store, asked.selection, asked.language
    need(selection.procedure, "procedure")
    name = parts.procedure_names(store).get(str(selection.procedure), str(selection.procedure))
    blocks: list[c.Block] = [
        c.Contents(),
        head("question", language),
        c.Paragraph(t(language, "export.report.question.text", name=name, code=selection.procedure)),
        head("scope", language),
        *parts.headline(store, selection, language),
        head("quality", language),
        parts.data_quality(store, language),
        head("clocks", language),
        *parts.clocks(store, selection, language, asked.as_of),
    ]
    with asked.steps() as state:
        blocks += [head("comparison", language), *_compared(store, selection, language, asked.progress)]
        blocks += _unified(asked)
        found = asked.moves(state)
    blocks += [head("recommendations", language), *_recommended(found, language)]
    blocks += [head("uncertainty", language), *_uncertainty(found, state, language)]
    return [*blocks, *reading(language)]


def _compared(store: LogStore, selection: Selection, language: Language, progress: Progress) -> list[c.Block]:
    try:
        found = compare_organisations(store, selection, progress=progress)
    except TooFewCases as few:
        return [c.Paragraph(t(language, "export.report.compare.too_few", reason=error_texts(few, language)[0]), "note")]
    text = t(language, "export.report.compare.medoid", name=parts.organisation_name(found.medoid))
    out: list[c.Block] = [c.Paragraph(text, "finding")]
    if found.outliers:
        named = ", ".join(parts.organisation_name(code) for code in found.outliers)
        out.append(c.Paragraph(t(language, "export.report.compare.outliers", names=named)))
    out += [c.Paragraph(t(language, f"harmonise.note.{code}"), "note") for code in found.notes]
    return [*out, _comparison_table(found, language)]


def _comparison_table(found: Comparison, language: Language) -> c.Table:
    table = found.organisations.sort_values("dossiers", ascending=False)
    keys = [key for key in ("dossiers", "variants", "fitness", "precision", "f", "mean_distance") if key in table]
    columns = (c.Column(t(language, "export.report.column.province_code"), 3.4), *_figures(keys, language))
    rows = [
        (parts.organisation_name(str(record["organisation"])), *_cells(record, keys, language))
        for record in table.to_dict("records")
    ]
    return c.Table(columns, tuple(rows), t(language, "export.report.compare.caption"))


def _figures(keys: list[str], language: Language) -> list[c.Column]:
    return [c.Column(t(language, f"export.report.column.{key}"), 1.3, "right") for key in keys]


def _cells(record: dict[Any, Any], keys: list[str], language: Language) -> list[str]:
    whole = ("dossiers", "variants", "size", "changes")
    return ["–" if pd.isna(record[k]) else format_number(record[k], language, 0 if k in whole else 3) for k in keys]


# the unified procedure ----------------------------------------------------------------------------------
def _unified(asked: Asked) -> list[c.Block]:
    store, language = asked.store, asked.language
    try:
        found = asked.harmonised()
    except (TooFewCases, ModelError) as exc:
        text = t(language, "export.report.unified.none", reason=error_texts(exc, language)[0])
        return [head("candidates", language), c.Paragraph(text, "note")]
    procedure = unified_procedure(store, found)
    return [
        head("candidates", language),
        *_candidates(found, language),
        head("unified", language),
        *procedure_blocks(procedure, language=language, level=2),
        head("migration", language),
        *_migration(found, language),
    ]


def _candidates(found: Decided, language: Language) -> list[c.Block]:
    keys = ["size", "fitness", "precision", "f", "changes", "value"]
    columns = (c.Column(t(language, "export.report.column.candidate"), 3.6), *_figures(keys, language))
    rows = []
    for record in found.candidates.to_dict("records"):
        mark = " *" if record["recommended"] else ""
        rows.append((t(language, f"harmonise.candidate.{record['kind']}") + mark, *_cells(record, keys, language)))
    table = c.Table(
        columns,
        tuple(rows),
        t(language, "export.report.candidates.caption"),
        note=t(language, "export.report.candidates.note"),
    )
    reasons = tuple((_reason(one, language), False) for one in found.reasons)
    return [table, c.Paragraph(t(language, "export.report.candidates.why"), "finding"), c.Bullets(reasons)]


def _reason(reason: dict[str, Any], language: Language) -> str:
    facts = {
        name: format_number(value, language, None if isinstance(value, int) else _DIGITS.get(name, 3))
        if isinstance(value, int | float)
        else parts.organisation_name(str(value))
        for name, value in reason["facts"].items()
    }
    return t(language, f"harmonise.reason.{reason['code']}", **facts)


def _migration(found: Decided, language: Language) -> list[c.Block]:
    """One line an organisation: what it drops, adds and moves, and in what share of its dossiers."""
    listed = found.migration[found.migration["listed"]]
    if not len(listed):
        return [c.Paragraph(t(language, "export.report.migration.none"))]
    actions = [action for action in _ACTIONS if (listed["action"] == action).any()]
    columns = (
        c.Column(t(language, "export.report.column.province_code"), 2.0),
        *(c.Column(t(language, f"harmonise.action.{action}"), 3.0) for action in actions),
    )
    rows = []
    for code, own in listed.groupby("organisation", sort=True):
        changes = {action: own[own["action"] == action].to_dict("records") for action in actions}
        cells = ("\n".join(_change(one, language) for one in changes[action]) or "–" for action in actions)
        rows.append((parts.organisation_name(str(code)), *cells))
    note = t(language, "export.report.migration.note")
    return [c.Table(columns, tuple(rows), t(language, "export.report.migration.caption"), note=note)]


def _change(one: dict[Any, Any], language: Language) -> str:
    after = one["after"]
    key = "after" if isinstance(after, str) and after else "plain"
    share = format_percent(one["share"], language, 0)
    return t(language, f"export.report.migration.{key}", step=one["step"], after=after, share=share)


# recommendations ----------------------------------------------------------------------------------------
def _recommended(found: Recommendations, language: Language) -> list[c.Block]:
    shown = [item for item in found.items if item.verdict in ("recommended", "review")]
    out: list[c.Block] = []
    if not shown:
        out.append(c.Paragraph(t(language, "export.report.recommend.none")))
    else:
        columns = (
            c.Column(t(language, "export.report.column.move"), 2.2),
            c.Column(t(language, "export.report.column.steps"), 3.6),
            c.Column(t(language, "export.report.column.province_code"), 2.2),
            c.Column(t(language, "export.report.column.dossiers"), 1.2, "right"),
            c.Column(t(language, "export.report.column.effect"), 2.2, "right"),
            c.Column(t(language, "export.report.column.verdict"), 1.8),
        )
        rows = tuple(_recommendation(item, language) for item in shown[:40])
        note = t(language, "export.report.by.limited", shown=40, all=len(shown)) if len(shown) > 40 else ""
        out.append(c.Table(columns, rows, t(language, "export.report.recommend.caption"), note=note))
    return out


def _recommendation(item: Recommendation, language: Language) -> tuple[str, ...]:
    effect = "–"
    if item.effect_working_hours is not None:
        effect = format_number(item.effect_working_hours, language, 1)
        if item.interval:
            effect += f" ({' – '.join(format_number(v, language, 1) for v in item.interval)})"
    return (
        t(language, f"export.move.{item.move}"),
        ", ".join(item.steps),
        ", ".join(parts.organisation_name(code) for code in item.organisations),
        format_number(item.dossiers, language),
        effect,
        t(language, f"export.verdict.{item.verdict}"),
    )


def _uncertainty(found: Recommendations, state: str, language: Language) -> list[c.Block]:
    lines = [
        t(
            language,
            "export.report.recommend.tests",
            tests=format_number(found.tests, language),
            rate=format_percent(found.false_discovery, language, 0),
        ),
        t(language, f"export.report.vocabulary.{state}"),
    ]
    if found.too_few:
        named = {parts.organisation_name(code): n for code, n in sorted(found.too_few.items())}
        lines.append(t(language, "export.report.recommend.too_few", names=parts.counted(named, language)))
    return [c.Bullets(tuple((line, False) for line in lines))]
