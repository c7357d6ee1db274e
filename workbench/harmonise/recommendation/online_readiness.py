"""What keeps a procedure from full online service (toàn trình): filing, papers, payment, supplements, the result.

A dossier is fully online when none of the barriers holds for it. Each barrier is judged on the closed dossiers for
which the log records it; where it records nothing the result says so and claims nothing. Levels of service (một phần,
toàn trình) are those of Decree 42/2022; the reading of the barriers from the log is ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from workbench.clock.intervals import wilson
from workbench.errors import TooFewCases
from workbench.harmonise.comparison.differences import exact_p
from workbench.harmonise.multiple_testing import benjamini_hochberg
from workbench.mining.durations import TOO_FEW
from workbench.mining.grouping import check_by
from workbench.results import Basis, Result, records
from workbench.selection import Selection
from workbench.store import LogStore

BARRIERS = (
    "filed_at_desk",
    "papers_not_digitised",
    "papers_not_reused",
    "identity_not_verified",
    "fee_not_online",
    "supplement_asked",
    "result_on_paper",
)
STATUS_OF = {"filed_at_desk": (1, 2), "fee_not_online": (6,), "supplement_asked": (5,), "result_on_paper": (10,)}
"""Statuses of the steps in which a barrier lies."""
PAPERS = ("papers_not_digitised", "papers_not_reused")
LEAST_DIFFERENCE = 0.1
"""Difference of shares between desk and online dossiers from which a step belongs to the desk."""
LEVEL_OF_ERROR = 0.05


@dataclass(frozen=True, slots=True)
class OnlineReadiness(Result):
    """How far a procedure is from full online service and what is in the way."""

    barriers: pd.DataFrame
    """barrier, dossiers (known), hits, share, low, high (Wilson 95 %), steps; the largest share first."""
    organisations: pd.DataFrame
    """organisation, barrier, dossiers, hits, share, low, high, too_few."""
    desk_steps: pd.DataFrame
    """step, share_desk, share_online, dossiers_desk, dossiers_online, q_value: steps dossiers filed at the desk take and
    those filed online do not (Fisher's exact test, Benjamini and Hochberg)."""
    papers: pd.DataFrame
    """paper, database: the national database that holds it, None when the applicant must hand it in."""
    fully_online: float | None
    """Share of the dossiers for which every recorded barrier is absent; None when no barrier is recorded."""
    fully_online_low: float | None
    fully_online_high: float | None
    desk_visits: float | None
    """Least visits a dossier: filing at the desk, each supplement of a desk dossier, a result on paper."""
    declared_full: float | None
    """Share of the dossiers declared as full online service in the log; None where not recorded."""
    gaps: tuple[str, ...]
    """Codes of what the log does not record, texts under `harmonise.online.gap.`."""
    basis: Basis


def online_readiness(
    store: LogStore,
    selection: Selection,
    *,
    by: str = "province_code",
    papers: Mapping[str, str | None] | None = None,
    too_few_cases: int = TOO_FEW,
) -> OnlineReadiness:
    """The online readiness of a selection (one procedure).

    `papers` maps the papers of the procedure to the national database that holds each (None for none); the log names
    no papers, only whether some were reused. Raises TooFewCases without closed dossiers.
    """
    check_by(by)
    closed = selection.with_(closed=True)
    basis = store.basis(closed)
    if not basis.n_dossiers:
        raise TooFewCases(
            "The selection holds no closed dossier: online service cannot be judged.", fix="Choose a longer period."
        )
    d = store.dossiers(closed)
    found = _flags(d)
    totals = store.fetch(found.aggregate(**_sums(found))).iloc[0]
    groups = store.fetch(found.group_by(organisation=found[by]).aggregate(**_sums(found)))
    barriers = _barriers(store, closed, totals)
    known = set(barriers["barrier"])
    share, low, high = _fully(store, found, known)
    return OnlineReadiness(
        barriers=barriers,
        organisations=_by_organisation(groups, too_few_cases),
        desk_steps=_desk_steps(store, closed),
        papers=pd.DataFrame(sorted((papers or {}).items()), columns=["paper", "database"], dtype=object),
        fully_online=share,
        fully_online_low=low,
        fully_online_high=high,
        desk_visits=_visits(totals, known),
        declared_full=_mean(totals["declared"], totals["declared_known"]),
        gaps=_gaps(known, papers, totals),
        basis=basis,
    )


def _barriers(store: LogStore, closed: Selection, totals: pd.Series) -> pd.DataFrame:
    """The recorded barriers with the steps they lie in, the largest share first."""
    table = _table([("", totals)], by_organisation=False)
    table["steps"] = [_steps(store, closed, STATUS_OF.get(name, ())) for name in table["barrier"]]
    return table.sort_values(["share", "barrier"], ascending=[False, True], ignore_index=True)


def _by_organisation(groups: pd.DataFrame, too_few_cases: int) -> pd.DataFrame:
    rows = [(str(row["organisation"]), pd.Series(row)) for row in records(groups.sort_values("organisation"))]
    return _table(rows, by_organisation=True).assign(too_few=lambda t: t["dossiers"] < too_few_cases)


def _flags(d: ir.Table) -> ir.Table:
    """The barriers of every dossier: 1, 0, or null where the log does not say."""
    desk = _flag(d.channel != "online")
    fee = ibis.cases((d.fee_vnd > 0, _flag(d.fee_paid_online.isnull())), (d.fee_vnd == 0, 0))
    # A log without any payment record cannot say that fees were not paid online.
    paid_known = d.fee_paid_online.notnull().any().over(ibis.window())
    digital_known = d.digitised.any().over(ibis.window())
    reuse_known = d.data_reused.any().over(ibis.window())
    return d.mutate(
        filed_at_desk=desk,
        papers_not_digitised=digital_known.ifelse(_flag(~d.digitised), ibis.null("int64")),
        papers_not_reused=reuse_known.ifelse(_flag(~d.data_reused), ibis.null("int64")),
        identity_not_verified=_flag(~d.identity_verified),
        fee_not_online=paid_known.ifelse(fee, ibis.null("int64")),
        supplement_asked=_flag(d.supplement_count.fill_null(0) > 0),
        result_on_paper=_flag(~d.result_electronic),
        visits=desk * (1 + d.supplement_count.fill_null(0)) + _flag(~d.result_electronic).fill_null(0),
        full=_flag(d.service_level == "full"),
    )


def _flag(holds: ir.BooleanValue) -> ir.IntegerValue:
    """1 where it holds, 0 where it does not, null where it is not known."""
    return ibis.cases((holds, 1), (~holds, 0))


def _sums(found: ir.Table) -> dict[str, ir.Scalar]:
    out: dict[str, ir.Scalar] = {}
    for name in BARRIERS:
        out[f"n_{name}"] = found[name].notnull().cast("int64").sum()
        out[name] = found[name].cast("int64").sum()
    out["visits"] = found.visits.cast("float64").mean()
    out["declared_known"] = found.full.notnull().cast("int64").sum()
    out["declared"] = found.full.cast("int64").sum()
    return out


def _table(rows: list[tuple[str, pd.Series]], *, by_organisation: bool) -> pd.DataFrame:
    out = []
    for name, row in rows:
        for barrier in BARRIERS:
            n = int(row[f"n_{barrier}"] or 0)
            if n:
                out.append((name, barrier, n, int(row[barrier])))
    table = pd.DataFrame(out, columns=["organisation", "barrier", "dossiers", "hits"])
    low, high = wilson(table["hits"].to_numpy(dtype=float), table["dossiers"].to_numpy(dtype=float))
    table = table.assign(share=table["hits"] / table["dossiers"], low=low, high=high)
    return table if by_organisation else table.drop(columns="organisation")


def _steps(store: LogStore, closed: Selection, statuses: tuple[int, ...]) -> tuple[str, ...]:
    """The steps that mostly have one of the statuses, the most frequent first."""
    if not statuses:
        return ()
    e = store.events(closed)
    counts = e.filter(e.status.notnull()).group_by("step_id").aggregate(
        n=lambda t: t.count(), hits=lambda t: t.status.isin(list(statuses)).cast("int64").sum()
    )  # fmt: skip
    rows = store.fetch(counts)
    kept = rows[rows["hits"] >= 0.5 * rows["n"]].sort_values(["hits", "step_id"], ascending=[False, True])
    labels = store.labels()
    return tuple(labels[int(step)] for step in kept["step_id"])


def _fully(store: LogStore, found: ir.Table, known: set[str]) -> tuple[float | None, float | None, float | None]:
    if not known:
        return None, None, None
    held = sum((found[name].fill_null(0) for name in sorted(known)), start=ibis.literal(0))
    row = store.fetch(found.aggregate(n=found.count(), free=(held == 0).cast("int64").sum())).iloc[0]
    low, high = wilson(np.array([float(row["free"])]), np.array([float(row["n"])]))
    return float(row["free"] / row["n"]), float(low[0]), float(high[0])


def _desk_steps(store: LogStore, closed: Selection) -> pd.DataFrame:
    columns = ["step", "share_desk", "share_online", "dossiers_desk", "dossiers_online", "q_value"]
    d, e = store.dossiers(closed), store.events(closed)
    whose = d.filter(d.channel.notnull()).select("dossier_key", online=d.channel == "online")
    sizes = store.fetch(whose.group_by("online").aggregate(n=lambda t: t.count())).set_index("online")["n"]
    if len(sizes) < 2:
        return pd.DataFrame(columns=columns)
    pairs = e.select("dossier_key", "step_id").distinct().join(whose, "dossier_key")
    counts = store.fetch(pairs.group_by(["step_id", "online"]).aggregate(n=lambda t: t.count()))
    wide = counts.pivot(index="step_id", columns="online", values="n").reindex(columns=[False, True]).fillna(0.0)
    desk, online = wide[False].to_numpy(dtype=float), wide[True].to_numpy(dtype=float)
    n_desk, n_online = np.full(len(wide), float(sizes[False])), np.full(len(wide), float(sizes[True]))
    labels = store.labels()
    table = pd.DataFrame(
        {
            "step": [labels[int(step)] for step in wide.index],
            "share_desk": desk / n_desk,
            "share_online": online / n_online,
            "dossiers_desk": desk.astype(int),
            "dossiers_online": online.astype(int),
            "q_value": benjamini_hochberg(exact_p(desk, n_desk, online, n_online)),
        }
    )
    kept = (table["q_value"] <= LEVEL_OF_ERROR) & (table["share_desk"] - table["share_online"] >= LEAST_DIFFERENCE)
    return table[kept].sort_values(["share_desk", "step"], ascending=[False, True], ignore_index=True)


def _visits(totals: pd.Series, known: set[str]) -> float | None:
    return float(totals["visits"]) if {"filed_at_desk", "result_on_paper"} <= known else None


def _mean(hits: float, n: float) -> float | None:
    return float(hits / n) if n else None


def _gaps(known: set[str], papers: Mapping[str, str | None] | None, totals: pd.Series) -> tuple[str, ...]:
    out = [name for name in BARRIERS if name not in known]
    if not papers:
        out.append("no_paper_list")
    if not totals["declared_known"]:
        out.append("no_service_level")
    return tuple(out)
