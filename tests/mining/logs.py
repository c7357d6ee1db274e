"""Real and random logs as stores, until they are loaded the users' way."""

from __future__ import annotations

import functools
import warnings
from datetime import date, timedelta

import pandas as pd
import pm4py

from tests.conftest import shared_log


@functools.cache
def xes_frame(name: str) -> pd.DataFrame:
    """A real log as pm4py reads it, in file order."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pm4py announces its reader once
        return pm4py.read_xes(str(shared_log(name)), show_progress_bar=False)


def events_of(frame: pd.DataFrame, organisation: str = "ORG") -> pd.DataFrame:
    """Event rows of a pm4py frame; times lose their zone as Asia/Ho_Chi_Minh."""
    times = pd.to_datetime(frame["time:timestamp"], utc=True).dt.tz_convert("Asia/Ho_Chi_Minh").dt.tz_localize(None)
    out = pd.DataFrame(
        {
            "province_code": organisation,
            "dossier_code": frame["case:concept:name"].astype(str),
            "label": frame["concept:name"].astype(str),
            "completed_at": times.astype("datetime64[us]"),
            "source_order": range(len(frame)),
        }
    )
    if "org:resource" in frame:
        out["officer_key"] = frame["org:resource"].astype(str)
    if "org:group" in frame:
        out["unit"] = frame["org:group"].astype(str)
    return out


def as_pm4py(traces: list[list[str]]) -> pd.DataFrame:
    """Traces as a pm4py frame, events one hour apart."""
    rows = [
        (f"{case:05}", label, pd.Timestamp("2024-01-02 08:00") + pd.Timedelta(hours=place))
        for case, trace in enumerate(traces)
        for place, label in enumerate(trace)
    ]
    frame = pd.DataFrame(rows, columns=["case:concept:name", "concept:name", "time:timestamp"])
    return frame.assign(**{"time:timestamp": frame["time:timestamp"].dt.tz_localize("UTC")})


def put_office_hours(store, days: int = 60) -> None:
    """Give every dossier a calendar of Monday to Friday, 8-12 and 13-17, from 2024-01-01, and prepare anew."""
    from workbench.store.loading import rebuild

    start, before = date(2024, 1, 1), 0
    for number in range(days):
        day = start + timedelta(days=number)
        spans = (8 * 3600, 12 * 3600, 13 * 3600, 17 * 3600) if day.weekday() < 5 else (0, 0, 0, 0)
        store.con.execute("insert into calendar_day values ('office', ?, ?, ?, ?, ?, ?)", [day, before, *spans])
        before += spans[1] - spans[0] + spans[3] - spans[2]
    store.con.execute("update dossier set calendar_id = 'office'")
    rebuild(store)


def timed_events(rows: list[tuple[str, str, str, str]], **more: list[object]) -> pd.DataFrame:
    """Event rows of (organisation, dossier, label, "2024-01-02 08:00"), with further columns."""
    frame = pd.DataFrame(rows, columns=["province_code", "dossier_code", "label", "completed_at"])
    frame["completed_at"] = pd.to_datetime(frame["completed_at"]).astype("datetime64[us]")
    for name, values in more.items():
        column = pd.Series(values)
        frame[name] = pd.to_datetime(column).astype("datetime64[us]") if name.endswith("_at") else column
    return frame.assign(source_order=range(len(frame)))
