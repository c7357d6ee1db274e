"""Points of an indicator, points lost, and where they are won back with the fewest dossiers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from workbench.indicators.compute import Indicators
from workbench.indicators.scoring import points_of
from workbench.results import Basis, Result

ACTIONS: Mapping[str, tuple[str, ...]] = {
    "finish_on_time": ("2.1", "5.4"),
    "pay_online": ("3.6",),
    "electronic_result": ("4.1",),
    "digitise_with_result": ("4.2",),
    "digitise": ("4.3",),
    "reuse_data": ("4.4",),
    "citizen_data": ("4.5b",),
}
"""What an office can do and the indicators it moves; one late dossier costs points twice. Texts: `indicators.action.`."""


@dataclass(frozen=True, slots=True)
class CheapestPoints(Result):
    """Ways to win points back, the most points per dossier first.

    `table`: group, start, end, action, indicators, points_per_dossier (for the next dossier), dossiers (needed for all
    points of the action, or available), points (won with them), cost (dossiers times the cost given for the action; the
    number of dossiers where none is given), cumulative_points, points_verified. Only indicators with a published
    maximum count; actions that win nothing are left out. Effort per dossier is taken as equal unless costs are given.
    """

    table: pd.DataFrame
    basis: Basis


def cheapest_points(indicators: Indicators, *, costs: Mapping[str, float] | None = None) -> CheapestPoints:
    """The ways to win points back for each group and period, cheapest first.

    `costs` gives the effort of one dossier by action (see ACTIONS), in any one unit.
    """
    unknown = sorted(set(costs or {}) - set(ACTIONS))
    if unknown:
        raise ValueError(f"unknown action {unknown[0]!r}; use {', '.join(ACTIONS)}")
    rows: list[dict[str, Any]] = []
    for place, facts in indicators.table.groupby(["group", "start", "end"], sort=True, dropna=False):
        by_id = {str(row["id"]): row for row in facts.to_dict("records")}
        found = [_action(name, by_id, (costs or {}).get(name, 1.0)) for name in ACTIONS]
        best = sorted((row for row in found if row), key=lambda row: -row["points"] / row["cost"])
        won = 0.0
        for row in best:
            won += row["points"]
            rows.append({**dict(zip(("group", "start", "end"), place, strict=True)), **row, "cumulative_points": won})
    columns = [
        "group", "start", "end", "action", "indicators", "points_per_dossier", "dossiers", "points", "cost",
        "cumulative_points", "points_verified",
    ]  # fmt: skip
    return CheapestPoints(pd.DataFrame(rows, columns=columns), indicators.basis)


def _action(name: str, rows: Mapping[str, Mapping[Any, Any]], cost: float) -> dict[str, Any] | None:
    """One action on the indicators it moves, or None when nothing can be won."""
    known = [rows[i] for i in ACTIONS[name] if i in rows and pd.notna(rows[i]["points"])]
    moved = [row for row in known if _needed(row) > 0]
    if not moved:
        return None
    dossiers = max(_needed(row) for row in moved)
    return {
        "action": name,
        "indicators": ", ".join(str(row["id"]) for row in moved),
        "points_per_dossier": sum(_gain(row, 1) for row in moved),
        "dossiers": dossiers,
        "points": sum(_gain(row, dossiers) for row in moved),
        "cost": dossiers * cost,
        "points_verified": all(bool(row["points_verified"]) for row in moved),
    }


def _needed(row: Mapping[Any, Any]) -> int:
    """Dossiers missing in the numerator for the full points."""
    goal = row["denominator"] * (1.0 if pd.isna(row["threshold"]) else row["threshold"])
    return max(math.ceil(goal - 1e-9) - int(row["numerator"]), 0)


def _gain(row: Mapping[Any, Any], dossiers: int) -> float:
    """Points won by `dossiers` more in the numerator."""
    threshold = None if pd.isna(row["threshold"]) else float(row["threshold"])
    after = points_of((row["numerator"] + dossiers) / row["denominator"], row["max_points"], threshold)
    return float((after or 0.0) - row["points"])
