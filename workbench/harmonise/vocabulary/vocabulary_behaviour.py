"""Step labels as behaviour: where in the dossier they occur, next to what, by whom, leading to which status."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.harmonise.vocabulary.vocabulary_text import normal_form
from workbench.selection import Selection
from workbench.store import LogStore

POSITION_BINS = 10
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
    """The use of every label by every organisation in a selection, from the raw labels of the store."""
    events = store.events(selection, steps=False)
    label = store.table("activity")
    e = events.join(label, "activity_id").join(
        store.table("dossier").select("dossier_key", "event_count"), "dossier_key"
    )
    who = {"organisation": e.province_code, "activity_id": e.activity_id}
    items = e.group_by(**who, label=e.label).aggregate(events=e.count(), dossiers=e.dossier_key.nunique())
    place = (e.position * POSITION_BINS / e.event_count).floor().cast("int32").clip(0, POSITION_BINS - 1)
    positions = e.group_by(**who, bin=place).aggregate(count=e.count())
    actors = e.group_by(**who, unit=e.unit, role=e.role).aggregate(count=e.count())
    statuses = e.group_by(**who, status=e.status).aggregate(count=e.count())
    follows = e.group_by(
        organisation=e.province_code, source=e.activity_id, target=e.next_activity_id.fill_null(-1)
    ).aggregate(count=e.count())
    starts = (
        e.filter(e.position == 0)
        .group_by(organisation=e.province_code, target=e.activity_id)
        .aggregate(count=lambda t: t.count())
    )
    once = e.select(organisation=e.province_code, dossier=e.dossier_key, activity=e.activity_id).distinct()
    other = once.view()
    pairs = once.join(other, [once.dossier == other.dossier, once.activity < other.activity])
    together = pairs.group_by(organisation=pairs.organisation, first=pairs.activity, second=pairs.activity_right)
    first = store.fetch(starts).assign(source=-1)
    return Usage(
        items=store.fetch(items).sort_values(["organisation", "label"], ignore_index=True),
        organisations=store.fetch(e.group_by(organisation=e.province_code).aggregate(dossiers=e.dossier_key.nunique())),
        follows=pd.concat([store.fetch(follows), first], ignore_index=True),
        positions=store.fetch(positions),
        actors=_actors(store.fetch(actors)),
        statuses=store.fetch(statuses),
        together=store.fetch(together.aggregate(dossiers=pairs.count())),
    )


def _actors(frame: pd.DataFrame) -> pd.DataFrame:
    texts = frame["role"].fillna("").astype(str) + " " + frame["unit"].fillna("").astype(str)
    names = {text: normal_form(text) for text in texts.unique()}
    return frame.assign(actor=texts.map(names)).drop(columns=["unit", "role"])


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
