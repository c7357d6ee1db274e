"""How far organisations are from a unified procedure, month by month, before and after a date.

The distance of a month is 1 - log fitness of the dossiers received in it. It is a ratio of sums over dossiers (cost of
the alignment over the worst cost), so its interval follows from the delta method (Cochran 1977, section 6.4).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from scipy.stats import norm

from workbench.errors import TooFewCases
from workbench.harmonise.conformance.evaluate import require_sound
from workbench.harmonise.multiple_testing import benjamini_hochberg
from workbench.mining.alignments import align
from workbench.mining.durations import TOO_FEW
from workbench.mining.grouping import check_by
from workbench.mining.model import Bpmn
from workbench.mining.variants import ranked, sequences
from workbench.progress import Progress, silent
from workbench.results import Basis, Result
from workbench.selection import Selection
from workbench.store import LogStore

ALL = "all"
EARLY = 0.1
"""A month with a larger share of open dossiers is too early to judge: the closed ones are the quick ones."""


@dataclass(frozen=True, slots=True)
class Tracking(Result):
    """Monthly distances to a model, and what changed after a date."""

    months: pd.DataFrame
    """organisation ("all" for all together), month (first day), after (the date), dossiers (closed), open_share,
    distance, low, high (95 %), following (share of dossiers that follow the model exactly), too_few, too_early."""
    change: pd.DataFrame
    """organisation, dossiers_before, dossiers_after, before, after, difference (negative: nearer), low, high, q_value
    (Benjamini and Hochberg over organisations), too_few; empty without a date."""
    since: date | None
    gaps: tuple[str, ...]
    """Codes of what cannot be said, texts under `harmonise.tracking.gap.`."""
    by: str
    basis: Basis


def track_distance(
    store: LogStore,
    selection: Selection,
    model: Bpmn,
    *,
    since: date | None = None,
    by: str = "province_code",
    too_few_cases: int = TOO_FEW,
    seconds: float = 10.0,
    progress: Progress = silent,
) -> Tracking:
    """Monthly distance of the closed dossiers of a selection to `model`, by month of receipt.

    Months after `since` begin with the month of that day or the next (dossiers are split by their day of receipt).
    Raises TooFewCases without closed dossiers, ModelError when the model is not proved sound.
    """
    check_by(by)
    net = require_sound(model)
    closed = selection.with_(closed=True)
    rows, variants = _rows(store, closed, by, since)
    if rows.empty:
        raise TooFewCases("The selection holds no closed dossier with events.", fix="Choose a longer period.", by=by)
    counts = ranked([(variants[place], int(n)) for place, n in rows.groupby("place")["n"].sum().items()])  # type: ignore[call-overload]
    found = align(net, counts, seconds=seconds, progress=progress)
    cost = {variant: price for (variant, _), price in zip(found.counts, found.costs, strict=True)}
    rows["cost"] = [cost[variants[place]] for place in rows["place"]]
    rows["worst"] = [len(variants[place]) + found.shortest for place in rows["place"]]
    rows = rows.dropna(subset=["cost"]).astype({"cost": float, "worst": float})
    rows = pd.concat([rows.assign(organisation=ALL), rows], ignore_index=True)
    months = _months(rows, _open(store, selection, by, since), too_few_cases)
    unknown = bool(set(model.steps) - {step for variant, _ in counts for step in variant})
    change = _change(rows, too_few_cases) if since is not None else _change(rows.iloc[:0], too_few_cases)
    return Tracking(months, change, since, _gaps(months, change, since, unknown), by, store.basis(closed))


def _rows(
    store: LogStore, closed: Selection, by: str, since: date | None
) -> tuple[pd.DataFrame, tuple[tuple[str, ...], ...]]:
    """Dossiers counted by organisation, month, side of the date and sequence."""
    found = sequences(store, closed, by=by)
    keys = ["province_code", "variant_key"]
    d = store.dossiers(closed)
    d = d.filter(d.variant_key.notnull(), d.event_count > 0)
    grouped = d.group_by(
        province_code=d.province_code,
        variant_key=d.variant_key,
        organisation=d[by],
        month=d.received_at.truncate("M").date(),
        after=_after(d, since),
    )
    rows = store.fetch(grouped.aggregate(n=lambda t: t.count()))
    place = found.rows[[*keys, "place"]].drop_duplicates()
    merged = rows[rows["organisation"].notna()].merge(place, on=keys)
    summed = merged.groupby(["organisation", "month", "after", "place"])[["n"]].sum().reset_index()
    return summed, found.variants


def _after(d: ir.Table, since: date | None) -> ir.BooleanValue:
    return ibis.literal(False) if since is None else d.received_at.date() >= since


def _open(store: LogStore, selection: Selection, by: str, since: date | None) -> pd.DataFrame:
    d = store.dossiers(selection)
    grouped = d.group_by(
        organisation=d[by],
        month=d.received_at.truncate("M").date(),
        after=_after(d, since),
    )
    rows = store.fetch(grouped.aggregate(all=lambda t: t.count(), open=lambda t: t.closed_at.isnull().sum()))
    keys = ["organisation", "month", "after"]
    rows = pd.concat([rows.assign(organisation=ALL), rows], ignore_index=True)
    return rows.groupby(keys, as_index=False)[["all", "open"]].sum()


def distances(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Per group of `keys`: dossiers, distance, variance, following, from counted rows (n, cost, worst)."""
    table = rows.assign(
        c=rows["n"] * rows["cost"], w=rows["n"] * rows["worst"], cc=rows["n"] * rows["cost"] ** 2,
        cw=rows["n"] * rows["cost"] * rows["worst"], ww=rows["n"] * rows["worst"] ** 2,
        exact=rows["n"] * (rows["cost"] == 0),
    )  # fmt: skip
    sums = table.groupby(keys)[["n", "c", "w", "cc", "cw", "ww", "exact"]].sum()
    share = sums["c"] / sums["w"]
    left = (sums["cc"] - 2 * share * sums["cw"] + share**2 * sums["ww"]).clip(lower=0.0)
    scale = (sums["n"] / (sums["n"] - 1)).where(sums["n"] > 1)
    return pd.DataFrame(
        {
            "dossiers": sums["n"].astype(int),
            "distance": share,
            "variance": left / sums["w"] ** 2 * scale,
            "following": sums["exact"] / sums["n"],
        }
    ).reset_index()


def _months(rows: pd.DataFrame, opened: pd.DataFrame, too_few_cases: int) -> pd.DataFrame:
    keys = ["organisation", "month", "after"]
    out = distances(rows, keys).merge(opened, on=keys, how="left")
    half = norm.ppf(0.975) * np.sqrt(out["variance"])
    out = out.assign(
        open_share=out["open"] / out["all"],
        low=(out["distance"] - half).clip(lower=0.0),
        high=(out["distance"] + half).clip(upper=1.0),
        too_few=out["dossiers"] < too_few_cases,
    )
    out["too_early"] = out["open_share"] > EARLY
    columns = ["dossiers", "open_share", "distance", "low", "high", "following", "too_few", "too_early"]
    first = (out["organisation"] != ALL).rename("_")
    order = out.assign(_=first).sort_values(["_", *keys], ignore_index=True)
    return order[[*keys, *columns]]


def _change(rows: pd.DataFrame, too_few_cases: int) -> pd.DataFrame:
    columns = ["organisation", "dossiers_before", "dossiers_after", "before", "after", "difference", "low", "high",
               "q_value", "too_few"]  # fmt: skip
    if rows.empty:
        return pd.DataFrame(columns=columns)
    table = distances(rows, ["organisation", "after"])
    before = table[~table["after"].astype(bool)].drop(columns="after")
    after = table[table["after"].astype(bool)].drop(columns="after")
    both = before.merge(after, on="organisation", suffixes=("_before", "_after"))
    if both.empty:
        return pd.DataFrame(columns=columns)
    error = (both["variance_before"] + both["variance_after"]) ** 0.5
    difference = both["distance_after"] - both["distance_before"]
    z = np.divide(difference.abs(), error, out=np.zeros(len(both)), where=(error > 0).to_numpy())
    p = 2 * norm.sf(z)
    half = norm.ppf(0.975) * error
    out = both.assign(
        before=both["distance_before"], after=both["distance_after"], difference=difference,
        low=difference - half, high=difference + half, q_value=benjamini_hochberg(p),
        too_few=both[["dossiers_before", "dossiers_after"]].min(axis=1) < too_few_cases,
    )  # fmt: skip
    out = out.assign(_=out["organisation"] != ALL).sort_values(["_", "organisation"], ignore_index=True)
    return out[columns]


def _gaps(months: pd.DataFrame, change: pd.DataFrame, since: date | None, unknown: bool) -> tuple[str, ...]:
    checks = {
        "unknown_steps": unknown,
        "no_date": since is None,
        "nothing_after": since is not None and not bool(months["after"].astype(bool).any()),
        "nothing_before": since is not None and bool(months["after"].astype(bool).all()),
        "too_early": bool(months["too_early"].any()),
        "few_cases": bool(change["too_few"].astype(bool).any()) if len(change) else bool(months["too_few"].any()),
    }
    return tuple(code for code, holds in checks.items() if holds)
