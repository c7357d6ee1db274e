"""On-time rates and durations of organisations, in the columns the results of this room share."""

from __future__ import annotations

import pandas as pd

from workbench.clock import on_time_rates
from workbench.mining.durations import duration_by
from workbench.selection import Selection
from workbench.store import LogStore

RATES = ("organisation", "on_time", "on_time_low", "on_time_high", "on_time_dossiers")
MEDIAN = "median_working_seconds"
SPANS = ("organisation", MEDIAN, f"{MEDIAN}_low", f"{MEDIAN}_high", "closed")


def on_time_by(store: LogStore, selection: Selection, by: str, clock: str) -> pd.DataFrame:
    """On-time rate per organisation under one clock with its Wilson interval (95 %); without judged ones no row."""
    d = store.dossiers(selection)
    if not int(store.fetch(d.aggregate(n=d.due_at.notnull().sum()))["n"].fillna(0).iloc[0]):
        return pd.DataFrame(columns=list(RATES)).astype({"on_time": float, "on_time_dossiers": float})
    rates = on_time_rates(store, selection, by=by).table
    rates = rates[(rates["clock"] == clock) & (rates["n"] > 0)][["group", "rate", "low", "high", "n"]]
    rates.columns = pd.Index(RATES)
    return rates


def durations_by(store: LogStore, selection: Selection, by: str, seed: int) -> pd.DataFrame:
    """Median working time of closed dossiers per organisation with its interval."""
    spans = duration_by(store, selection.with_(closed=True), by=by, seed=seed).table
    names = {"median_low_working_seconds": f"{MEDIAN}_low", "median_high_working_seconds": f"{MEDIAN}_high"}
    return spans.rename(columns=names)[list(SPANS)]
