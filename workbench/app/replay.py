"""A sample of dossiers as they ran along the map, for replaying."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from workbench.charts.process_map import END, START
from workbench.clock import judged
from workbench.mining.dotted import dotted_chart
from workbench.results import Basis, Result
from workbench.selection import Selection
from workbench.store import LogStore

SAMPLE = 120
_SHOWN = 0.95


@dataclass(frozen=True, slots=True)
class Replay(Result):
    """Dossiers with their steps and when they were done."""

    runs: tuple[tuple[str, bool, tuple[tuple[str, float], ...]], ...]
    """(dossier code, late under the clock, ((step, seconds since receipt), ...)) from start to end."""
    span: float
    """Seconds in which 95 % of the sample have reached their last step."""
    basis: Basis


def replay(store: LogStore, selection: Selection, *, clock: str, dossiers: int = SAMPLE, seed: int = 1) -> Replay:
    """The runs of sampled dossiers; the seed decides which."""
    chart = dotted_chart(store, selection, dossiers=dossiers, seed=seed)
    points = chart.points[chart.points["seconds"] >= 0]
    late = _late(store, selection, points["dossier_code"].drop_duplicates(), clock)
    runs = tuple((str(code), str(code) in late, _run(rows)) for code, rows in points.groupby("dossier_code", sort=True))
    ends = [steps[-1][1] for _, _, steps in runs]
    span = float(pd.Series(ends, dtype="float64").quantile(_SHOWN)) if ends else 0.0
    return Replay(runs, max(span, 1.0), chart.basis)


def _run(rows: pd.DataFrame) -> tuple[tuple[str, float], ...]:
    steps = [(str(step), float(seconds)) for step, seconds in zip(rows["step"], rows["seconds"], strict=True)]
    return ((START, 0.0), *steps, (END, steps[-1][1]))


def _late(store: LogStore, selection: Selection, codes: pd.Series, clock: str) -> set[str]:
    t = judged(store, selection, keep=("dossier_code",))
    t = t.filter(t.dossier_code.isin(list(codes)) & t[clock].isin(["late", "pending_late"]))
    return set(store.fetch(t.select("dossier_code"))["dossier_code"].astype(str)) if len(codes) else set()
