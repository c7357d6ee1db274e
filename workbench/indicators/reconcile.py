"""Why the portal's score differs from the recomputed one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from workbench.errors import SelectionError
from workbench.indicators.compute import Indicators
from workbench.indicators.portal_scores import PortalScores
from workbench.indicators.scoring import points_of
from workbench.results import Basis, Result

CAUSES = (
    "equal", "portal_missing", "ours_missing", "other_way", "temporary_denominator", "more_dossiers_at_portal",
    "fewer_dossiers_at_portal", "other_numerator", "other_points_rule",
)  # fmt: skip
"""Texts under `indicators.cause.`; `other_way` names the way of counting that gives the portal's figures."""


@dataclass(frozen=True, slots=True)
class Reconciliation(Result):
    """The portal's indicators beside ours. The portal's score is the official one.

    `table`: group, id, portal_numerator, portal_denominator, portal_ratio, portal_score, our_numerator, our_denominator,
    our_ratio, our_points, difference (portal ratio - ours), by_denominator and by_numerator (its two parts, which sum up
    to it where both sides have both numbers), points_difference, cause, variant (which other way of counting matches).
    A missing value stays missing and is never compared as 0. `unmatched`: units of the file that the figures do not have.
    """

    table: pd.DataFrame
    unmatched: tuple[str, ...]
    basis: Basis


def reconcile(
    indicators: Indicators,
    scores: PortalScores,
    *,
    units: Mapping[str, str] | None = None,
    tolerance: float = 0.0005,
) -> Reconciliation:
    """The portal's scores and ours side by side, with the difference explained.

    `indicators` must be of the one period the scores are of. `units` maps the file's unit names to our groups; a file
    that names no unit is compared with the only group there is. Raises SelectionError when no unit is ours.
    """
    if indicators.table[["start", "end"]].drop_duplicates().shape[0] > 1:
        raise SelectionError(
            "The figures are of several periods.", fix="Compute those of the one period of the scores."
        )
    portal = scores.table.assign(group=_groups(indicators, scores, units or {}))
    ours = indicators.table
    known = set(ours["group"])
    unmatched = tuple(sorted({str(name) for name in portal["group"] if name not in known}))
    portal = portal[portal["group"].isin(known)]
    if portal.empty:
        raise SelectionError(
            f"{scores.source or 'The file'} is about {', '.join(unmatched) or 'no unit'}, the figures are about others.",
            fix=f"Say with `units` which of {', '.join(sorted(map(str, known)))} each of them is.",
            units=unmatched,
        )
    # One unit may stand twice in a tree of answers: the first value counts.
    portal = portal.drop_duplicates(["group", "id"])
    pairs = portal.merge(ours, on=["group", "id"], how="left", suffixes=("_portal", ""))
    rows = [_row(pair, indicators.alternatives, tolerance) for _, pair in pairs.iterrows()]
    table = pd.DataFrame(rows).sort_values(["group", "id"], ignore_index=True)
    return Reconciliation(table, unmatched, indicators.basis)


def _groups(indicators: Indicators, scores: PortalScores, units: Mapping[str, str]) -> pd.Series:
    groups = sorted(set(indicators.table["group"]), key=str)
    named = scores.table["group"].map(lambda name: units.get(name, name))
    if len(groups) == 1 and (named == "").all():
        return named.map(lambda _: groups[0])
    return named


def _row(pair: pd.Series, alternatives: pd.DataFrame, tolerance: float) -> dict[str, Any]:
    theirs = {name: _value(pair[f"{name}_portal"]) for name in ("numerator", "denominator", "ratio")}
    mine = {name: _value(pair[name]) for name in ("numerator", "denominator", "ratio")}
    by_denominator, by_numerator = _parts(theirs, mine)
    score, points = _value(pair["score"]), _value(pair["points"])
    cause, variant = _cause(pair, theirs, mine, alternatives, tolerance)
    return {
        "group": pair["group"],
        "id": pair["id"],
        **{f"portal_{name}": value for name, value in theirs.items()},
        "portal_score": score,
        **{f"our_{name}": value for name, value in mine.items()},
        "our_points": points,
        "difference": _minus(theirs["ratio"], mine["ratio"]),
        "by_denominator": by_denominator,
        "by_numerator": by_numerator,
        "points_difference": _minus(score, points),
        "cause": cause,
        "variant": variant,
    }


def _parts(theirs: Mapping[str, float | None], mine: Mapping[str, float | None]) -> tuple[float | None, float | None]:
    """The difference of the ratios split: first the denominator is exchanged, then the numerator."""
    a, b = theirs["numerator"], theirs["denominator"]
    c, d = mine["numerator"], mine["denominator"]
    if a is None or c is None or not b or not d:
        return None, None
    return c / b - c / d, (a - c) / b


def _cause(  # noqa: PLR0911 - one return per cause
    pair: pd.Series,
    theirs: Mapping[str, float | None],
    mine: Mapping[str, float | None],
    alternatives: pd.DataFrame,
    tolerance: float,
) -> tuple[str, str]:
    if theirs["ratio"] is None:
        return "portal_missing", ""
    if mine["ratio"] is None:
        return "ours_missing", ""
    if abs(theirs["ratio"] - mine["ratio"]) <= tolerance and theirs["denominator"] in (None, mine["denominator"]):
        return ("equal" if _same_points(pair, tolerance) else "other_points_rule"), ""
    variant = _variant(pair, theirs, alternatives, tolerance)
    if variant:
        return "other_way", variant
    if "TEMP_NATIONAL_REPORT_DENOMINATOR" in str(pair["flags"]):
        return "temporary_denominator", ""
    if theirs["denominator"] is not None and theirs["denominator"] != mine["denominator"]:
        more = theirs["denominator"] > (mine["denominator"] or 0)
        return ("more_dossiers_at_portal" if more else "fewer_dossiers_at_portal"), ""
    return "other_numerator", ""


def _same_points(pair: pd.Series, tolerance: float) -> bool:
    """Whether the portal's score follows from its own ratio by our rule; true where it cannot be checked."""
    score, top = _value(pair["score"]), _value(pair["max_points"])
    expected = points_of(_value(pair["ratio_portal"]), top, _value(pair["threshold"]))
    return score is None or expected is None or abs(score - expected) <= max(tolerance * (top or 1), 0.01)


def _variant(pair: pd.Series, theirs: Mapping[str, float | None], alternatives: pd.DataFrame, tolerance: float) -> str:
    """The way of counting that gives exactly the portal's numbers; without numbers, its ratio."""
    ways = alternatives[(alternatives["group"] == pair["group"]) & (alternatives["id"] == pair["id"])]
    for _, way in ways.iterrows():
        if not way["denominator"]:
            continue
        if theirs["numerator"] is not None and theirs["denominator"] is not None:
            same = (way["numerator"], way["denominator"]) == (theirs["numerator"], theirs["denominator"])
        else:
            same = abs(way["numerator"] / way["denominator"] - (theirs["ratio"] or 0.0)) <= tolerance
        if same:
            return str(way["variant"])
    return ""


def _value(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


def _minus(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a - b
