"""Step labels as behaviour: where in the dossier they occur, next to what, by whom, leading to which status."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.harmonise.vocabulary.vocabulary_text import normal_form
from workbench.mining.variants import raw_variants
from workbench.selection import Selection
from workbench.store import LogStore

POSITION_BINS = 10
_WHO = ["organisation", "activity_id"]
Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Usage:
    """How labels are used, each table with one row per organisation and what else is named."""

    items: pd.DataFrame
    """organisation, label, activity_id, events, dossiers."""
    organisations: pd.DataFrame
    """organisation, dossiers (with events)."""
    follows: pd.DataFrame
    """organisation, source, target (activity ids, -1 for the start or the end), count."""
    positions: pd.DataFrame
    """organisation, activity_id, bin (0 to 9 of the dossier's length), count."""
    actors: pd.DataFrame
    """organisation, activity_id, actor (normal form of unit and role), count."""
    statuses: pd.DataFrame
    """organisation, activity_id, status, count."""
    together: pd.DataFrame
    """organisation, first, second (activity ids, first < second), dossiers that have both."""


def usage(store: LogStore, selection: Selection) -> Usage:
    """The use of every label by every organisation in a selection, from the raw labels of the store.

    What follows from the order of labels alone is counted on the variants, of which there are far fewer than events.
    """
    rows, activities = raw_variants(store, selection)
    rows = rows.rename(columns={"province_code": "organisation"})
    steps = _steps(activities)
    met = steps.drop_duplicates(["variant_key", "activity_id"])[["variant_key", "activity_id"]]
    e = store.events(selection, steps=False)
    who = {"organisation": e.province_code, "activity_id": e.activity_id}
    acted = store.fetch(e.group_by(**who, unit=e.unit, role=e.role, status=e.status).aggregate(count=e.count()))
    ends = steps.assign(source=steps["activity_id"], target=steps["next"])
    starts = steps[steps["place"] == 0].assign(source=-1, target=steps["activity_id"])
    return Usage(
        items=_items(store, rows, steps, met),
        organisations=rows.groupby("organisation", as_index=False).agg(dossiers=("count", "sum")),
        follows=_summed(rows, pd.concat([ends, starts]), ["source", "target"]),
        positions=_summed(rows, steps, ["activity_id", "bin"]),
        actors=_actors(acted),
        statuses=acted.groupby([*_WHO, "status"], as_index=False, dropna=False).agg(count=("count", "sum")),
        together=_together(rows, met),
    )


def _steps(activities: dict[int, NDArray[np.int32]]) -> pd.DataFrame:
    """variant_key, activity_id, place, next (-1 at the end), bin: one row a step of a variant."""
    lengths = np.array([len(ids) for ids in activities.values()], dtype="int64")
    flat = np.concatenate(list(activities.values())) if activities else np.array([], dtype="int32")
    first = np.cumsum(lengths) - lengths
    place = np.arange(len(flat)) - np.repeat(first, lengths)
    following = np.append(flat[1:], -1) if len(flat) else flat
    length = np.repeat(lengths, lengths)
    return pd.DataFrame(
        {
            "variant_key": np.repeat(np.array(list(activities), dtype="int64"), lengths),
            "activity_id": flat.astype("int64"),
            "place": place,
            "next": np.where(place + 1 < length, following, -1).astype("int64"),
            "bin": np.clip(place * POSITION_BINS // np.maximum(length, 1), 0, POSITION_BINS - 1),
        }
    )


def _summed(rows: pd.DataFrame, steps: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """organisation, `keys`, count: dossiers of an organisation times how often their variant has the keys."""
    often = steps.groupby(["variant_key", *keys]).size().rename("times").reset_index()
    both = rows.merge(often, on="variant_key")
    both["count"] *= both.pop("times")
    return both.groupby(["organisation", *keys], as_index=False).agg(count=("count", "sum"))


def _items(store: LogStore, rows: pd.DataFrame, steps: pd.DataFrame, met: pd.DataFrame) -> pd.DataFrame:
    events = _summed(rows, steps, ["activity_id"]).rename(columns={"count": "events"})
    dossiers = _summed(rows, met, ["activity_id"]).rename(columns={"count": "dossiers"})
    out = events.merge(dossiers, on=_WHO)
    out.insert(1, "label", out["activity_id"].map(store.labels()).astype("str"))
    return out.sort_values(["organisation", "label"], ignore_index=True)


def _together(rows: pd.DataFrame, met: pd.DataFrame) -> pd.DataFrame:
    pairs = met.rename(columns={"activity_id": "first"}).merge(
        met.rename(columns={"activity_id": "second"}), on="variant_key"
    )
    pairs = pairs[pairs["first"] < pairs["second"]]
    return _summed(rows, pairs, ["first", "second"]).rename(columns={"count": "dossiers"})


def _actors(frame: pd.DataFrame) -> pd.DataFrame:
    texts = frame["role"].fillna("").astype(str) + " " + frame["unit"].fillna("").astype(str)
    names = {text: normal_form(text) for text in texts.unique()}
    named = frame.assign(actor=texts.map(names))
    return named.groupby([*_WHO, "actor"], as_index=False).agg(count=("count", "sum"))


def distributions(frame: pd.DataFrame, group: str, what: str, n: int) -> Matrix:
    """Share of each value of `what` in each of `n` groups, shape (n, values); empty groups are all zero."""
    if frame.empty:
        return np.zeros((n, 1))
    table = frame.pivot_table(index=group, columns=what, values="count", aggfunc="sum", fill_value=0, dropna=True)
    out = np.zeros((n, table.shape[1]))
    out[table.index.to_numpy(dtype=int)] = table.to_numpy(dtype=float)
    totals = out.sum(axis=1, keepdims=True)
    return np.divide(out, totals, out=np.zeros_like(out), where=totals > 0)


def overlap(shares: Matrix) -> Matrix:
    """Overlap of every two distributions: the sum of the smaller shares, 0 to 1, shape (n, n)."""
    n = len(shares)
    out = np.empty((n, n))
    for row in range(n):
        out[row] = np.minimum(shares[row], shares).sum(axis=1)
    return out
