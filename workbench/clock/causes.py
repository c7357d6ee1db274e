"""Why two clocks say different things of one dossier."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

CAUSES = (
    "not_accepted",
    "no_due_date",
    "withdrawn",
    "waiting_status",
    "second_supplement",
    "same_day",
    "term_restarted",
    "financial_duty",
    "due_date_moved",
    "supplement_time",
    "other",
)
"""In the order in which they are tried; texts under `clock.cause.`."""

_Test = Callable[[pd.DataFrame, frozenset[str]], pd.Series]


def cause_of(rows: pd.DataFrame, a: str, b: str) -> pd.Series:
    """For each row the first cause that explains why clock `a` and clock `b` differ; empty where they agree."""
    pair = frozenset((a, b))
    tests = [_TESTS[cause](rows, pair).fillna(False).astype(bool).to_numpy() for cause in CAUSES]
    named = np.select(tests, list(CAUSES), default="other") if len(rows) else np.array([], dtype=object)
    return pd.Series(named, index=rows.index, dtype=object).where(rows[a] != rows[b], "")


def _only(clock: str, test: Callable[[pd.DataFrame], pd.Series]) -> _Test:
    """`test`, when the pair has the clock; else false."""
    return lambda rows, pair: test(rows) if clock in pair else pd.Series(False, index=rows.index)


def _same_day(rows: pd.DataFrame) -> pd.Series:
    """Ended on its due day, after the hour: on time by days, late by instants."""
    judged, due = rows["judged_at"], rows["local_due"]
    return (judged.dt.normalize() == due.dt.normalize()) & (judged > due)


def _repeated(rows: pd.DataFrame) -> pd.Series:
    """Asked for a supplement more than once, and late for that alone or besides."""
    return (rows["supplements"] > 1) & rows["portal"].isin(["late", "pending_late"])


def _financial_duty(rows: pd.DataFrame) -> pd.Series:
    """Waited for a financial duty, or still waits for one."""
    waited = rows["pause_working_seconds"] > rows["supplement_working_seconds"]
    return waited | (rows["pause_end"] < rows["supplement_end"])


_TESTS: dict[str, _Test] = {
    "not_accepted": _only("local", lambda rows: rows["status_then"].isin([1, 3]) | (rows["local"] == "unknown")),
    "no_due_date": lambda rows, pair: rows["first_due_at"].isna(),
    "withdrawn": lambda rows, pair: rows["withdrawn"] if pair & {"local", "portal"} else rows["withdrawn"] & False,
    "waiting_status": _only("local", lambda rows: rows["waiting"]),
    "second_supplement": _only("portal", _repeated),
    "same_day": _only("local", _same_day),
    "term_restarted": _only("law", lambda rows: rows["restarted"]),
    "financial_duty": _only("pause", _financial_duty),
    "due_date_moved": _only("local", lambda rows: rows["local_due"] != rows["first_due_at"]),
    "supplement_time": lambda rows, pair: rows["supplements"] > 0,
    "other": lambda rows, pair: pd.Series(True, index=rows.index),
}
