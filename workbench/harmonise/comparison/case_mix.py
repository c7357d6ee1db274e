"""Organisations as if each had the country's mix of cases.

Indirect standardisation: dossiers of all organisations are counted by stratum (case of the procedure, channel, applicant
type, level, quarter of receipt). What an organisation would have with everybody's rates and means in its own strata is
its expected figure; observed over expected, times the country's figure, is the adjusted one. Late rates are adjusted
and on-time rates taken from them, so that no rate passes 100 %. Intervals are those of the observed figure, scaled: the
strata's own uncertainty is not in them. Sources: Keiding and Clayton (2014), Standardization and control for confounding
in observational studies; Spiegelhalter (2005) for its use in comparisons of institutions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.clock import judged, wilson
from workbench.clock.evaluate import check_clock
from workbench.mining.grouping import check_by
from workbench.results import Basis, Result
from workbench.selection import Selection
from workbench.store import LogStore

FACTORS = ("procedure_variant", "channel", "applicant_type", "level")
STRATA = (*FACTORS, "quarter")


@dataclass(frozen=True, slots=True)
class CaseMix(Result):
    """What the mix of cases explains, and figures without it."""

    table: pd.DataFrame
    """organisation, judged, late, expected_late, on_time_adjusted with low and high (95 %); timed (done dossiers with a
    duration), time_factor (the country's mean over the mean its mix makes one expect: above 1, its cases are the quick
    ones)."""
    strata: int
    """How many strata have a dossier."""
    late_rate: float | None
    """Of all organisations together."""
    clock: str
    basis: Basis


def case_mix(store: LogStore, selection: Selection, *, by: str = "province_code", clock: str = "portal") -> CaseMix:
    """The figures of every organisation of a selection adjusted for its mix of cases."""
    check_by(by)
    check_clock(clock)
    counted = _counted(store, selection, by, clock)
    everywhere = counted.groupby(list(STRATA), as_index=False)[["judged", "late", "timed", "spent"]].sum()
    rates = everywhere.assign(
        late_share=everywhere["late"] / everywhere["judged"].where(everywhere["judged"] > 0),
        mean_spent=everywhere["spent"] / everywhere["timed"].where(everywhere["timed"] > 0),
    )
    joined = counted.merge(rates[[*STRATA, "late_share", "mean_spent"]], on=list(STRATA))
    joined["expected_late"] = joined["judged"] * joined["late_share"].fillna(0)
    joined["expected_spent"] = joined["timed"] * joined["mean_spent"].fillna(0)
    sums = ["judged", "late", "expected_late", "timed", "spent", "expected_spent"]
    table = joined.groupby("organisation", as_index=False)[sums].sum()
    total = table["judged"].sum()
    late_rate = float(table["late"].sum() / total) if total else None
    mean = table["spent"].sum() / table["timed"].sum() if table["timed"].sum() else float("nan")
    table = table.assign(
        **_adjusted(table, late_rate),
        time_factor=mean / (table["expected_spent"] / table["timed"].where(table["timed"] > 0)),
    )
    columns = [
        "organisation",
        "judged",
        "late",
        "expected_late",
        "on_time_adjusted",
        "low",
        "high",
        "timed",
        "time_factor",
    ]
    return CaseMix(table[columns], len(everywhere), late_rate, clock, store.basis(selection, clock=clock))


def _counted(store: LogStore, selection: Selection, by: str, clock: str) -> pd.DataFrame:
    """organisation and stratum with judged, late, timed and spent (seconds, working where a calendar is known)."""
    working = store.scalar("select exists (select 1 from dossier where throughput_working_seconds is not null)")
    spent = "throughput_working_seconds" if working else "throughput_seconds"
    t = judged(store, selection, keep=tuple(dict.fromkeys((by, *FACTORS, spent, "closed_at"))))
    t = t.filter(t[by].notnull())
    timed = t.closed_at.notnull() & (t[spent] >= 0)
    rows = t.select(
        organisation=t[by].cast("string"),
        **{name: t[name].cast("string").fill_null("") for name in FACTORS},
        quarter=(t.received_at.year() * 4 + t.received_at.quarter()).fill_null(0),
        judged=(t[clock] != "unknown").fill_null(False),
        late=t[clock].isin(["late", "pending_late"]).fill_null(False),
        timed=timed,
        spent=timed.ifelse(t[spent], 0).cast("float64"),
    )
    grouped = rows.group_by(["organisation", *STRATA]).aggregate(
        judged=lambda g: g.judged.sum(), late=lambda g: (g.late & g.judged).sum(), timed=lambda g: g.timed.sum(),
        spent=lambda g: g.spent.sum(),
    )  # fmt: skip
    return store.fetch(grouped).fillna({"judged": 0, "late": 0, "timed": 0, "spent": 0.0})


def _adjusted(table: pd.DataFrame, late_rate: float | None) -> dict[str, NDArray[np.float64]]:
    judged_n = table["judged"].to_numpy(dtype=float)
    low, high = wilson(table["late"], table["judged"])
    expected = table["expected_late"].to_numpy(dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(expected > 0, (late_rate or 0.0) * judged_n / expected, 1.0)
        share = table["late"].to_numpy(dtype=float) / judged_n
    known = judged_n > 0
    return {
        "on_time_adjusted": np.where(known, np.clip(1 - share * factor, 0, 1), np.nan),
        "low": np.where(known, np.clip(1 - high * factor, 0, 1), np.nan),
        "high": np.where(known, np.clip(1 - low * factor, 0, 1), np.nan),
    }
