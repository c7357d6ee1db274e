"""What changed since the period before: figures with difference, interval and significance, and who moved most.

A dossier counts as received in the period of its receipt and as finished in the period of its end; time and
punctuality are those of the dossiers finished in a period, so that a young period is not judged by its quick dossiers
alone. Differences have intervals by the method of variance estimates recovery (Zou and Donner, 2008, Construction of
confidence limits about effect measures; for shares this is Newcombe's hybrid score method, 1998) from Wilson, Garwood
and order-statistic intervals of the two figures. Tests: Fisher's exact test for shares (pooled z above 20 000 dossiers), the exact conditional test for
counts, Mann and Whitney's rank test with ties for times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from scipy import stats

from workbench.clock import judged, judging_moment, wilson
from workbench.clock.evaluate import check_clock
from workbench.errors import TooFewCases
from workbench.indicators.periods import Every, Period, cut
from workbench.results import Basis, Result
from workbench.selection import Selection
from workbench.store import LogStore

Against = Literal["previous", "year"]
MEASURES = ("received", "finished", "on_time", "median", "online")
_KINDS = ("all", "organisation", "procedure")
_KEYS = ["code", "later"]
_QUARTER_HOUR = 900
_Z = 1.96


@dataclass(frozen=True, slots=True)
class PeriodChanges(Result):
    """Two periods of one selection beside each other."""

    table: pd.DataFrame
    """measure (of MEASURES), before, after, difference with low and high (95 %), p_value, n_before, n_after (what the
    figure rests on), too_few. Shares 0 to 1, counts, and for `median` seconds (working when `working`) to 15 minutes."""
    movers: pd.DataFrame
    """kind (organisation, procedure), code and the columns of `table` for on_time and median, with q_value over all of
    them (Benjamini and Hochberg); least q first. Groups with too few cases in a period are not tested."""
    tests: int
    before: Period
    after: Period
    working: bool
    clock: str
    as_of: datetime
    basis: Basis


def period_changes(
    store: LogStore,
    selection: Selection | None = None,
    *,
    every: Every = "month",
    against: Against = "previous",
    by: str = "province_2025",
    clock: str = "portal",
    too_few: int = 30,
    as_of: datetime | None = None,
) -> PeriodChanges:
    """The last whole month, quarter or year against the one before, or against the same one a year earlier.

    A selection with a first and a last day is itself the later period. Raises TooFewCases when the log has no whole
    period to compare with.
    """
    check_clock(clock)
    chosen = selection or Selection()
    moment = as_of or judging_moment(store, None)
    after = _later(chosen, every, moment.date())
    before = _earlier(after, against, every if chosen.start is None or chosen.end is None else None)
    working = bool(store.scalar("select exists (select 1 from dossier where throughput_working_seconds is not null)"))
    came, ended = _came_and_ended(store, chosen, before, after, by=by, clock=clock, working=working)
    if came.empty:
        raise TooFewCases(
            f"No dossier was received from {before.start} to {after.end}.",
            fix="Choose other periods or a wider selection.",
        )
    counts = {kind: _joined(came[came["kind"] == kind], ended[ended["kind"] == kind]) for kind in _KINDS}
    spent = ended[ended["seconds"] >= 0].rename(columns={"finished": "n"})
    times = {kind: spent.loc[spent["kind"] == kind, ["code", "later", "seconds", "n"]] for kind in _KINDS}
    table = _compared(counts["all"], times["all"], MEASURES, too_few).drop(columns="code")
    movers, tests = _movers(counts, times, too_few)
    basis = store.basis(chosen.with_(start=before.start, end=after.end), clock=clock)
    return PeriodChanges(table, movers, tests, before, after, working, clock, moment, basis)


def _came_and_ended(
    store: LogStore, chosen: Selection, before: Period, after: Period, *, by: str, clock: str, working: bool
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The dossiers received in the two periods, counted, and those finished in them by the seconds they took."""
    t = judged(store, chosen.with_(start=None, end=None), keep=(by, "procedure_code", "channel",
               "throughput_working_seconds", "throughput_seconds"))  # fmt: skip
    came = _counted(store, _inside(t, "received_at", before, after), by, {
        "received": lambda t: t.count(), "channel_known": lambda t: t.channel.count(),
        "online": lambda t: (t.channel == "online").fill_null(False).sum()})  # fmt: skip
    ended = _counted(store, _timed(_inside(t, "ended_at", before, after), working=working), by, {
        "finished": lambda t: t.count(), "judged": lambda t: t[clock].isin(["on_time", "late"]).sum(),
        "on_time": lambda t: (t[clock] == "on_time").sum()}, "seconds")  # fmt: skip
    return came, ended


def _later(chosen: Selection, every: Every, today: date) -> Period:
    if chosen.start is not None and chosen.end is not None:
        return Period(chosen.start, chosen.end)
    first = date(today.year - 2, 1, 1)
    whole = [period for period in cut(first, today + timedelta(days=366), every) if period.end <= today]
    return whole[-1]


def _earlier(after: Period, against: Against, every: Every | None) -> Period:
    if against == "year":
        return Period(_year_before(after.start), _year_before(after.end + timedelta(days=1)) - timedelta(days=1))
    if every is None:
        return Period(after.start - (after.end - after.start) - timedelta(days=1), after.start - timedelta(days=1))
    last = after.start - timedelta(days=1)
    return cut(date(last.year, 1, 1), last, every)[-1]


def _year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=min(day.day, 28) if day.month == 2 else day.day)


def _inside(t: ir.Table, column: str, before: Period, after: Period) -> ir.Table:
    at = t[column]

    def within(period: Period) -> ir.BooleanValue:
        return (at >= ibis.literal(period.begins)) & (at < ibis.literal(period.over))

    late = within(after)
    return t.mutate(later=late).filter(late | within(before))


def _counted(
    store: LogStore, rows: ir.Table, by: str, sums: dict[str, Callable[[ir.Table], ir.Value]], *more: str
) -> pd.DataFrame:
    """kind (of _KINDS), code, later (bool), the columns of `more` and the sums.

    The store counts by organisation and procedure at once; each kind is then summed from that.
    """
    named = {"organisation": rows[by], "procedure": rows.procedure_code}
    codes = {name: column.cast("string").fill_null("") for name, column in named.items()}
    fine = store.fetch(
        rows.group_by(**codes, later=rows.later, **{name: rows[name] for name in more}).aggregate(**sums)
    )
    parts = [
        fine.assign(kind=kind, code=fine[kind] if kind in named else "")
        .groupby(["kind", *_KEYS, *more], as_index=False, dropna=False)
        .agg(dict.fromkeys(sums, "sum"))
        for kind in _KINDS
    ]
    return pd.concat(parts, ignore_index=True)


def _timed(finished: ir.Table, *, working: bool) -> ir.Table:
    """Finished dossiers with the seconds they took, to a quarter of an hour."""
    spent = finished["throughput_working_seconds" if working else "throughput_seconds"].cast("float64")
    return finished.mutate(seconds=(spent / _QUARTER_HOUR).round() * _QUARTER_HOUR)


def _joined(came: pd.DataFrame, ended: pd.DataFrame) -> pd.DataFrame:
    """code, later and all counts of dossiers received and finished."""
    done = ended.groupby(_KEYS, as_index=False)[["finished", "judged", "on_time"]].sum()
    both = came.drop(columns="kind").merge(done, on=_KEYS, how="outer").fillna(0)
    return both.astype({name: "int64" for name in both.columns if name not in _KEYS})


def _compared(counts: pd.DataFrame, times: pd.DataFrame, measures: Iterable[str], too_few: int) -> pd.DataFrame:
    """One row a code and measure."""
    numbers = counts.set_index(["code", "later"])
    spent = dict(list(times.groupby("code")))
    names = list(numbers.columns)
    rows = []
    for code in counts["code"].drop_duplicates():
        pair = [
            dict(zip(names, numbers.loc[(code, later)], strict=True))
            if (code, later) in numbers.index
            else dict.fromkeys(names, 0)
            for later in (False, True)
        ]
        for measure in measures:
            facts = _measured(measure, pair, spent.get(code))
            few = min(facts["n_before"], facts["n_after"]) < too_few
            rows.append({"code": code, "measure": measure, **facts, "too_few": few})
    return pd.DataFrame(rows)


def _measured(measure: str, pair: list[dict[str, int]], times: pd.DataFrame | None) -> dict[str, float]:
    before, after = pair
    if measure == "median":
        return _median_facts(times)
    if measure in ("received", "finished"):
        return _count_facts(before[measure], after[measure])
    over = "judged" if measure == "on_time" else "channel_known"
    return _share_facts(before[measure], before[over], after[measure], after[over])


def _facts(before: tuple[float, float, float], after: tuple[float, float, float], p: float,
           n: tuple[int, int]) -> dict[str, float]:  # fmt: skip
    (a, la, ua), (b, lb, ub) = before, after
    low = b - a - np.sqrt((b - lb) ** 2 + (ua - a) ** 2)
    high = b - a + np.sqrt((ub - b) ** 2 + (a - la) ** 2)
    return {"before": a, "after": b, "difference": b - a, "low": float(low), "high": float(high), "p_value": p,
            "n_before": n[0], "n_after": n[1]}  # fmt: skip


def _share_facts(k: int, n: int, k2: int, n2: int) -> dict[str, float]:
    if not n or not n2:
        nothing = (float("nan"),) * 3
        return _facts(nothing, nothing, float("nan"), (n, n2))
    (low, low2), (high, high2) = wilson([k, k2], [n, n2])
    p = float(stats.fisher_exact([[k, n - k], [k2, n2 - k2]]).pvalue) if n + n2 < 20_000 else _pooled(k, n, k2, n2)
    return _facts((k / n, float(low), float(high)), (k2 / n2, float(low2), float(high2)), p, (n, n2))


def _pooled(k: int, n: int, k2: int, n2: int) -> float:
    share = (k + k2) / (n + n2)
    spread = np.sqrt(share * (1 - share) * (1 / n + 1 / n2))
    return float(2 * stats.norm.sf(abs(k2 / n2 - k / n) / spread)) if spread else 1.0


def _count_facts(n: int, n2: int) -> dict[str, float]:
    def garwood(k: int) -> tuple[float, float, float]:
        low = stats.chi2.ppf(0.025, 2 * k) / 2 if k else 0.0
        return float(k), float(low), float(stats.chi2.ppf(0.975, 2 * k + 2) / 2)

    p = float(stats.binomtest(n2, n + n2, 0.5).pvalue) if n + n2 else float("nan")
    return _facts(garwood(n), garwood(n2), p, (n, n2))


def _median_facts(times: pd.DataFrame | None) -> dict[str, float]:
    nothing = (float("nan"),) * 3
    if times is None:
        return _facts(nothing, nothing, float("nan"), (0, 0))
    parts = [times[times["later"] == later].sort_values("seconds") for later in (False, True)]
    n, n2 = (int(part["n"].sum()) for part in parts)
    if not n or not n2:
        return _facts(nothing, nothing, float("nan"), (n, n2))
    first, second = (_median(part) for part in parts)
    return _facts(first, second, _rank_test(times, n, n2), (n, n2))


def _median(part: pd.DataFrame) -> tuple[float, float, float]:
    """Median with the ends of its order-statistic interval (normal ranks)."""
    reached, seconds = part["n"].cumsum().to_numpy(), part["seconds"].to_numpy()
    n = int(reached[-1])
    half = _Z * np.sqrt(n) / 2
    ranks = (n / 2, n / 2 - half, n / 2 + half + 1)
    middle, low, high = (
        float(seconds[min(int(np.searchsorted(reached, np.clip(np.ceil(rank), 1, n))), len(seconds) - 1)])
        for rank in ranks
    )
    return middle, low, high


def _rank_test(times: pd.DataFrame, n: int, n2: int) -> float:
    """Mann and Whitney's test from counts of equal values, normal approximation with correction for ties."""
    later, counts = times["later"].to_numpy(dtype=bool), times["n"].to_numpy(dtype=float)
    values, place = np.unique(times["seconds"].to_numpy(), return_inverse=True)
    a, b = (
        np.bincount(place, weights=np.where(chosen, counts, 0.0), minlength=len(values)) for chosen in (~later, later)
    )
    below = np.cumsum(a) - a
    u = float((b * (below + a / 2)).sum())
    tied = a + b
    total = n + n2
    if total < 2:
        return 1.0
    variance = n * n2 / 12 * (total + 1 - float((tied**3 - tied).sum()) / (total * (total - 1)))
    return float(2 * stats.norm.sf(abs(u - n * n2 / 2) / np.sqrt(variance))) if variance > 0 else 1.0


def _movers(counts: dict[str, pd.DataFrame], times: dict[str, pd.DataFrame], too_few: int) -> tuple[pd.DataFrame, int]:
    parts = []
    for kind in ("organisation", "procedure"):
        known = counts[kind][counts[kind]["code"] != ""]
        if known["code"].nunique() < 2:
            continue
        part = _compared(known, times[kind], ("on_time", "median"), too_few)
        parts.append(part.assign(kind=kind))
    columns = ["kind", "code", "measure", "before", "after", "difference", "low", "high", "p_value", "q_value",
               "n_before", "n_after"]  # fmt: skip
    every = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*columns, "too_few"])
    tested = every[~every["too_few"].astype(bool) & every["p_value"].notna()].copy()
    tested["q_value"] = stats.false_discovery_control(tested["p_value"].astype(float)) if len(tested) else []
    order = ["q_value", "p_value", "kind", "code", "measure"]
    return tested.sort_values(order, ignore_index=True)[columns], len(tested)
