"""The table of received and handled dossiers as in forms II.06 and II.07, with its identities checked.

Columns as in a live system's forms (sourced): TongSo, TiepNhanKyTruoc, TiepNhanTrucTiepVaBCCI, TiepNhanQuaMang,
DaXuLyVaTraLai, DaXuLyTruocHan, DaXuLyDungHan, DaXuLyQuaHan, DangXuLyVaBoSung, DangXuLyTrongHan, DangXuLyQuaHan. That the
forms are those of TT 01/2020/TT-VPCP is general knowledge, to be checked. The identities are derived.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import ibis
import ibis.expr.types as ir
import pandas as pd

from workbench.clock import ClockRules, judged, latest_event
from workbench.clock.evaluate import calendars_of, check_clock, check_column
from workbench.indicators.compute import period_bounds
from workbench.indicators.periods import Period
from workbench.results import Basis, Result
from workbench.selection import Selection
from workbench.store import LogStore

COLUMNS = (
    "total", "carried_over", "received_desk_post", "received_online", "done", "done_early", "done_on_time", "done_late",
    "done_unknown", "pending", "pending_on_time", "pending_late", "pending_unknown",
)  # fmt: skip
"""In the order of the form; texts under `indicators.report.`."""

_MARKS = ("outside", "carried", "online", "ended", "early", "verdict")

IDENTITIES = (
    ("total_is_received", ("total",), ("carried_over", "received_desk_post", "received_online")),
    ("total_is_handled", ("total",), ("done", "pending")),
    ("done_parts", ("done",), ("done_early", "done_on_time", "done_late", "done_unknown")),
    ("pending_parts", ("pending",), ("pending_on_time", "pending_late", "pending_unknown")),
)


@dataclass(frozen=True, slots=True)
class ReportTable(Result):
    """Received and handled dossiers of one period by group, and the sums.

    `table`: group, then COLUMNS; the last row, group "total", is counted over all groups. Early is before the due
    day, on time on it. Without a channel a dossier counts as filed at the desk, as the portal does. Dossiers the desk
    refused or has not accepted (`not_accepted`) are not in it.
    `checks`: group, identity, left, right, holds.
    """

    table: pd.DataFrame
    checks: pd.DataFrame
    period: tuple[str, str]
    clock: str
    not_accepted: int
    basis: Basis


def report_table(
    store: LogStore,
    selection: Selection | None = None,
    *,
    by: str = "agency_code",
    clock: str = "local",
    rules: ClockRules | None = None,
) -> ReportTable:
    """Received and handled dossiers of the selection's period (default: all days) by a column of the dossier.

    Forms by agency take `by="agency_code"`, by procedure `by="procedure_code"`.
    """
    check_column(by)
    check_clock(clock)
    chosen = selection or Selection()
    period = Period(*period_bounds(store, chosen))
    whole = chosen.with_(start=None, end=None)
    as_of = max(min(period.over - timedelta(microseconds=1), latest_event(store)), period.begins)
    seen = judged(store, whole, keep=("channel", "outcome", by), as_of=as_of, rules=rules)
    marks = _marked(seen, period, by, clock).select("group", *_MARKS)
    cells = store.fetch(marks.group_by("group", *_MARKS).aggregate(dossiers=marks.count()))
    refused = int(cells.loc[cells["outside"], "dossiers"].sum())
    cells = cells[~cells["outside"]]
    rows = [{"group": name, **_counts(part)} for name, part in cells.groupby("group", sort=True)]
    counted = pd.DataFrame([*rows, {"group": "total", **_counts(cells)}], columns=["group", *COLUMNS])
    basis = store.basis(
        chosen,
        clock=clock,
        calendar=calendars_of(store, store.dossiers(whole)),
        end_event=(rules or ClockRules()).end_event,
    )
    days = (period.start.isoformat(), period.end.isoformat())
    return ReportTable(counted, check_identities(counted), days, clock, refused, basis)


def check_identities(table: pd.DataFrame) -> pd.DataFrame:
    """Whether the sums of a report table hold: group, identity, left, right, holds; and columns against the total row."""
    rows = []
    for _, row in table.iterrows():
        for name, left, right in IDENTITIES:
            a, b = int(sum(row[list(left)])), int(sum(row[list(right)]))
            rows.append({"group": row["group"], "identity": name, "left": a, "right": b, "holds": a == b})
    total = table[table.group == "total"]
    for column in COLUMNS if len(total) else ():
        a, b = int(total[column].iloc[0]), int(table.loc[table.group != "total", column].sum())
        rows.append({"group": "total", "identity": f"sum_of_{column}", "left": a, "right": b, "holds": a == b})
    return pd.DataFrame(rows, columns=["group", "identity", "left", "right", "holds"])


def _marked(t: ir.Table, period: Period, by: str, clock: str) -> ir.Table:
    """Dossiers that were open at some time of the period, with the marks the columns count."""
    begins = ibis.literal(period.begins)
    t = t.filter(t.received_at.notnull(), t.ended_at.isnull() | (t.ended_at >= begins))
    refused = ibis.coalesce(t.status_then, 0).isin([1, 3]) | (
        t.ended_at.notnull() & (ibis.coalesce(t.outcome, "") == "refused")
    )
    early = t.judged_at.truncate("D") < t[f"{clock}_due"].truncate("D")
    return t.mutate(
        group=ibis.coalesce(t[by].cast("string"), ""),
        outside=refused,
        carried=t.received_at < begins,
        online=ibis.coalesce(t.channel, "") == "online",
        ended=t.ended_at.notnull(),
        early=ibis.coalesce(early, False),
        verdict=t[clock],
    )


def _counts(cells: pd.DataFrame) -> dict[str, int]:
    """The columns of one row, each counted on its own from the cells."""
    done, carried, online, verdict = cells["ended"], cells["carried"], cells["online"], cells["verdict"]
    on_time = done & (verdict == "on_time")
    chosen = {
        "total": pd.Series(True, index=cells.index),
        "carried_over": carried,
        "received_desk_post": ~carried & ~online,
        "received_online": ~carried & online,
        "done": done,
        "done_early": on_time & cells["early"],
        "done_on_time": on_time & ~cells["early"],
        "done_late": done & (verdict == "late"),
        "done_unknown": done & (verdict == "unknown"),
        "pending": ~done,
        "pending_on_time": ~done & (verdict == "pending_on_time"),
        "pending_late": ~done & (verdict == "pending_late"),
        "pending_unknown": ~done & (verdict == "unknown"),
    }
    return {name: int(cells.loc[mask.astype(bool), "dossiers"].sum()) for name, mask in chosen.items()}
