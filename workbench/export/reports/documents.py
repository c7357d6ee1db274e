"""The documents to enact, made from a store: the internal process of a unified procedure, the simplification plan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from workbench.errors import ModelError, TooFewCases
from workbench.export import content as c
from workbench.export.harmonisation import unified_procedure
from workbench.export.internal_process import procedure_blocks
from workbench.export.plans import Change, Simplification, annex_blocks, plan_blocks
from workbench.export.reports import parts
from workbench.export.reports.asked import Asked
from workbench.export.reports.pages import need
from workbench.harmonise.recommendation.cost import (
    CostChange,
    CostParameters,
    compliance_cost,
    cost_change,
    observed_practice,
)
from workbench.harmonise.recommendation.recommend import Recommendation
from workbench.i18n import Language, format_number, format_percent, t
from workbench.i18n.error_texts import error_texts
from workbench.selection import Selection
from workbench.store import LogStore


def internal_process(asked: Asked) -> list[c.Block]:
    """Quy trình nội bộ of the unified procedure the logs support best."""
    need(asked.selection.procedure, "procedure")
    language = asked.language
    with asked.steps() as state:
        note = c.Paragraph(t(language, f"export.report.vocabulary.{state}"), "note")
        try:
            found = asked.harmonised()
        except (TooFewCases, ModelError) as exc:
            reason = error_texts(exc, language)[0]
            none = c.Paragraph(t(language, "export.report.unified.none", reason=reason), "finding")
            return [c.StateHead(), *_draft(asked), none]
        blocks = procedure_blocks(unified_procedure(asked.store, found), language=language)
    return [c.StateHead(), *_draft(asked), *blocks, note]


def simplification(asked: Asked) -> list[c.Block]:
    """Phương án đơn giản hóa: the recommended moves with their evidence and the compliance cost, for each procedure."""
    need(asked.models or asked.selection.procedure, "procedure")
    blocks: list[c.Block] = [c.StateHead(), *_draft(asked)]
    every = asked.each()
    if len(every) > 1:
        blocks.append(c.Contents())
    for number, one in enumerate(every, 1):
        blocks += plan_blocks(_plan(one), number, asked.language)
    return blocks


def annex(asked: Asked) -> list[c.Block]:
    """The annex of a decision: the list of the harmonised procedures, then the internal process of each."""
    need(asked.models, "model")
    procedures = []
    for one in asked.each():
        with one.steps():
            procedures.append(unified_procedure(one.store, one.harmonised()))
    return [*_draft(asked), *annex_blocks(procedures, asked.language)]


def _plan(asked: Asked) -> Simplification:
    store, selection, language = asked.store, asked.selection, asked.language
    with asked.steps() as state:
        found = asked.moves(state)
    chosen = [item for item in found.items if item.verdict == "recommended"]
    cost = _cost(store, selection, chosen, asked.parameters)
    name = parts.procedure_names(store).get(str(selection.procedure), "")
    gap = "" if cost else t(language, "export.plan.same_cost" if chosen else "export.plan.no_cost")
    notes = (t(language, f"export.report.vocabulary.{state}"), t(language, "export.plan.rates"))
    return Simplification(str(selection.procedure), name, changes_of(chosen, language), cost, notes=notes, cost_gap=gap)


def _draft(asked: Asked) -> list[c.Block]:
    """What must stand before a document that nobody has reviewed."""
    keys = ["synthetic"] if parts.is_synthetic(asked.store) else []
    return [c.Paragraph(t(asked.language, f"export.report.{key}"), "finding") for key in (*keys, "draft")]


def changes_of(items: Iterable[Recommendation], language: Language) -> tuple[Change, ...]:
    """Recommendations as changes: the same move on the same steps in several organisations is one."""
    groups: dict[tuple[str, tuple[str, ...]], list[Recommendation]] = {}
    for item in items:
        groups.setdefault((item.move, item.steps), []).append(item)
    return tuple(_change(move, steps, group, language) for (move, steps), group in groups.items())


def _change(move: str, steps: tuple[str, ...], group: list[Recommendation], language: Language) -> Change:
    organisations = [parts.organisation_name(code) for item in group for code in item.organisations]
    text = t(
        language,
        "export.plan.change",
        move=t(language, f"export.move.{move}"),
        steps=", ".join(steps) or "–",
        organisations=", ".join(organisations),
    )
    shares = [item.share for item in group]
    usual = group[0].usual
    low, high = (format_percent(share, language, 0) for share in (min(shares), max(shares)))
    share = low if low == high else t(language, "export.plan.range", low=low, high=high)
    reason = t(language, "export.plan.why", share=share, usual=format_percent(usual, language, 0))
    return Change(text, reason, _evidence(group, language))


def _evidence(group: list[Recommendation], language: Language) -> str:
    dossiers = format_number(sum(item.dossiers for item in group), language)
    known = [item for item in group if item.effect_working_hours is not None and item.interval is not None]
    if not known:
        return t(language, "export.plan.evidence_count", dossiers=dossiers)
    weight = sum(item.dossiers for item in known)
    mean = sum((item.effect_working_hours or 0.0) * item.dossiers for item in known) / weight
    low = min(item.interval[0] for item in known if item.interval)
    high = max(item.interval[1] for item in known if item.interval)
    return t(
        language,
        "export.plan.evidence_hours",
        dossiers=dossiers,
        hours=format_number(mean, language, 1),
        low=format_number(low, language, 1),
        high=format_number(high, language, 1),
    )


def _cost(
    store: LogStore, selection: Selection, chosen: list[Recommendation], parameters: CostParameters
) -> CostChange | None:
    """What fewer repeated supplements save applicants; None when nothing chosen changes their cost."""
    saved = sum(item.vnd_a_year or 0.0 for item in chosen)
    if saved <= 0:
        return None
    practice, basis = observed_practice(store, selection)
    spared = saved / (parameters.hours_per_supplement * parameters.income_per_hour_vnd) / practice.dossiers_a_year
    left = max(practice.supplements_per_dossier - spared, 0.0)
    before = compliance_cost(practice, basis, parameters)
    return cost_change(before, replace(practice, supplements_per_dossier=left))
