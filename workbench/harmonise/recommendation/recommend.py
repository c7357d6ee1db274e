"""Recommendations: typed redesign moves, each with the organisations, dossiers, effect and certainty it rests on.

The moves follow the redesign heuristics of Reijers and Liman Mansar (2005), Best practices in business process redesign:
task elimination (remove), task composition (merge), resequencing (reorder), parallelism (parallelise), fewer contacts and
numerical involvement (cut_handover, cut_signature), contact reduction and control addition at the door
(cut_repeated_supplement), case manager and standardisation (standardise_due), task automation (move_online), trusted party
(delegate).

A move is read from the kind of the difference, from what the step is named, and, where the name tells nothing, from who
acts around it (`chain_evidence`). Differences of organisations with too few dossiers are listed with the verdict
too_few_cases, without effect and without q-value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self

import pandas as pd

from workbench.harmonise.comparison.practice import Practices, practices, supplement_steps
from workbench.harmonise.deviations.few_cases import patterns_of_few
from workbench.harmonise.deviations.findings import Finding, Limits, find
from workbench.harmonise.deviations.opportunities import (
    KINDS,
    channel_contrasts,
    further_tests,
    order_spans,
    pass_times,
    pooled_contrast,
)
from workbench.harmonise.impact.carry_over import CarryOver, carry_over, combine
from workbench.harmonise.impact.effects import Effect, bridges, matched_effect, step_time
from workbench.harmonise.impact.side_effects import ShareEffect, outcome_groups, share_effects
from workbench.harmonise.impact.throughput_effect import organisation_effects, throughputs
from workbench.harmonise.recommendation.chain_evidence import ChainEvidence, chain_evidence
from workbench.harmonise.recommendation.cost import CostParameters
from workbench.harmonise.recommendation.unsaid import unsaid
from workbench.harmonise.vocabulary.vocabulary_text import normal_form
from workbench.progress import Progress, silent, track
from workbench.results import Basis, Result, plain
from workbench.selection import Selection
from workbench.store import LogStore

Move = Literal[
    "remove",
    "merge",
    "reorder",
    "parallelise",
    "cut_handover",
    "cut_signature",
    "cut_repeated_supplement",
    "standardise_due",
    "move_online",
    "delegate",
    "reconcile",
]
Verdict = Literal["recommended", "no_time_gain", "review", "vocabulary", "too_few_cases"]

HOURS_A_DAY = 8.0

_WORDS: tuple[tuple[Move, tuple[str, ...]], ...] = (
    ("parallelise", ("thue", "tai chinh")),
    ("cut_handover", ("luan chuyen", "van thu", "ban giao", "chuyen ho so")),
    ("merge", ("tham dinh", "tham tra", "thu ly")),
    ("cut_signature", ("ky nhay", "ky tat", "ky duyet", "phe duyet", "duyet", "xet duyet", "ky ")),
)


_MOVES: dict[str, Move] = {
    "repeated_supplements": "cut_repeated_supplement",
    "slow_step": "standardise_due",
    "reversed_order": "reorder",
    "fixed_order": "parallelise",
    "desk_filing": "move_online",
    "leader_decides": "delegate",
}


@dataclass(frozen=True, slots=True)
class Recommendation(Result):
    """One move in one organisation."""

    procedure: str | None
    move: Move
    steps: tuple[str, ...]
    organisations: tuple[str, ...]
    dossiers: int
    """Closed dossiers that show the deviation."""
    effect_working_hours: float | None
    """Working hours a dossier that the deviation costs (negative: saves); None where it cannot be said."""
    interval: tuple[float, float] | None
    """95 %."""
    q_value: float | None
    verdict: Verdict
    kind: str
    share: float
    """Of the organisation's closed dossiers."""
    usual: float
    """In the middle organisation."""
    method: str
    dossiers_a_year: float
    working_days_a_year: float | None
    """Working days of processing time saved a year when the move is made; None says why in `days_reason`."""
    vnd_a_year: float | None
    """Applicants' compliance cost saved a year by the standard cost model; None says why in `vnd_reason`."""
    days_reason: str | None = None
    """Why no days a year are given, a code under harmonise.no_days; None where they are."""
    vnd_reason: str | None = None
    """Why no VND a year are given, a code under harmonise.no_vnd; None where they are."""
    renamed: str | None = None
    note: str = ""
    """Reason code, a key under app_recommendations.note in the catalogues."""
    lateness: ShareEffect | None = None
    """How much more of the organisation's closed dossiers are late (portal clock) than their case mix explains."""
    side_effects: tuple[ShareEffect, ...] = ()
    """The same for dossiers with a supplement and dossiers that did not end as done."""
    evidence: ChainEvidence | None = None
    """Who acts around an added step, where that chose the move."""


@dataclass(frozen=True, slots=True)
class Recommendations(Result):
    """All recommendations of one procedure and what could not be judged."""

    items: tuple[Recommendation, ...]
    tests: int
    """Differences tested; false discoveries are controlled over all of them (Benjamini and Hochberg)."""
    false_discovery: float
    too_few: dict[str, int]
    vocabulary: str
    """reviewed, proposed (unreviewed proposals were used) or labels (raw labels)."""
    basis: Basis
    parameters: CostParameters = field(default_factory=CostParameters)
    """What VND figures rest on; `unverified` names those nobody has confirmed."""
    notes: tuple[str, ...] = ()
    """Codes of what cannot be said and why, texts under `harmonise.note.`."""

    def priced(self, parameters: CostParameters) -> Self:
        """The same recommendations with VND by other parameters; nothing else rests on them."""
        items = tuple(_repriced(item, parameters) for item in self.items)
        notes = tuple(note for note in self.notes if note != _UNVERIFIED)
        return replace(self, items=items, parameters=parameters, notes=(*notes, *_price_notes(items, parameters)))

    def to_dict(self) -> dict[str, Any]:
        """The content of recommendations.json."""
        return {
            "recommendations": [plain(item) for item in self.items],
            "tests": self.tests,
            "false_discovery": self.false_discovery,
            "too_few_cases": self.too_few,
            "vocabulary": self.vocabulary,
            "notes": list(self.notes),
            "cost_parameters": plain(self.parameters),
            "basis": plain(self.basis),
        }


def recommend(
    store: LogStore,
    selection: Selection,
    *,
    by: str = "province_code",
    limits: Limits | None = None,
    parameters: CostParameters | None = None,
    vocabulary: str = "reviewed",
    progress: Progress = silent,
) -> Recommendations:
    """Recommendations for the organisations of a selection (one procedure)."""
    chosen = limits or Limits()
    practice = practices(store, selection, by=by)
    further = further_tests(store, selection, by=by, too_few=chosen.too_few)
    findings = find(practice, chosen, further)
    cost = parameters or CostParameters()
    judge = _Judge(store, selection, findings.found, by=by, practice=practice, cost=cost)
    total = len(findings.found)
    items = [judge.item(one) for one in track(findings.found, "recommend", progress, total)]
    items += [judge.unjudged(one) for one in patterns_of_few(practice, chosen)]
    notes = unsaid(store, selection, practice, too_few=chosen.too_few, vocabulary=vocabulary)
    notes = (*notes, *_price_notes(items, cost))
    return Recommendations(
        items=tuple(sorted(items, key=_rank)),
        tests=findings.tests,
        false_discovery=chosen.false_discovery,
        too_few=findings.too_few,
        vocabulary=vocabulary,
        basis=store.basis(selection.with_(closed=True)),
        parameters=cost,
        notes=notes,
    )


class _Judge:
    """Turns findings into recommendations; what one step costs is read from the store once."""

    def __init__(
        self,
        store: LogStore,
        selection: Selection,
        found: tuple[Finding, ...],
        *,
        by: str,
        practice: Practices,
        cost: CostParameters,
    ) -> None:
        self._store, self._selection, self._by, self._found = store, selection, by, found
        self._practice, self._years, self._cost = practice, _years(store, selection), cost
        self._deviating = frozenset(one.organisation for one in found if not one.renamed)
        self._rows: dict[tuple[str, ...], pd.DataFrame] = {}
        self._wholes: dict[tuple[tuple[str, ...], bool], dict[str, Effect]] = {}
        self._shares: dict[tuple[str, ...], CarryOver | None] = {}
        self._contrast: list[tuple[tuple[float, float, int, int] | None, bool]] = []
        self._beside: Mapping[str, tuple[ShareEffect, ...]] | None = None
        self._chains: dict[tuple[str, str], ChainEvidence] | None = None

    def item(self, finding: Finding) -> Recommendation:
        move, evidence = self._move(finding)
        effect = self._effect(finding)
        verdict = _verdict(finding, effect)
        a_year = finding.dossiers / self._years
        saved = max(effect.working_hours, 0.0) if effect and verdict == "recommended" else None
        share, usual, yearly = round(finding.share, 4), round(finding.usual, 4), round(a_year, 1)
        vnd = _vnd(finding.kind, share, usual, yearly, self._cost) if verdict != "vocabulary" else None
        beside = () if finding.renamed else self._side_effects().get(finding.organisation, ())
        return Recommendation(
            procedure=self._selection.procedure,
            move=move,
            steps=finding.steps,
            organisations=(finding.organisation,),
            dossiers=finding.dossiers,
            effect_working_hours=None if effect is None else round(effect.working_hours, 3),
            interval=None if effect is None else (round(effect.low, 3), round(effect.high, 3)),
            q_value=finding.q_value,
            verdict=verdict,
            kind=finding.kind,
            share=share,
            usual=usual,
            method=effect.method if effect else "none",
            dossiers_a_year=yearly,
            working_days_a_year=None if saved is None else round(saved * a_year / HOURS_A_DAY, 1),
            vnd_a_year=vnd,
            days_reason=None if saved is not None else _no_days(verdict, effect),
            vnd_reason=None if vnd is not None else _no_vnd(verdict),
            renamed=finding.renamed,
            note=_note(finding, effect),
            lateness=next((one for one in beside if one.outcome == "late"), None),
            side_effects=tuple(one for one in beside if one.outcome != "late"),
            evidence=evidence,
        )

    def unjudged(self, finding: Finding) -> Recommendation:
        """A pattern of an organisation with too few dossiers: what it does, and nothing about effects."""
        move, evidence = self._move(finding)
        return Recommendation(
            procedure=self._selection.procedure, move=move, steps=finding.steps, organisations=(finding.organisation,),
            dossiers=finding.dossiers, effect_working_hours=None, interval=None, q_value=None,
            verdict="too_few_cases", kind=finding.kind, share=round(finding.share, 4), usual=round(finding.usual, 4),
            method="none", dossiers_a_year=round(finding.dossiers / self._years, 1), working_days_a_year=None,
            vnd_a_year=None, days_reason="too_few_cases", vnd_reason="too_few_cases", note="too_few_cases",
            evidence=evidence,
        )  # fmt: skip

    def _move(self, finding: Finding) -> tuple[Move, ChainEvidence | None]:
        """The move by kind and name, else by who acts around the step, with that evidence."""
        move = move_of(finding, self._practice)
        if move != "remove":
            return move, None
        if self._chains is None:
            self._chains = chain_evidence(self._store, self._selection, by=self._by)
        known = [self._chains.get((finding.organisation, step)) for step in finding.steps]
        told = {one.move for one in known if one is not None}
        evidence = next((one for one in known if one is not None), None)
        chosen = next(iter(told)) if len(told) == 1 and None not in known else None
        return (chosen, evidence) if chosen is not None else (move, None)

    def _side_effects(self) -> Mapping[str, tuple[ShareEffect, ...]]:
        if self._beside is None:
            groups = outcome_groups(self._store, self._selection, by=self._by)
            self._beside = share_effects(groups, self._deviating)
        return self._beside

    def _effect(self, finding: Finding) -> Effect | None:
        if finding.renamed:
            return None
        if finding.kind in ("repeated_supplements", "missing_step"):
            return self._whole(finding)
        if finding.kind in KINDS:
            return self._further(finding)
        if finding.steps not in self._rows:
            self._rows[finding.steps] = bridges(self._store, self._selection, finding.steps, by=self._by)
        time = step_time(self._rows[finding.steps], finding.organisation, finding.dossiers)
        if time is None:
            return None
        return combine(time, self._carry_over(finding), self._whole(finding))

    def _further(self, finding: Finding) -> Effect | None:
        """Matched with what the other organisations take that do not show the finding."""
        if finding.kind == "desk_filing":
            return self._channel(finding)
        orders = finding.kind in ("reversed_order", "fixed_order")
        key = (finding.kind, *finding.steps)
        if key not in self._rows:
            self._rows[key] = (
                order_spans(self._store, self._selection, *finding.steps, by=self._by)
                if orders
                else pass_times(self._store, self._selection, finding.steps[0], by=self._by)
            )
        rows = self._rows[key]
        others = {one.organisation for one in self._found if (one.kind, one.steps) == (finding.kind, finding.steps)}
        own, control = rows["organisation"] == finding.organisation, ~rows["organisation"].isin(others)
        if finding.kind != "slow_step":
            own &= rows["mark"]
        if finding.kind in ("reversed_order", "leader_decides"):
            control &= ~rows["mark"]
        return matched_effect(rows[own], rows[control], finding.dossiers)

    def _channel(self, finding: Finding) -> Effect | None:
        if not self._contrast:
            groups = channel_contrasts(self._store, self._selection, by=self._by)
            self._contrast.append((pooled_contrast(groups), bool(groups.attrs["clock_hours"])))
        found, clock_hours = self._contrast[0]
        if found is None:
            return None
        mean, half, organisations, dossiers = found
        return Effect(
            mean / 3600, (mean - half) / 3600, (mean + half) / 3600, finding.dossiers, dossiers, organisations,
            "within_organisation_channels", clock_hours,
        )  # fmt: skip

    def _whole(self, finding: Finding) -> Effect | None:
        """The organisation's adjusted effect, held against organisations without any finding."""
        supplements = finding.kind == "repeated_supplements"
        steps = supplement_steps(self._practice) if supplements else finding.steps
        key = (steps, supplements)
        if key not in self._wholes:
            given = throughputs(self._store, self._selection, steps, by=self._by, supplements=supplements)
            self._wholes[key] = organisation_effects(given, self._deviating)
        return self._wholes[key].get(finding.organisation)

    def _carry_over(self, finding: Finding) -> CarryOver | None:
        if finding.steps not in self._shares:
            those = sorted({one.organisation for one in self._found if one.steps == finding.steps})
            self._shares[finding.steps] = carry_over(self._store, self._selection, finding.steps, those, by=self._by)
        return self._shares[finding.steps]


_UNVERIFIED = "unverified_parameters"


def _vnd(kind: str, share: float, usual: float, a_year: float, cost: CostParameters) -> float | None:
    """Only supplements and ways to the desk cost the applicant work; office steps cost the office.

    Computed from the shares and yearly numbers as they are shown, so that a reader can compute it again.
    """
    hours = {"repeated_supplements": cost.hours_per_supplement, "desk_filing": cost.hours_spared_online}.get(kind)
    if hours is None or share <= 0:
        return None
    return float(round(a_year * (share - usual) / share * hours * cost.income_per_hour_vnd))


def _repriced(item: Recommendation, cost: CostParameters) -> Recommendation:
    if item.vnd_a_year is None:
        return item
    return replace(item, vnd_a_year=_vnd(item.kind, item.share, item.usual, item.dossiers_a_year, cost))


def _price_notes(items: Iterable[Recommendation], cost: CostParameters) -> tuple[str, ...]:
    return (_UNVERIFIED,) if cost.unverified and any(item.vnd_a_year is not None for item in items) else ()


def move_of(finding: Finding, practice: Practices) -> Move:
    """The redesign move a finding calls for by its kind and by the names of its steps."""
    if finding.kind in _MOVES:
        return _MOVES[finding.kind]
    rows = practice.steps[
        (practice.steps["organisation"] == finding.organisation) & practice.steps["step"].isin(finding.steps)
    ]
    text = " ".join(normal_form(step) for step in finding.steps) + " "
    if finding.kind == "missing_step":
        return "delegate" if any(word in text for word in _WORDS[0][1]) else "reconcile"
    if finding.kind == "repeated_step":
        return "merge"
    roles = " ".join(normal_form(str(role)) for role in rows["role"].dropna())
    for move, words in _WORDS:
        if any(word in text for word in words):
            return move
    if "van thu" in roles:
        return "cut_handover"
    return "remove"


def _verdict(finding: Finding, effect: Effect | None) -> Verdict:
    if finding.renamed:
        return "vocabulary"
    if finding.kind == "missing_step" or effect is None:
        return "review"
    return "recommended" if effect.low > 0 else "no_time_gain"


def _no_days(verdict: Verdict, effect: Effect | None) -> str:
    """Why a recommendation gives no days a year."""
    if verdict == "review":
        return "no_comparison" if effect is None else "step_to_look_at"
    return "renamed" if verdict == "vocabulary" else verdict


def _no_vnd(verdict: Verdict) -> str:
    """Why a recommendation gives no VND a year: applicants' work is the same, or there is no move at all."""
    return "renamed" if verdict == "vocabulary" else "applicant_spared_nothing"


def _note(finding: Finding, effect: Effect | None) -> str:
    if finding.renamed:
        return "renamed"
    if effect is None:
        return "no_comparison"
    if effect.clock_hours:
        return "clock_hours"
    return "missing_elsewhere" if finding.kind == "missing_step" else ""


def _rank(item: Recommendation) -> tuple[int, float, str, str]:
    order = ("recommended", "review", "no_time_gain", "vocabulary", "too_few_cases")
    saved = item.working_days_a_year or 0.0
    return (order.index(item.verdict), -saved, item.organisations[0], item.move)


def _years(store: LogStore, selection: Selection) -> float:
    period = store.basis(selection).period
    if period is None:
        return 1.0
    first, last = (pd.Timestamp(day) for day in period)
    return float(max(((last - first).days + 1) / 365.25, 1 / 12))
