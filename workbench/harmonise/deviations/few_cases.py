"""What organisations with too few dossiers to judge seem to do otherwise: shown, never counted as found.

Such an organisation is held against the usual practice like every other (`findings`), with the same smallest
differences. No false-discovery rate can be kept for it, so its patterns carry no q-value and no effect; a pattern is
shown when at least SHOWN dossiers have it and an exact binomial test against the usual share has p below the level.
"""

from __future__ import annotations

from typing import NamedTuple, cast

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from workbench.harmonise.comparison.practice import Practices, matrix, supplement_steps
from workbench.harmonise.deviations.findings import (
    Finding,
    Kind,
    Limits,
    joined,
    reference_organisations,
    supplements_once,
    without_renamed,
)
from workbench.results import records

SHOWN = 5
"""Dossiers that have to show a pattern before it is named."""


def patterns_of_few(practice: Practices, limits: Limits | None = None) -> tuple[Finding, ...]:
    """Patterns of the organisations with fewer than `limits.too_few` closed dossiers; their q-values are not numbers.

    Steps that may only bear another name are left out: names are settled where there are dossiers enough.
    """
    chosen = limits or Limits()
    sizes = practice.organisations.set_index("organisation")["dossiers"]
    small = sizes[(sizes < chosen.too_few) & (sizes >= SHOWN)]
    beside = reference_organisations(practice.organisations, chosen.too_few)
    if small.empty or len(beside) < 3:
        return ()
    usual = practice.organisations["organisation"].isin(beside["organisation"])
    common = practice.steps[practice.steps["organisation"].isin(beside["organisation"])]
    shares = _Usual(Practices(practice.organisations[usual], common, practice.follows))
    found = [one for name, size in small.items() for one in _patterns(practice, shares, str(name), int(size), chosen)]
    once = supplements_once(found, frozenset(supplement_steps(practice)))
    kept = [one for one in without_renamed(once, practice) if one.renamed is None]
    return tuple(joined(kept, practice.follows))


class _Seen(NamedTuple):
    """One share of an organisation beside the middle one."""

    kind: Kind
    step: str
    share: float
    usual: float
    least: float
    """Smallest difference worth a finding."""


class _Usual:
    """The share of every step, repetition and supplement in the middle organisation."""

    def __init__(self, practice: Practices) -> None:
        self.share, self.repeats = (self._middle(matrix(practice, name)[0]) for name in ("share", "repeat_share"))
        self.supplements = float(practice.organisations["supplement_share"].median())
        self.repeated_supplements = float(practice.organisations["repeat_supplement_share"].median())

    @staticmethod
    def _middle(wide: pd.DataFrame) -> dict[str, float]:
        return cast("dict[str, float]", wide.median().to_dict())


def _patterns(practice: Practices, usual: _Usual, name: str, size: int, limits: Limits) -> list[Finding]:
    rows = practice.steps[practice.steps["organisation"] == name]
    own = {row["step"]: (row["share"], row["repeat_share"]) for row in records(rows)}
    given: list[_Seen] = []
    for step in sorted({*usual.share, *own}):
        middle, (share, repeated) = usual.share.get(step, 0.0), own.get(step, (0.0, 0.0))
        kind: Kind = "missing_step" if middle >= 0.5 else "extra_step"
        given.append(_Seen(kind, step, share, middle, limits.step_share))
        given.append(_Seen("repeated_step", step, repeated, usual.repeats.get(step, 0.0), limits.repeat_share))
    row = records(practice.organisations[practice.organisations["organisation"] == name])[0]
    again, once = float(row["repeat_supplement_share"]), float(row["supplement_share"])
    given.append(_Seen("repeated_supplements", "", again, usual.repeated_supplements, limits.supplement_share))
    given.append(_Seen("repeated_supplements", "", once, usual.supplements, limits.first_supplement_share))
    found = (_shown(name, size, one, level=limits.false_discovery) for one in given)
    return [one for one in found if one is not None]


def _shown(name: str, size: int, seen: _Seen, *, level: float) -> Finding | None:
    lacks = seen.kind == "missing_step"
    share, usual = (1 - seen.share, 1 - seen.usual) if lacks else (seen.share, seen.usual)
    shown = round(share * size)
    if share - usual < seen.least or shown < SHOWN:
        return None
    expected = float(np.clip(usual, 0.0, 1.0))
    p = float(binomtest(min(shown, size), size, expected, alternative="greater").pvalue)
    if p > level:
        return None
    steps = (seen.step,) if seen.step else ()
    return Finding(name, seen.kind, steps, seen.share, seen.usual, shown, p, float("nan"))
