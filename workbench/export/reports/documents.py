"""The documents to enact, made from a store: the internal process of a unified procedure, the simplification plan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from workbench.errors import ModelError, TooFewCases
from workbench.export import content as c
from workbench.export.harmonisation import unified_procedure
from workbench.export.internal_process import procedure_blocks
from workbench.export.plans import Change, Simplification, plan_blocks
from workbench.export.reports import decision, parts
from workbench.export.reports.pages import need
from workbench.harmonise.canonical_steps import canonical_steps
from workbench.harmonise.cost import CostChange, CostParameters, compliance_cost, cost_change, observed_practice
from workbench.harmonise.recommend import Recommendation, recommend
from workbench.harmonise.unify import harmonise_procedure
from workbench.i18n import Language, format_number, format_percent, t
from workbench.progress import Progress
from workbench.selection import Selection
from workbench.store import LogStore


def internal_process(
    store: LogStore, selection: Selection, language: Language, as_of: datetime | None, progress: Progress
) -> list[c.Block]:
    """Quy trình nội bộ of the unified procedure the logs support best."""
    need(selection.procedure, "procedure")
    with canonical_steps(store, selection) as state:
        note = c.Paragraph(t(language, f"export.report.vocabulary.{state}"), "note")
        try:
            found = harmonise_procedure(
                store,
                selection,
                seconds=decision.NO_TIME_LIMIT,
                evaluations=decision.EVALUATIONS,
                progress=progress,
            )
        except (TooFewCases, ModelError) as exc:
            return [c.Paragraph(t(language, "export.report.unified.none", reason=exc.message), "finding")]
        blocks = procedure_blocks(unified_procedure(store, found), language=language)
    draft = c.Paragraph(t(language, "export.report.draft"), "finding")
    synthetic = [c.Paragraph(t(language, "export.report.synthetic"), "finding")] if parts.is_synthetic(store) else []
    return [c.StateHead(), *synthetic, draft, *blocks, note]


def simplification(
    store: LogStore, selection: Selection, language: Language, as_of: datetime | None, progress: Progress
) -> list[c.Block]:
    """Phương án đơn giản hóa: the recommended moves with their evidence and the compliance cost."""
    need(selection.procedure, "procedure")
    with canonical_steps(store, selection) as state:
        found = recommend(store, selection, vocabulary=state, progress=progress)
    chosen = [item for item in found.items if item.verdict == "recommended"]
    cost = _cost(store, selection, chosen)
    name = parts.procedure_names(store).get(str(selection.procedure), "")
    gap = "" if cost else t(language, "export.plan.same_cost" if chosen else "export.plan.no_cost")
    notes = (t(language, f"export.report.vocabulary.{state}"), t(language, "export.plan.rates"))
    plan = Simplification(str(selection.procedure), name, changes_of(chosen, language), cost, notes=notes, cost_gap=gap)
    synthetic = [c.Paragraph(t(language, "export.report.synthetic"), "finding")] if parts.is_synthetic(store) else []
    draft = c.Paragraph(t(language, "export.report.draft"), "finding")
    return [c.StateHead(), *synthetic, draft, *plan_blocks(plan, 1, language)]


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
    reason = t(
        language,
        "export.plan.why",
        low=format_percent(min(shares), language, 0),
        high=format_percent(max(shares), language, 0),
        usual=format_percent(usual, language, 0),
    )
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


def _cost(store: LogStore, selection: Selection, chosen: list[Recommendation]) -> CostChange | None:
    """What fewer repeated supplements save applicants; None when nothing chosen changes their cost."""
    parameters = CostParameters()
    saved = sum(item.vnd_a_year or 0.0 for item in chosen)
    if saved <= 0:
        return None
    practice, basis = observed_practice(store, selection)
    spared = saved / (parameters.hours_per_supplement * parameters.income_per_hour_vnd) / practice.dossiers_a_year
    left = max(practice.supplements_per_dossier - spared, 0.0)
    before = compliance_cost(practice, basis, parameters)
    return cost_change(before, replace(practice, supplements_per_dossier=left))
