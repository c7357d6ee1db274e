"""Steps and directly-follows pairs counted on the variants, of which there are far fewer than events."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.mining.variants import flat_rows, flat_variants, map_steps, step_maps
from workbench.selection import Selection
from workbench.store import LogStore

_Ids = npt.NDArray[np.int64]
_DENSE = 4_000_000
"""Codes up to this one are counted in a table of all codes, which takes no sorting."""


@dataclass(frozen=True, slots=True)
class EdgeCounts:
    """What follows what in a selection, in step ids."""

    edges: pd.DataFrame
    """step_id, next_step_id, count, dossiers."""
    steps: pd.DataFrame
    """step_id, count, dossiers, start_count, end_count."""

    @property
    def events(self) -> int:
        """All chained events."""
        return int(self.steps["count"].sum())


def edge_counts(store: LogStore, selection: Selection) -> EdgeCounts:
    """Counts of a selection, in the step names in force; equal to counting its chained events."""
    rows, known, activities, ends = flat_variants(store, selection)
    maps = step_maps(store) if store.has_vocabulary() else {}
    if not maps:
        rows = rows.groupby("variant_key", as_index=False).agg(count=("count", "sum"))
    weights = rows["count"].to_numpy(dtype="int64")
    row, step = flat_rows(pd.Index(known).get_indexer(pd.Index(rows["variant_key"])), activities, ends)
    if maps:
        step = map_steps(step, row, rows["province_code"].tolist(), maps)
    last = np.append(row[1:] != row[:-1], True) if len(row) else np.array([], dtype=bool)
    first = np.roll(last, 1) if len(row) else last
    size = int(step.max(initial=0)) + 1
    follows = ~last
    pair = step[follows] * size + np.append(step[1:], 0)[follows]
    edges = _counted(pair, row[follows], weights)
    edges.insert(0, "next_step_id", edges["code"] % size)
    edges.insert(0, "step_id", edges.pop("code") // size)
    steps = _counted(step, row, weights).rename(columns={"code": "step_id"})
    for name, chosen in (("start_count", first), ("end_count", last)):
        found = np.bincount(step[chosen], weights=weights[row[chosen]], minlength=size).astype("int64")
        steps[name] = found[steps["step_id"].to_numpy()]
    return EdgeCounts(edges, steps)


def _counted(code: _Ids, row: _Ids, weights: _Ids) -> pd.DataFrame:
    """code, count, dossiers: how often each code stands in a row, times the dossiers of the row."""
    if not len(code):
        return pd.DataFrame({name: pd.Series(dtype="int64") for name in ("code", "count", "dossiers")})
    names, place = np.unique(code, return_inverse=True) if code.max() > _DENSE else (None, code)
    size = int(place.max()) + 1
    met = np.sort(row * size + place)  # every code once a row
    of, at = np.divmod(met[np.append(True, met[1:] != met[:-1])], size)
    dossiers = np.bincount(at, weights=weights[of], minlength=size)
    found = np.flatnonzero(dossiers)
    return pd.DataFrame(
        {
            "code": found if names is None else names[found],
            "count": np.bincount(place, weights=weights[row], minlength=size)[found].astype("int64"),
            "dossiers": dossiers[found].astype("int64"),
        }
    )
