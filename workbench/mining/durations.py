"""Durations of organisations beside each other, with intervals and sample sizes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbench.mining.grouping import check_by
from workbench.mining.intervals import mean_interval, median_interval
from workbench.results import Basis, Result
from workbench.selection import Selection
from workbench.settings import SETTINGS
from workbench.store import LogStore

TOO_FEW = int(next(setting.default for setting in SETTINGS if setting.name == "too_few_cases"))


@dataclass(frozen=True, slots=True)
class DurationsBy(Result):
    """Throughput per organisation, slowest median first. Seconds."""

    table: pd.DataFrame
    """organisation, n, closed, median and mean with the ends of their intervals, p90, the same in working time,
    too_few."""
    by: str
    level: float
    """Level of the intervals: order statistics for medians, bootstrap by dossier for means."""
    too_few_cases: int
    basis: Basis


def duration_by(
    store: LogStore,
    selection: Selection | None = None,
    *,
    by: str = "province_code",
    too_few_cases: int = TOO_FEW,
    level: float = 0.95,
    seed: int = 1,
) -> DurationsBy:
    """Median and mean throughput per organisation with intervals.

    Open dossiers count up to their last event; choose `Selection(closed=True)` to leave them out. Dossiers that end
    before they were received are left out. A group of fewer
    than `too_few_cases` dossiers is marked `too_few`: its figures should not be compared.
    """
    chosen = selection or Selection()
    store.check(chosen)
    d = store.dossiers(chosen)
    rows = store.fetch(
        d.filter(d.throughput_seconds >= 0).select(
            organisation=d[check_by(by)],
            clock=d.throughput_seconds.cast("float64"),
            working=d.throughput_working_seconds.cast("float64"),
            closed=d.closed_at.notnull(),
        )
    )
    records = [
        _record(str(name), part, level=level, seed=seed) for name, part in rows.groupby("organisation", sort=True)
    ]
    table = pd.DataFrame(records, columns=_COLUMNS)
    table["too_few"] = table["n"] < too_few_cases
    table = table.sort_values(["median_seconds", "organisation"], ascending=[False, True]).reset_index(drop=True)
    return DurationsBy(table=table, by=by, level=level, too_few_cases=too_few_cases, basis=store.basis(chosen))


_FIGURES = ("median", "median_low", "median_high", "mean", "mean_low", "mean_high", "p90")
_COLUMNS = [
    "organisation",
    "n",
    "closed",
    *(f"{name}_seconds" for name in _FIGURES),
    *(f"{name}_working_seconds" for name in _FIGURES),
]


def _record(name: str, part: pd.DataFrame, *, level: float, seed: int) -> dict[str, Any]:
    out: dict[str, Any] = {"organisation": name, "n": len(part), "closed": int(part["closed"].sum())}
    for column, suffix in (("clock", "_seconds"), ("working", "_working_seconds")):
        figures = _figures(part[column].dropna().to_numpy(), level=level, seed=seed)
        out.update({f"{key}{suffix}": value for key, value in figures.items()})
    return out


def _figures(values: np.ndarray, *, level: float, seed: int) -> dict[str, float]:
    if not len(values):
        return dict.fromkeys(_FIGURES, float("nan"))
    ordered = np.sort(values)
    low, high = median_interval(ordered, level)
    mean_low, mean_high = mean_interval(values, seed=seed, level=level)
    return {
        "median": float(np.median(ordered)),
        "median_low": low,
        "median_high": high,
        "mean": float(values.mean()),
        "mean_low": mean_low,
        "mean_high": mean_high,
        "p90": float(np.quantile(ordered, 0.9)),
    }
