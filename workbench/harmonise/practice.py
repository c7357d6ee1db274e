"""What every organisation does, step by step: the numbers deviations are found in.

Only closed dossiers count: an open one has not yet met its later steps.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import numpy as np
import pandas as pd

from workbench.mining.grouping import check_by
from workbench.results import Result
from workbench.selection import Selection
from workbench.store import LogStore

MIX = ("procedure_variant", "channel", "applicant_type")
"""Dossier attributes that case-mix adjustment holds equal, beside season and workload."""


@dataclass(frozen=True, slots=True)
class Practices(Result):
    """How often each organisation takes each step, and how often it asks for supplements."""

    organisations: pd.DataFrame
    """organisation, dossiers, supplement_share, repeat_supplement_share, online_share, handovers (mean a dossier)."""
    steps: pd.DataFrame
    """organisation, step, dossiers (that take it), share, repeat_share (of all dossiers), role, unit, status."""
    follows: pd.DataFrame
    """organisation, source, target, count."""


def practices(store: LogStore, selection: Selection, *, by: str = "province_code") -> Practices:
    """The practices of the closed dossiers of a selection."""
    check_by(by)
    closed = selection.with_(closed=True)
    d = store.dossiers(closed)
    e = store.events(closed)
    whose = d.select("dossier_key", organisation=d[by])
    return Practices(
        organisations=_organisations(store, d, e, by),
        steps=_steps(store, e.join(whose, "dossier_key"), d, by),
        follows=_follows(store, e.join(whose, "dossier_key")),
    )


def _follows(store: LogStore, e: ibis.Table) -> pd.DataFrame:
    pairs = e.filter(e.next_step_id.notnull()).group_by(["organisation", "step_id", "next_step_id"])
    out = store.fetch(pairs.aggregate(count=lambda t: t.count()))
    names = store.labels()
    return pd.DataFrame(
        {
            "organisation": out["organisation"],
            "source": out["step_id"].map(names),
            "target": out["next_step_id"].map(names),
            "count": out["count"],
        }
    )


def _organisations(store: LogStore, d: ibis.Table, e: ibis.Table, by: str) -> pd.DataFrame:
    supplements = d.supplement_count.fill_null(0)
    main = store.fetch(
        d.group_by(organisation=d[by]).aggregate(
            dossiers=d.count(),
            supplement_share=(supplements >= 1).cast("float64").mean(),
            repeat_supplement_share=(supplements >= 2).cast("float64").mean(),
            online_share=(d.channel == "online").fill_null(False).cast("float64").mean(),
        )
    )
    moves = e.filter(e.next_unit.notnull() & e.unit.notnull() & (e.unit != e.next_unit))
    whose = d.select("dossier_key", organisation=d[by])
    counted = moves.join(whose, "dossier_key").group_by("organisation").aggregate(moves=lambda t: t.count())
    out = main.merge(store.fetch(counted), on="organisation", how="left")
    out["handovers"] = out.pop("moves").fillna(0.0) / out["dossiers"]
    return out.sort_values("organisation", ignore_index=True)


def _steps(store: LogStore, e: ibis.Table, d: ibis.Table, by: str) -> pd.DataFrame:
    per_dossier = e.group_by(["organisation", "step_id", "dossier_key"]).aggregate(times=lambda t: t.count())
    taken = store.fetch(
        per_dossier.group_by(["organisation", "step_id"]).aggregate(
            dossiers=lambda t: t.count(), repeated=lambda t: (t.times > 1).cast("int64").sum()
        )
    )
    roles = store.fetch(
        e.group_by(["organisation", "step_id", "role", "unit", "status"])
        .aggregate(n=lambda t: t.count())
        .group_by(["organisation", "step_id"])
        .aggregate(
            role=lambda t: t.role.argmax(t.n), unit=lambda t: t.unit.argmax(t.n), status=lambda t: t.status.argmax(t.n)
        )
    )
    totals = store.fetch(d.group_by(organisation=d[by]).aggregate(total=d.count()))
    out = taken.merge(roles, on=["organisation", "step_id"]).merge(totals, on="organisation")
    out["step"] = out["step_id"].map(store.labels())
    out["share"] = out["dossiers"] / out["total"]
    out["repeat_share"] = out["repeated"] / out["total"]
    columns = ["organisation", "step", "dossiers", "share", "repeat_share", "role", "unit", "status"]
    return out[columns].sort_values(["organisation", "step"], ignore_index=True)


def supplement_steps(practice: Practices) -> tuple[str, ...]:
    """The steps that ask for a supplement (status 5) and those that mostly come right after them."""
    asking = set(practice.steps.loc[practice.steps["status"] == 5, "step"])
    after = practice.follows[practice.follows["source"].isin(asking)]
    into = practice.follows.groupby("target")["count"].sum()
    near = after.groupby("target")["count"].sum()
    answering = set(near.index[near >= 0.5 * into.reindex(near.index)])
    return tuple(sorted(asking | answering))


def matrix(practice: Practices, column: str) -> tuple[pd.DataFrame, pd.Series]:
    """`column` as organisation x step (0 where a step is not taken) and the dossiers of each organisation."""
    size = practice.organisations.set_index("organisation")["dossiers"]
    wide = practice.steps.pivot(index="organisation", columns="step", values=column)
    return wide.reindex(size.index).fillna(0.0), size


def robust_z(share: pd.Series, size: pd.Series, *, floor: float = 0.03) -> pd.DataFrame:
    """How far each organisation's share lies from the usual one: median, z and two-sided p.

    Shares are arcsine-transformed (variance 1/4n); the spread between organisations is the robust one (1.4826 MAD)
    less the sampling variance, at least `floor`, so that few deviating organisations do not hide themselves.
    """
    from scipy.stats import norm

    y = np.arcsin(np.sqrt(share.clip(0, 1).to_numpy(dtype=float)))
    sampling = 1.0 / (4.0 * size.to_numpy(dtype=float))
    middle = float(np.median(y))
    spread = (1.4826 * float(np.median(np.abs(y - middle)))) ** 2 - float(np.median(sampling))
    between = max(spread, floor**2)
    z = (y - middle) / np.sqrt(between + sampling)
    usual = float(np.sin(middle) ** 2)
    return pd.DataFrame({"usual": usual, "z": z, "p": 2 * norm.sf(np.abs(z))}, index=share.index)


def benjamini_hochberg(p: np.ndarray[tuple[int], np.dtype[np.float64]]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The q-values of p-values: the smallest false-discovery rate at which each is called a discovery.

    Source: Benjamini and Hochberg (1995), Controlling the false discovery rate.
    """
    n = len(p)
    order = np.argsort(p, kind="stable")
    scaled = p[order] * n / np.arange(1, n + 1)
    q = np.minimum.accumulate(scaled[::-1])[::-1].clip(max=1.0)
    out = np.empty(n)
    out[order] = q
    return out
