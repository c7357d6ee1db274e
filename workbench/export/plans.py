"""Phương án đơn giản hóa and the annex of a decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from workbench.export import content as c
from workbench.export.bars import bar_figure
from workbench.export.bpmn_drawing import limit_text
from workbench.export.facts import Statement
from workbench.export.internal_process import Procedure, declared_text, procedure_blocks, process_table
from workbench.harmonise.recommendation.cost import TARGET_2025, TARGET_2026, ComplianceCost, CostChange
from workbench.i18n import Language, format_number, format_percent, t

_MILLION = 1_000_000.0


@dataclass(frozen=True, slots=True)
class Change:
    """One thing to simplify: what, why, on which evidence, and what in law must change."""

    text: str
    reason: str
    evidence: str = ""
    law: tuple[Statement, ...] = ()
    """Proposed changes of law; empty means none is known, not that none is needed."""


@dataclass(frozen=True, slots=True)
class Simplification:
    """The plan of one procedure."""

    code: str
    name: str
    changes: tuple[Change, ...]
    cost: CostChange | None = None
    """None when the cost could not be computed; the plan then says so."""
    limit_before_hours: float | None = None
    limit_after_hours: float | None = None
    notes: tuple[str, ...] = field(default=())
    cost_gap: str = ""
    """Why there is no cost, when the reason is known."""


def simplification_content(
    plans: Sequence[Simplification],
    *,
    language: Language = "vi",
    provenance: Mapping[str, str] | None = None,
    head: c.StateHead | None = None,
) -> c.Content:
    """The simplification plans of one or several procedures."""
    blocks: list[c.Block] = [head] if head else []
    if len(plans) > 1:
        blocks.append(c.Contents())
    for number, plan in enumerate(plans, 1):
        blocks += plan_blocks(plan, number, language)
    title = t(language, "export.plan.title")
    subtitle = plans[0].name if len(plans) == 1 else t(language, "export.plan.count", n=len(plans))
    return c.Content(title, tuple(blocks), subtitle, language, dict(provenance or {}))


def plan_blocks(plan: Simplification, number: int, language: Language) -> list[c.Block]:
    """The parts of a document that describe one plan: content, law, benefit."""
    code = f" ({plan.code})" if plan.code else ""
    blocks: list[c.Block] = [c.Heading(f"{number}. {plan.name}{code}", 1)]
    blocks.append(c.Heading(t(language, "export.plan.content"), 2))
    if not plan.changes:
        blocks.append(c.Paragraph(t(language, "export.plan.no_change"), "note"))
    for letter, change in zip("abcdefghijklmnopqrstuvwxyz", plan.changes, strict=False):
        blocks.append(c.Paragraph(f"{letter}) {change.text}", "finding"))
        blocks.append(c.Paragraph(t(language, "export.plan.reason", text=change.reason)))
        if change.evidence:
            blocks.append(c.Paragraph(t(language, "export.plan.evidence", text=change.evidence)))
    blocks.append(c.Heading(t(language, "export.plan.law"), 2))
    law = [(f"{s.text} ({s.source})" if s.source else s.text, not s.verified) for ch in plan.changes for s in ch.law]
    if law:
        blocks.append(c.Bullets(tuple(law)))
    else:
        blocks.append(c.Paragraph(t(language, "export.plan.no_law"), "note"))
    blocks.append(c.Heading(t(language, "export.plan.benefit"), 2))
    blocks += _limits(plan, language)
    gap = plan.cost_gap or t(language, "export.plan.no_cost")
    blocks += _cost(plan.cost, language) if plan.cost else [c.Paragraph(gap, "note")]
    blocks += [c.Paragraph(note, "note") for note in plan.notes]
    return blocks


def _limits(plan: Simplification, language: Language) -> list[c.Block]:
    if plan.limit_before_hours is None or plan.limit_after_hours is None:
        return []
    text = t(
        language,
        "export.plan.limit",
        before=limit_text(plan.limit_before_hours, language),
        after=limit_text(plan.limit_after_hours, language),
        cut=format_percent(1 - plan.limit_after_hours / plan.limit_before_hours, language)
        if plan.limit_before_hours
        else "–",
    )
    return [c.Paragraph(text)]


def _cost(change: CostChange, language: Language) -> list[c.Block]:
    before, after = change.before, change.after
    columns = (
        c.Column(t(language, "export.plan.cost.what"), 3.4),
        *(c.Column(t(language, f"export.plan.cost.{k}"), 1.6, "right") for k in ("before", "after", "saved")),
        c.Column("%", 1.0, "right"),
    )
    rows = [
        _money(t(language, "export.plan.cost.dossier"), before.per_dossier_vnd, after.per_dossier_vnd, language),
        _money(t(language, "export.plan.cost.year"), before.per_year_vnd, after.per_year_vnd, language),
    ]
    reached = [
        t(language, "export.plan.target", year=year, share=format_percent(target, language, 0))
        + ": "
        + t(language, f"export.plan.reached.{'yes' if ok else 'no'}")
        for year, target, ok in ((2025, TARGET_2025, change.reaches_2025), (2026, TARGET_2026, change.reaches_2026))
    ]
    large = before.per_year_vnd >= _MILLION
    by = _MILLION if large else 1.0
    sums = [round(cost.per_year_vnd / by, 1 if large else 0) for cost in (before, after)]
    bars = c.Bars(
        tuple((t(language, f"export.plan.cost.{k}"), v) for k, v in zip(("before", "after"), sums, strict=True)),
        t(language, f"export.plan.cost.{'millions' if large else 'unit'}"),
        digits=1 if large else 0,
    )
    return [
        c.Table(columns, tuple(rows), t(language, "export.plan.cost.caption"), note=_assumed(before, language)),
        bar_figure(bars, t(language, "export.plan.cost.chart"), language=language),
        c.Bullets(tuple((line, False) for line in reached)),
    ]


def _money(name: str, before: float, after: float, language: Language) -> tuple[str, ...]:
    cut = format_percent(1 - after / before, language) if before else "–"
    return (name, *(format_number(round(v), language) for v in (before, after, before - after)), cut)


def _assumed(cost: ComplianceCost, language: Language) -> str:
    """The parameters nobody has confirmed, named so that they are not taken for facts."""
    names = "; ".join(_parameter(name, cost, language) for name in cost.parameters.unverified)
    return t(language, "export.plan.assumed", names=names) if names else ""


def _parameter(name: str, cost: ComplianceCost, language: Language) -> str:
    value = format_number(float(getattr(cost.parameters, name)), language, None)
    return f"{t(language, f'export.plan.parameter.{name}')}: {value}"


def annex_content(
    procedures: Sequence[Procedure],
    *,
    language: Language = "vi",
    number: str = "",
    day: str = "",
    agency: str = "",
    provenance: Mapping[str, str] | None = None,
) -> c.Content:
    """The annex of a decision: the list of procedures, then the internal process of each."""
    subtitle = annex_subtitle(language, number=number, day=day, agency=agency)
    blocks = tuple(annex_blocks(procedures, language))
    return c.Content(t(language, "export.annex.title"), blocks, subtitle, language, dict(provenance or {}))


def annex_subtitle(language: Language, *, number: str = "", day: str = "", agency: str = "") -> str:
    """The decision an annex belongs to; what is not known is left as dots."""
    gap = "………"
    return t(language, "export.annex.with", number=number or gap, day=day or gap, agency=agency or gap)


def annex_blocks(procedures: Sequence[Procedure], language: Language) -> list[c.Block]:
    """The list of procedures, then each of them on a new page."""
    blocks: list[c.Block] = [
        c.Heading(t(language, "export.annex.list"), 1),
        _list(procedures, language),
        c.Heading(t(language, "export.annex.parts"), 1),
    ]
    for position, procedure in enumerate(procedures, 1):
        if position > 1:
            blocks.append(c.Break())
        blocks.append(c.Heading(f"{position}. {procedure.name}", 2))
        blocks += procedure_blocks(procedure, language=language, level=3)
    return blocks


def _list(procedures: Sequence[Procedure], language: Language) -> c.Table:
    gap = t(language, "export.gap")
    keys: Sequence[tuple[str, float, c.Align]] = (
        ("no", 0.95, "centre"), ("code", 1.5, "left"), ("name", 5.0, "left"), ("limit", 1.6, "centre"), ("steps", 1.1, "centre"),
        ("sum", 1.6, "centre"),
    )  # fmt: skip
    rows = []
    for position, procedure in enumerate(procedures, 1):
        table = process_table(procedure)
        total = limit_text(table.total_hours, language) if table.total_hours is not None else gap
        limit = declared_text(table.declared_hours, language) or gap
        mark = " *" if table.contradicts else ""
        rows.append(
            (str(position), procedure.facts.code or gap, procedure.name, limit, str(len(table.rows)), total + mark)
        )
    starred = any(process_table(p).contradicts for p in procedures)
    columns = tuple(c.Column(t(language, f"export.annex.column.{k}"), w, a) for k, w, a in keys)
    note = t(language, "export.annex.star") if starred else ""
    return c.Table(columns, tuple(rows), t(language, "export.annex.caption"), note=note)
