"""What every organisation does, step by step: the numbers deviations are found in.

Only closed dossiers count: an open one has not yet met its later steps. Shares are standardised for case mix (procedure
variant and channel), so that an organisation with harder cases does not look as if it worked in another way.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
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
    whose = d.select("dossier_key", organisation=d[by], stratum=stratum_of(d))
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
        d.group_by(organisation=d[by], stratum=stratum_of(d)).aggregate(
            total=d.count(),
            supplement_share=(supplements >= 1).cast("int64").sum(),
            repeat_supplement_share=(supplements >= 2).cast("int64").sum(),
            online_share=(d.channel == "online").fill_null(False).cast("int64").sum(),
        )
    )
    dossiers = main.groupby("organisation")["total"].sum()
    out = pd.DataFrame({"organisation": dossiers.index, "dossiers": dossiers.to_numpy()})
    for name in ("supplement_share", "repeat_supplement_share"):
        out[name] = standardised(main.assign(taken=main[name])).reindex(dossiers.index).to_numpy()
    out["online_share"] = (main.groupby("organisation")["online_share"].sum() / dossiers).to_numpy()
    moves = e.filter(e.next_unit.notnull() & e.unit.notnull() & (e.unit != e.next_unit))
    whose = d.select("dossier_key", organisation=d[by])
    counted = moves.join(whose, "dossier_key").group_by("organisation").aggregate(moves=lambda t: t.count())
    out = out.merge(store.fetch(counted), on="organisation", how="left")
    out["handovers"] = out.pop("moves").fillna(0.0) / out["dossiers"]
    return out.sort_values("organisation", ignore_index=True)


def stratum_of(d: ibis.Table) -> ir.StringValue:
    """Procedure variant and channel together."""
    return d.procedure_variant.fill_null("") + "|" + d.channel.fill_null("")


def standardised(counts: pd.DataFrame) -> pd.Series:
    """Each organisation's share as it would be with the country's case mix (indirect standardisation).

    `counts` has organisation, stratum, total and taken; the share is what the organisation has beyond what its mix
    explains, added to the country's share, between 0 and 1.
    """
    if counts.empty:
        return pd.Series(dtype=float)
    country = counts.groupby("stratum")[["taken", "total"]].sum()
    rate = (country["taken"] / country["total"]).rename("rate")
    table = counts.merge(rate, left_on="stratum", right_index=True)
    table["expected"] = table["rate"] * table["total"]
    per = table.groupby("organisation")[["taken", "expected", "total"]].sum()
    overall = float(country["taken"].sum() / country["total"].sum())
    return ((per["taken"] - per["expected"]) / per["total"] + overall).clip(0.0, 1.0)


def _steps(store: LogStore, e: ibis.Table, d: ibis.Table, by: str) -> pd.DataFrame:
    mix = store.fetch(d.group_by(organisation=d[by], stratum=stratum_of(d)).aggregate(total=d.count()))
    per_dossier = e.group_by(["organisation", "stratum", "step_id", "dossier_key"]).aggregate(times=lambda t: t.count())
    taken = store.fetch(
        per_dossier.group_by(["organisation", "stratum", "step_id"]).aggregate(
            dossiers=lambda t: t.count(), repeated=lambda t: (t.times > 1).cast("int64").sum()
        )
    )
    parts = [_share_rows(rows, mix, step) for step, rows in taken.groupby("step_id")]
    roles = store.fetch(
        e.group_by(["organisation", "step_id", "role", "unit", "status"])
        .aggregate(n=lambda t: t.count())
        .group_by(["organisation", "step_id"])
        .aggregate(
            role=lambda t: t.role.argmax(t.n), unit=lambda t: t.unit.argmax(t.n), status=lambda t: t.status.argmax(t.n)
        )
    )
    columns = ["organisation", "step", "dossiers", "share", "repeat_share", "role", "unit", "status"]
    if not parts:
        return pd.DataFrame(columns=columns)
    out = pd.concat(parts, ignore_index=True).merge(roles, on=["organisation", "step_id"])
    out["step"] = out["step_id"].map(store.labels())
    return out[columns].sort_values(["organisation", "step"], ignore_index=True)


def _share_rows(rows: pd.DataFrame, mix: pd.DataFrame, step: object) -> pd.DataFrame:
    """One step's standardised shares in the organisations that take it."""
    full = mix.merge(rows.drop(columns="step_id"), on=["organisation", "stratum"], how="left")
    full = full.fillna({"dossiers": 0, "repeated": 0})
    dossiers = full.groupby("organisation")["dossiers"].sum()
    out = pd.DataFrame(
        {
            "step_id": step,
            "dossiers": dossiers,
            "share": standardised(full.assign(taken=full["dossiers"])),
            "repeat_share": standardised(full.assign(taken=full["repeated"])),
        }
    )
    return out[out["dossiers"] > 0].rename_axis("organisation").reset_index()


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
