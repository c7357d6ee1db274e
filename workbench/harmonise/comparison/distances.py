"""How far organisations are from each other: control flow, time and hand-overs.

- Control flow: n-gram distance (Chapela-Campa, D. et al. (2023), Can I trust my simulation model? Measuring the
  quality of business process simulation models, BPM 2023) on relative frequencies: half the sum of absolute
  differences of n-gram frequencies, the start and the end of a dossier included; 0 same, 1 nothing in common.
  With n = 2 the n-grams are the directly-follows pairs. It is the earth mover's distance between the two n-gram
  distributions when any two different n-grams are one apart.
- Time: earth mover's distance (Wasserstein-1) between the throughput distributions, in working days of 8 hours
  (cycle-time distribution distance of the same source), over closed dossiers.
- Resources: mean absolute difference of the share of hand-overs to another unit on directly-follows pairs both
  organisations have, weighted by the smaller of the two frequencies. Units are named differently everywhere, so
  names are not compared. None where units are not recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from workbench.harmonise.organisations import OrganisationLogs
from workbench.mining.grouping import events_by
from workbench.mining.model import Variant
from workbench.selection import Selection
from workbench.store import LogStore

Floats = NDArray[np.float64]
WORKING_DAY = 8 * 3600
_EDGE = ""
"""Stands before the first and after the last step of a dossier; no label is empty."""


def ngrams(variant: Variant, n: int = 2) -> list[tuple[str, ...]]:
    """The n-grams of one variant with n - 1 marks before and after it."""
    padded = (_EDGE,) * (n - 1) + variant + (_EDGE,) * (n - 1)
    return [padded[i : i + n] for i in range(len(padded) - n + 1)]


class NgramTable:
    """n-grams of the pooled variants as a sparse table, variants by n-grams."""

    def __init__(self, logs: OrganisationLogs, n: int = 2) -> None:
        index: dict[tuple[str, ...], int] = {}
        rows: list[int] = []
        columns: list[int] = []
        for row, (variant, _) in enumerate(logs.pooled):
            for gram in ngrams(variant, n):
                rows.append(row)
                columns.append(index.setdefault(gram, len(index)))
        shape = (len(logs.pooled), len(index))
        self.table = csr_array((np.ones(len(rows)), (rows, columns)), shape=shape)
        self.grams = tuple(index)
        self.logs = logs

    def frequencies(self, counts: Mapping[str, NDArray[np.int64]] | None = None) -> Floats:
        """Relative n-gram frequencies, one row per organisation; `counts` replaces the counts of its variants."""
        out = np.zeros((len(self.logs.names), self.table.shape[1]))
        for row, name in enumerate(self.logs.names):
            places, own = self.logs.places[name]
            weights = own if counts is None else counts[name]
            total = weights @ self.table[places]
            out[row] = total / total.sum() if total.sum() else 0.0
        return out


def control_flow(frequencies: Floats) -> Floats:
    """The matrix of n-gram distances between the rows."""
    size = len(frequencies)
    out = np.zeros((size, size))
    for row in range(size - 1):
        out[row, row + 1 :] = np.abs(frequencies[row + 1 :] - frequencies[row]).sum(axis=1) / 2
    return out + out.T


def time(store: LogStore, selection: Selection, by: str, names: tuple[str, ...], quantiles: int = 400) -> Floats:
    """The matrix of throughput distances in working days; NaN without closed dossiers with a throughput."""
    d = store.dossiers(selection.with_(closed=True))
    working = d.throughput_working_seconds
    rows = store.fetch(d.filter(working.notnull()).select(organisation=d[by].cast("string"), seconds=working))
    grid = (np.arange(quantiles) + 0.5) / quantiles
    shapes = {
        str(name): np.quantile(part["seconds"].to_numpy(dtype=float), grid) / WORKING_DAY
        for name, part in rows.groupby("organisation")
    }
    out = np.full((len(names), len(names)), np.nan)
    for (i, a), (j, b) in combinations(enumerate(names), 2):
        if a in shapes and b in shapes:
            out[i, j] = out[j, i] = float(np.abs(shapes[a] - shapes[b]).mean())
    for i, name in enumerate(names):
        out[i, i] = 0.0 if name in shapes else np.nan
    return out


def resources(store: LogStore, selection: Selection, by: str, names: tuple[str, ...]) -> Floats:
    """The matrix of hand-over distances; NaN where one of the two does not record units or no pair is shared."""
    events = events_by(store, selection, by)
    kept = events.filter(events.next_step_id.notnull(), events.unit.notnull(), events.next_unit.notnull())
    rows = store.fetch(
        kept.group_by("organisation", "step_id", "next_step_id").aggregate(
            n=kept.count(), moved=(kept.unit != kept.next_unit).sum()
        )
    )
    tables = {str(name): _handovers(part) for name, part in rows.groupby("organisation")}
    out = np.full((len(names), len(names)), np.nan)
    pairs = pd.MultiIndex.from_frame(rows[["step_id", "next_step_id"]].drop_duplicates())
    empty = pd.DataFrame({"share": [], "rate": []}, index=pairs[:0])
    aligned = [tables.get(name, empty).reindex(pairs) for name in names]
    shares = np.array([table["share"].to_numpy() for table in aligned]).reshape(len(names), len(pairs))
    rates = np.array([table["rate"].to_numpy() for table in aligned]).reshape(len(names), len(pairs))
    for i in range(len(names)):
        weight = np.nan_to_num(np.minimum(shares, shares[i]))
        apart = np.nan_to_num(np.abs(rates - rates[i]))
        total = weight.sum(axis=1)
        known = total > 0
        out[i, known] = (weight * apart).sum(axis=1)[known] / total[known]
    for i, name in enumerate(names):
        out[i, i] = 0.0 if name in tables else np.nan
    return out


def _handovers(part: pd.DataFrame) -> pd.DataFrame:
    table = part.set_index(["step_id", "next_step_id"])[["n", "moved"]].astype(float)
    return pd.DataFrame({"share": table["n"] / table["n"].sum(), "rate": table["moved"] / table["n"]})
