"""Gaps in synchronisation: working days without a single event in an organisation that usually has some.

How likely an empty day is comes from the organisation's last 60 working days before the gap: a negative binomial
with their mean and variance (events come in bunches, so a Poisson law would call every quiet week a gap), and never
less than the share of empty days among them. A run of empty days is a gap when it would come once in a thousand
million tries. A small organisation therefore shows only long gaps, or none; before 20 working days nothing is said.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from datetime import date

import numpy as np
import pandas as pd

from workbench.store import LogStore

LOOK_BACK = 60
LEAST = 20
IMPROBABLE = math.log(1e-9)
COLUMNS = ("province_code", "first_day", "last_day", "working_days", "usual_events", "missing_events")


def sync_gaps(store: LogStore) -> pd.DataFrame:
    """province_code, first_day, last_day, working_days, usual_events (a working day), missing_events (expected)."""
    counts = store.sql(
        "select province_code, completed_at::date as day, count(*) as n from event where position is not null "
        "group by all order by all"
    )
    if counts.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    counts["day"] = counts["day"].astype("datetime64[us]")
    working = _working_days(store, counts["day"].min(), counts["day"].max())
    rows = [
        (province, *gap)
        for province, part in counts.groupby("province_code", sort=True)
        for gap in _gaps(part.set_index("day")["n"], working)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _working_days(store: LogStore, first: pd.Timestamp, last: pd.Timestamp) -> pd.DatetimeIndex:
    """Days on which some calendar has working time; Monday to Friday outside the calendars."""
    days = pd.bdate_range(first, last)
    known = store.sql("select day, max(am_to - am_from + pm_to - pm_from) > 0 as works from calendar_day group by 1")
    if known.empty:
        return days
    known["day"] = known["day"].astype("datetime64[us]")
    free = known.loc[~known["works"], "day"]
    extra = known.loc[known["works"] & known["day"].between(first, last), "day"]
    return days.difference(pd.DatetimeIndex(free)).union(pd.DatetimeIndex(extra))


def _gaps(counts: pd.Series[int], working: pd.DatetimeIndex) -> Iterator[tuple[date, date, int, float, float]]:
    days = working[(working >= counts.index.min()) & (working <= counts.index.max())]
    n = counts.reindex(days, fill_value=0).to_numpy()
    here = np.flatnonzero(n > 0)
    for before, after in itertools.pairwise(here):
        length = int(after - before - 1)
        window = n[max(0, before - LOOK_BACK + 1) : before + 1]
        if length and len(window) >= LEAST and length * _log_empty(window) < IMPROBABLE:
            usual = float(window.mean())
            yield days[before + 1].date(), days[after - 1].date(), length, usual, usual * length


def _log_empty(window: np.ndarray) -> float:
    """Logarithm of the probability of a day without events."""
    mean, spread = float(window.mean()), float(window.var(ddof=1) / window.mean())
    expected = -mean if spread <= 1 else -mean * math.log(spread) / (spread - 1)
    empty = float((window == 0).mean())
    return max(expected, math.log(empty)) if empty else expected
