"""Where an organisation leaves the usual practice: steps it adds, leaves out or repeats, supplements it repeats.

Every organisation is held against the middle of all organisations, step by step; a finding needs a difference that is
both large (at least `Limits`) and significant after Benjamini and Hochberg over all tests made.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, cast

import numpy as np
import pandas as pd

from workbench.harmonise.comparison.practice import Practices, matrix, robust_z, supplement_steps
from workbench.harmonise.multiple_testing import benjamini_hochberg
from workbench.harmonise.vocabulary.vocabulary_text import text_similarity
from workbench.results import records

Kind = Literal[
    "extra_step",
    "missing_step",
    "repeated_step",
    "repeated_supplements",
    "slow_step",
    "reversed_order",
    "fixed_order",
    "desk_filing",
    "leader_decides",
]
"""The last five come from `workbench.harmonise.deviations.opportunities`."""


REFERENCE, REFERENCE_DOSSIERS = 15, 8
"""Organisations the usual practice is taken from at least, as far as they have so many closed dossiers."""
ALIKE = 0.4
"""Text similarity from which two steps have like names."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Smallest differences worth a finding, and the level of false discoveries."""

    step_share: float = 0.25
    repeat_share: float = 0.2
    supplement_share: float = 0.08
    """Of dossiers with a second request."""
    first_supplement_share: float = 0.12
    """Of dossiers with any request."""
    false_discovery: float = 0.05
    too_few: int = 30


@dataclass(frozen=True, slots=True)
class Finding:
    """One organisation's difference."""

    organisation: str
    kind: Kind
    steps: tuple[str, ...]
    share: float
    """Of the organisation's closed dossiers."""
    usual: float
    """In the middle organisation."""
    dossiers: int
    """The organisation's closed dossiers that show it (for a missing step: that lack it)."""
    p_value: float
    q_value: float
    renamed: str | None = None
    """The step this may be another name of: a matter for the vocabulary, not for redesign."""


@dataclass(frozen=True, slots=True)
class Findings:
    """Findings, and the organisations too small to judge."""

    found: tuple[Finding, ...]
    tests: int
    too_few: dict[str, int]
    """Organisation to closed dossiers."""


def find(practice: Practices, limits: Limits | None = None, further: pd.DataFrame | None = None) -> Findings:
    """Findings over all organisations with enough dossiers.

    `further` are tests made elsewhere (`opportunities.further_tests`); all p-values are corrected together.
    """
    chosen = limits or Limits()
    size = practice.organisations.set_index("organisation")["dossiers"]
    small = {str(name): int(n) for name, n in size.items() if n < chosen.too_few}
    kept = practice.organisations[~practice.organisations["organisation"].isin(small)]
    beside = reference_organisations(practice.organisations, chosen.too_few)
    if len(kept) == 0 or len(beside) < 3:
        return Findings((), 0, small)
    steps = practice.steps[practice.steps["organisation"].isin(beside["organisation"])]
    practice = Practices(beside, steps, practice.follows)
    own = [_step_tests(practice), _repeat_tests(practice), _supplement_tests(practice)]
    if further is not None and len(further):
        own.append(further[further["organisation"].isin(kept["organisation"])])
    tests = pd.concat(own, ignore_index=True)
    tests = tests[~tests["organisation"].isin(small)].reset_index(drop=True)
    tests["q"] = benjamini_hochberg(tests["p"].to_numpy(dtype=float))
    large = _large(tests, chosen)
    found = [_finding(row) for row in records(tests[large])]
    once = supplements_once(found, frozenset(supplement_steps(practice)))
    return Findings(tuple(joined(without_renamed(once, practice), practice.follows)), len(tests), small)


def reference_organisations(organisations: pd.DataFrame, too_few: int) -> pd.DataFrame:
    """The organisations whose middle is the usual practice: those large enough to judge and, when these are fewer than
    REFERENCE, the largest of the others, so that a few large ones are not held against each other alone."""
    ranked = organisations.sort_values(["dossiers", "organisation"], ascending=[False, True])
    place = np.arange(len(ranked))
    enough = ranked["dossiers"] >= np.where(place < REFERENCE, min(REFERENCE_DOSSIERS, too_few), too_few)
    return ranked[enough].sort_values("organisation", ignore_index=True)


def supplements_once(found: list[Finding], steps: frozenset[str]) -> list[Finding]:
    """One finding for an organisation's supplements; its steps' own frequencies say nothing beyond it."""
    out, seen = [], set()
    for one in sorted(found, key=lambda item: item.p_value):
        if one.kind == "repeated_supplements":
            if one.organisation not in seen:
                seen.add(one.organisation)
                out.append(replace(one, steps=tuple(sorted(steps))))
        elif one.kind == "missing_step" or not one.steps or not set(one.steps) <= steps:
            out.append(one)
    return sorted(out, key=lambda item: (item.organisation, item.kind, item.steps))


def _finding(row: dict[str, Any]) -> Finding:
    shown = 1 - row["share"] if row["kind"] == "missing_step" else row["share"]
    return Finding(
        organisation=row["organisation"],
        kind=row["kind"],
        steps=() if row["kind"] == "repeated_supplements" else _steps_of(row["step"]),
        share=row["share"],
        usual=row["usual"],
        dossiers=round(shown * row["size"]),
        p_value=row["p"],
        q_value=row["q"],
    )


def _steps_of(step: str | tuple[str, ...]) -> tuple[str, ...]:
    return step if isinstance(step, tuple) else (step,)


def _large(tests: pd.DataFrame, limits: Limits) -> pd.Series:
    difference = tests["share"] - tests["usual"]
    needed = tests["kind"].map(
        {
            "extra_step": limits.step_share,
            "missing_step": limits.step_share,
            "repeated_step": limits.repeat_share,
            "repeated_supplements": limits.supplement_share,
        }
    )
    needed = needed.where(tests["step"] != "supplement_share", limits.first_supplement_share)
    signed = difference.where(tests["kind"] != "missing_step", -difference)
    # An extra step is one the middle organisation does not have as its rule; a missing one is.
    rule = tests["usual"] >= 0.5
    fits = ((tests["kind"] == "extra_step") & ~rule) | ((tests["kind"] == "missing_step") & rule)
    fits |= ~tests["kind"].isin(["extra_step", "missing_step"])
    large = (signed >= needed) & fits
    if "large" in tests:
        large |= tests["large"].eq(True)
    return (tests["q"] <= limits.false_discovery) & large


def _step_tests(practice: Practices) -> pd.DataFrame:
    shares, size = matrix(practice, "share")
    parts = []
    for step in shares.columns:
        table = robust_z(shares[step], size)
        kind = np.where(table["z"] >= 0, "extra_step", "missing_step")
        parts.append(_part(table, shares[step], size, str(step), kind))
    return pd.concat(parts, ignore_index=True)


def _repeat_tests(practice: Practices) -> pd.DataFrame:
    shares, size = matrix(practice, "repeat_share")
    parts = [
        _part(table[table["z"] > 0], shares[step], size, str(step), "repeated_step")
        for step in shares.columns
        if (table := robust_z(shares[step], size)) is not None and shares[step].max() > 0
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _supplement_tests(practice: Practices) -> pd.DataFrame:
    table = practice.organisations.set_index("organisation")
    parts = []
    for column in ("repeat_supplement_share", "supplement_share"):
        tested = robust_z(table[column], table["dossiers"], floor=0.05)
        parts.append(_part(tested[tested["z"] > 0], table[column], table["dossiers"], column, "repeated_supplements"))
    return pd.concat(parts, ignore_index=True)


def _part(tested: pd.DataFrame, share: pd.Series, size: pd.Series, step: str, kind: Any) -> pd.DataFrame:
    return tested.assign(
        organisation=tested.index, step=step, kind=kind, share=share[tested.index], size=size[tested.index]
    )


def without_renamed(found: list[Finding], practice: Practices) -> list[Finding]:
    """A step an organisation adds while it takes a like-named one less often is one step under two names.

    The finding of the like-named step, where there is one, goes; the added step says what it may be.
    """
    shares, _ = matrix(practice, "share")
    usual: pd.Series = shares.median()
    similar = _similar_steps(list(shares.columns))
    out: list[Finding] = []
    gone: set[tuple[str, str]] = set()
    for one in found:
        if one.kind != "extra_step":
            out.append(one)
            continue
        lacking = cast("dict[str, float]", (usual - shares.loc[one.organisation]).to_dict())
        enough = 0.5 * (one.share - one.usual)
        names = [step for step in similar.get(one.steps[0], ()) if lacking[step] >= enough]
        if names:
            partner = max(names, key=lambda step: (lacking[step], step))
            gone.add((one.organisation, partner))
            one = replace(one, renamed=partner)  # noqa: PLW2901 - the same finding, better known
        out.append(one)
    return [one for one in out if one.kind != "missing_step" or (one.organisation, one.steps[0]) not in gone]


def _similar_steps(steps: list[str]) -> dict[str, tuple[str, ...]]:
    """The steps with like names of every step."""
    alike = text_similarity(steps) >= ALIKE
    return {
        step: tuple(other for k, other in enumerate(steps) if k != place and alike[place, k])
        for place, step in enumerate(steps)
    }


def joined(found: list[Finding], follows: pd.DataFrame) -> list[Finding]:
    """Neighbouring steps an organisation adds (or leaves out) together are one finding."""
    out: list[Finding] = []
    for one in found:
        place = next((k for k, other in enumerate(out) if _neighbours(other, one, follows)), None)
        if place is None:
            out.append(one)
            continue
        other = out[place]
        out[place] = Finding(
            one.organisation, one.kind, _ordered(other.steps + one.steps, follows), max(one.share, other.share),
            min(one.usual, other.usual), max(one.dossiers, other.dossiers), min(one.p_value, other.p_value),
            min(one.q_value, other.q_value),
        )  # fmt: skip
    return out


def _neighbours(first: Finding, second: Finding, follows: pd.DataFrame) -> bool:
    if first.organisation != second.organisation or first.kind != second.kind:
        return False
    if first.kind not in ("extra_step", "missing_step") or first.renamed or second.renamed:
        return False
    if abs(first.share - second.share) > 0.2:
        return False
    rows = follows if first.kind == "missing_step" else follows[follows["organisation"] == first.organisation]
    linked = _count(rows, first.steps, second.steps) + _count(rows, second.steps, first.steps)
    total = min(
        rows.loc[rows["source"].isin(first.steps), "count"].sum(),
        rows.loc[rows["source"].isin(second.steps), "count"].sum(),
    )
    return bool(total > 0 and linked >= 0.5 * total)


def _count(follows: pd.DataFrame, source: tuple[str, ...], target: tuple[str, ...]) -> float:
    return float(follows.loc[follows["source"].isin(source) & follows["target"].isin(target), "count"].sum())


def _ordered(steps: tuple[str, ...], follows: pd.DataFrame) -> tuple[str, ...]:
    """The steps in the order in which they follow each other most."""

    def before(step: str) -> float:
        return _count(follows, (step,), steps) - _count(follows, steps, (step,))

    return tuple(sorted(dict.fromkeys(steps), key=lambda step: (-before(step), step)))
