"""The indicators of QĐ 766 that the dossier log gives, recomputed.

Recomputed ("tính lại") means: by the published rules from this store's dossiers. The score of the national portal is
the official one; `reconcile` explains the difference.

A value that cannot be known is missing, not 0: a field that no dossier of a province carries leaves that province
out of the indicators that need it (`left_out`).

Readings of the rules that the source leaves open (derived):
- "received or handled in period" (2.1, 5.4): received in the period, or ended in it. What is carried over and still
  open at the end is in neither; it is counted apart (`carried_pending`).
- 4.1 and 4.2 are about dossiers done in the period; every procedure is taken to end in a paper result unless
  `paper_results` names those that do.
- 3.6: a procedure bears fees when one of its dossiers in the store has a fee above 0; dossiers with a fee of 0 do
  not count.
- 4.4: the second way (link of the result synchronised) is not in the log. 4.2: a digitised dossier stands for the
  attachments on its components.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from workbench.clock import ClockRules, judged, latest_event
from workbench.clock.evaluate import TOO_FEW, calendars_of, check_column
from workbench.clock.terms import WORKING_DAY_SECONDS
from workbench.columns import CLOCKS
from workbench.errors import TooFewCases
from workbench.indicators.periods import Every, Period, cut
from workbench.indicators.scoring import points_of, points_verified
from workbench.progress import Progress, silent, track
from workbench.reference import Indicator, indicators_766
from workbench.results import Basis, Result
from workbench.selection import Selection
from workbench.store import LogStore

LABEL = "recomputed"
"""Every figure here is recomputed; text under `indicators.label.`."""
_FIELDS = (
    "channel",
    "result_electronic",
    "digitised",
    "data_reused",
    "identity_verified",
    "fee_paid_online",
    "fee_vnd",
)
_KEEP = ("procedure_code", "province_code", "accepted_at", "outcome", *_FIELDS)
_ON = ("on_time", "pending_on_time")


@dataclass(frozen=True, slots=True)
class Indicators(Result):
    """Recomputed indicators by group and period.

    `table`: group, start, end, as_of, id, numerator, denominator, ratio, points, max_points, points_lost, threshold,
    points_verified (whether the conversion into points was published), left_out (dossiers that cannot be judged), note
    (code under `indicators.note.`), too_few. Missing values are missing, not 0.
    `times` (2.2): group, start, end, procedure_code, completed, mean_working_days, median_working_days, pending,
    pending_mean_age_working_days, too_few. Completed dossiers were received in the period and may have ended later;
    their supplements are subtracted. The age of pending ones stands beside it because completed ones alone flatter.
    `alternatives`: group, start, end, id, variant, numerator, denominator: the same share counted in other ways.
    `carried_pending`: group, start, end, dossiers, late: received before the period and still open at its end.
    """

    table: pd.DataFrame
    times: pd.DataFrame
    alternatives: pd.DataFrame
    carried_pending: pd.DataFrame
    by: str | None
    label: str
    basis: Basis


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked of every period."""

    store: LogStore
    selection: Selection
    by: str | None
    paper_results: Collection[str] | None
    rules: ClockRules | None


def compute_indicators(
    store: LogStore,
    selection: Selection | None = None,
    *,
    by: str | None = None,
    every: Every | None = None,
    reported: Mapping[str, int] | None = None,
    paper_results: Collection[str] | None = None,
    rules: ClockRules | None = None,
    too_few: int = TOO_FEW,
    progress: Progress = silent,
) -> Indicators:
    """The indicators 1.4, 2.1, 2.2, 3.3, 3.6, 4.1-4.4, 4.5b and 5.4 of the selection's period.

    The period is the selection's first to last day (default: those of the dossiers), `every` month, quarter or year of
    it. Pending dossiers are judged at the end of each period, at the latest event where that comes first. `reported`
    gives the dossiers of the national report by group, the denominator of 1.4; without it 1.4 has a numerator only
    and 3.3 is not multiplied by the synchronisation ratio.
    """
    check_column(by)
    chosen = selection or Selection()
    periods = cut(*period_bounds(store, chosen), every)
    whole = chosen.with_(start=None, end=None)
    asked = _Question(store, whole, by, paper_results, rules)
    latest = latest_event(store)
    parts = [
        (_counts(asked, period, latest), _times(asked, period))
        for period in track(periods, "indicators", progress, len(periods))
    ]
    counted, times = (pd.concat(tables, ignore_index=True) for tables in zip(*parts, strict=True))
    return Indicators(
        table=_table(counted, reported or {}, too_few),
        times=times.assign(too_few=times.completed < too_few),
        alternatives=_alternatives(counted),
        carried_pending=counted[["group", "start", "end"]].assign(dossiers=counted.carried, late=counted.carried_late),
        by=by,
        label=LABEL,
        basis=_basis(asked, chosen),
    )


def period_bounds(store: LogStore, selection: Selection) -> tuple[date, date]:
    """The selection's first and last day, those of its dossiers where it names none."""
    if selection.start is not None and selection.end is not None:
        return selection.start, selection.end
    d = store.dossiers(selection)
    row = store.fetch(d.aggregate(a=d.received_at.min(), b=d.received_at.max())).iloc[0]
    if pd.isna(row["a"]):
        raise TooFewCases("The selection has no dossier with a day of receipt.", fix="Choose another period or unit.")
    return selection.start or row["a"].date(), selection.end or row["b"].date()


def _known(store: LogStore) -> ir.Table:
    """By province which fields any of its dossiers carries."""
    d = store.table("dossier")
    carried = {f"has_{name}": d[name].notnull().any() for name in _FIELDS}
    return d.group_by(known_province=ibis.coalesce(d.province_code, "")).aggregate(**carried)


def _counts(asked: _Question, period: Period, latest: datetime) -> pd.DataFrame:
    """All numerators and denominators of one period, one row a group."""
    store, by = asked.store, asked.by
    as_of = min(period.over - timedelta(microseconds=1), latest)
    keep = _KEEP if by is None else (*_KEEP, by)
    t = judged(store, asked.selection, keep=keep, as_of=max(as_of, period.begins), rules=asked.rules)
    known = _known(store)
    t = t.left_join(known, ibis.coalesce(t.province_code, "") == known.known_province)
    dossier = store.table("dossier")
    fee_bearing = dossier.filter(dossier.fee_vnd > 0).procedure_code
    begins, over = ibis.literal(period.begins), ibis.literal(period.over)
    t = t.mutate(
        group=ibis.literal("all") if by is None else t[by].cast("string"),
        came=(t.received_at >= begins) & (t.received_at < over),
        went=ibis.coalesce((t.ended_at >= begins) & (t.ended_at < over), False),
        bears=t.procedure_code.isin(fee_bearing) & (t.fee_vnd.isnull() | (t.fee_vnd > 0)),
        paper=ibis.literal(True) if asked.paper_results is None else t.procedure_code.isin(list(asked.paper_results)),
    )
    counted = t.group_by("group").aggregate(**_aggregates(t, begins, over)).order_by("group")
    return store.fetch(counted).assign(start=period.start, end=period.end, as_of=as_of)


def _aggregates(t: ir.Table, begins: ir.TimestampValue, over: ir.TimestampValue) -> dict[str, ir.Value]:
    """What is counted of the dossiers of a period: how many there are, the published shares, the judged ones."""
    carried = (t.received_at < begins) & t.ended_at.isnull()
    return {
        "received": t.came.sum(),
        "accepted": ((t.accepted_at >= begins) & (t.accepted_at < over)).sum(),
        "carried": carried.sum(),
        "carried_late": (carried & (t.portal == "pending_late")).sum(),
        **_shares(t),
        **_judged(t),
    }


def _shares(t: ir.Table) -> dict[str, ir.Value]:
    """Numerator, denominator and population of the indicators that are shares of dossiers with some property."""
    done = t.went & (ibis.coalesce(t.outcome, "") == "done") & t.paper
    result = ibis.coalesce(t.result_electronic, False)
    digitised = ibis.coalesce(t.digitised, False)
    reused = ibis.coalesce(t.data_reused, False)
    verified = ibis.coalesce(t.identity_verified, False)
    citizen_known = t.has_identity_verified | t.has_data_reused
    pays = t.came & t.bears
    return {
        "3.3_num": (t.came & t.has_channel & t.has_result_electronic & (t.channel == "online") & result).sum(),
        "3.3_den": (t.came & t.has_channel & t.has_result_electronic).sum(),
        "3.3_all": t.came.sum(),
        "3.3_online": (t.came & t.has_channel & (t.channel == "online")).sum(),
        "3.6_num": (pays & t.has_fee_paid_online & t.fee_paid_online.isin([1, 2])).sum(),
        "3.6_den": (pays & t.has_fee_paid_online & t.has_fee_vnd).sum(),
        "3.6_all": pays.sum(),
        "4.1_num": (done & t.has_result_electronic & result).sum(),
        "4.1_den": (done & t.has_result_electronic).sum(),
        "4.1_all": done.sum(),
        "4.2_num": (done & t.has_result_electronic & t.has_digitised & result & digitised).sum(),
        "4.2_den": (done & t.has_result_electronic & t.has_digitised).sum(),
        "4.2_all": done.sum(),
        "4.3_num": (t.came & t.has_digitised & digitised).sum(),
        "4.3_den": (t.came & t.has_digitised).sum(),
        "4.3_all": t.came.sum(),
        "4.4_num": (t.came & t.has_data_reused & reused).sum(),
        "4.4_den": (t.came & t.has_data_reused).sum(),
        "4.4_all": t.came.sum(),
        "4.5b_num": (t.came & citizen_known & (verified | reused)).sum(),
        "4.5b_den": (t.came & citizen_known).sum(),
        "4.5b_all": t.came.sum(),
    }


def _judged(t: ir.Table) -> dict[str, ir.Value]:
    """Dossiers on time and judged at all: those handled by every clock, those ended or received by the portal's."""
    handled = t.came | t.went
    out = {"handled": handled.sum()}
    for clock in CLOCKS:
        out[f"{clock}_num"] = (handled & t[clock].isin(list(_ON))).sum()
        out[f"{clock}_den"] = (handled & (t[clock] != "unknown")).sum()
    out["closed_num"] = (t.went & (t.portal == "on_time")).sum()
    out["closed_den"] = (t.went & t.portal.isin(["on_time", "late"])).sum()
    out["came_num"] = (t.came & t.portal.isin(list(_ON))).sum()
    out["came_den"] = (t.came & (t.portal != "unknown")).sum()
    return out


def _table(counted: pd.DataFrame, reported: Mapping[str, int], too_few: int) -> pd.DataFrame:
    """The indicators of every group and period, those with few cases marked."""
    rows = [row for facts in counted.to_dict("records") for row in _rows(facts, reported)]
    table = pd.DataFrame(rows, columns=_COLUMNS)
    return table.assign(too_few=table.denominator.fillna(0) < too_few)


def _basis(asked: _Question, chosen: Selection) -> Basis:
    store = asked.store
    return store.basis(
        chosen,
        clock="portal",
        calendar=calendars_of(store, store.dossiers(asked.selection)),
        end_event=(asked.rules or ClockRules()).end_event,
    )


def _rows(facts: Mapping[Any, Any], reported: Mapping[str, int]) -> list[dict[str, Any]]:
    """The indicators of one group and period."""
    national = reported.get(str(facts["group"]))
    accepted = int(facts["accepted"])
    sync_of = None if national is None else max(national, accepted)
    sync = accepted / sync_of if sync_of else None
    by_id = {indicator.id: indicator for indicator in indicators_766()}
    out = [_row(facts, by_id["1.4"], accepted, sync_of, 0, "" if sync_of else "numerator_only")]
    on, judged_n = int(facts["portal_num"]), int(facts["portal_den"])
    unknown = int(facts["handled"]) - judged_n
    out.append(_row(facts, by_id["2.1"], on, judged_n, unknown, "points_assumed"))
    for key in ("3.3", "3.6", "4.1", "4.2", "4.3", "4.4", "4.5b"):
        denominator = int(facts[f"{key}_den"])
        left_out = int(facts[f"{key}_all"]) - denominator
        note = "field_empty" if left_out and not denominator else _NOTES.get(key, "")
        row = _row(facts, by_id[key], int(facts[f"{key}_num"]), denominator, left_out, note)
        if key == "3.3" and row["ratio"] is not None and not note:
            row["ratio"] = row["ratio"] * sync if sync is not None else row["ratio"]
            row["note"] = "times_sync" if sync is not None else "sync_unknown"
        out.append(row)
    out.append(_row(facts, by_id["5.4"], on, judged_n, unknown, "late_part_only"))
    return out


def _row(  # noqa: PLR0917 - the facts of one line
    facts: Mapping[Any, Any], indicator: Indicator, numerator: int, denominator: int | None, left_out: int, note: str
) -> dict[str, Any]:
    ratio = numerator / denominator if denominator else None
    points = points_of(ratio, indicator.max_points, indicator.threshold)
    nothing = denominator == 0
    return {
        "group": facts["group"],
        "start": facts["start"],
        "end": facts["end"],
        "as_of": facts["as_of"],
        "id": indicator.id,
        "numerator": None if nothing else numerator,
        "denominator": None if nothing else denominator,
        "ratio": ratio,
        "points": points,
        "max_points": indicator.max_points,
        "points_lost": None if points is None or indicator.max_points is None else indicator.max_points - points,
        "threshold": indicator.threshold,
        "points_verified": points_verified(indicator),
        "left_out": left_out,
        "note": note or ("no_dossiers" if nothing else ""),
    }


def _times(asked: _Question, period: Period) -> pd.DataFrame:
    """Indicator 2.2 by procedure, and the age of what is still open."""
    store, by = asked.store, asked.by
    keep = ("procedure_code", "outcome") if by is None else ("procedure_code", "outcome", by)
    within = asked.selection.with_(start=period.start, end=period.end)
    t = judged(store, within, keep=keep, rules=asked.rules)
    t = t.mutate(
        group=ibis.literal("all") if by is None else t[by].cast("string"),
        days=(t.age_working_seconds - t.supplement_working_seconds) / WORKING_DAY_SECONDS,
    )
    done = t.ended_at.notnull() & (ibis.coalesce(t.outcome, "") == "done")
    pending = t.ended_at.isnull()
    table = store.fetch(
        t.group_by("group", "procedure_code")
        .aggregate(
            completed=done.sum(),
            mean_working_days=t.days.mean(where=done),
            median_working_days=ibis.ifelse(done, t.days, ibis.null(t.days.type())).median(),
            pending=pending.sum(),
            pending_mean_age_working_days=(t.age_working_seconds / WORKING_DAY_SECONDS).mean(where=pending),
        )
        .order_by("group", "procedure_code")
    )
    table = table.assign(start=period.start, end=period.end)
    order = ["group", "start", "end", "procedure_code", "completed", "mean_working_days", "median_working_days"]
    return table[[*order, "pending", "pending_mean_age_working_days"]]


def _alternatives(counted: pd.DataFrame) -> pd.DataFrame:
    """Indicator 2.1 under the other clocks and populations, 3.3 without the electronic result."""
    variants = {
        "2.1": {f"clock_{clock}": (f"{clock}_num", f"{clock}_den") for clock in CLOCKS if clock != "portal"}
        | {"closed_only": ("closed_num", "closed_den"), "received_only": ("came_num", "came_den")}
        | {"unknown_counts_late": ("portal_num", "handled")},
        "3.3": {"online_without_result": ("3.3_online", "received")},
    }
    parts = []
    for key, ways in variants.items():
        for name, (numerator, denominator) in ways.items():
            part = counted[["group", "start", "end"]].assign(id=key, variant=name)
            parts.append(part.assign(numerator=counted[numerator], denominator=counted[denominator]))
    return pd.concat(parts, ignore_index=True).sort_values(["start", "group", "id", "variant"], ignore_index=True)


_NOTES = {"4.1": "all_procedures", "4.2": "all_procedures", "3.6": "points_assumed", "4.4": "one_of_two_ways"}
_COLUMNS = [
    "group", "start", "end", "as_of", "id", "numerator", "denominator", "ratio", "points", "max_points", "points_lost",
    "threshold", "points_verified", "left_out", "note",
]  # fmt: skip
