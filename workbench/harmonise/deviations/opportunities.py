"""Differences beyond which steps are taken: slow steps, the order of two steps, the filing channel, who decides.

Each kind is a share per organisation that is held against the middle organisation with `comparison.practice.robust_z`,
like the steps themselves, so that all p-values can be corrected together:

- slow_step: closed dossiers whose working time before a step is beyond the country's third quartile of that step after
  the same step, standardised for procedure variant and channel;
- reversed_order, fixed_order: dossiers that take one of two neighbouring steps first; the first where the middle
  organisation has an order (at least ORDERED of its dossiers), the second where it has none;
- desk_filing: dossiers not filed online, standardised for procedure variant, applicant type and year;
- leader_decides: dossiers in which a step is done by a leader although the middle organisation leaves it to others.

Steps, and pairs of steps, are tested when enough of the country's dossiers tell; the choice does not look at who
deviates (independent filtering; Bourgon, Gentleman and Huber 2010).
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm
from scipy.stats import t as student

from workbench.harmonise.comparison.practice import robust_z, standardised, stratum_of
from workbench.harmonise.vocabulary.vocabulary_text import normal_form
from workbench.mining.variants import variant_counts_by
from workbench.results import records
from workbench.selection import Selection
from workbench.store import LogStore

KINDS = ("slow_step", "reversed_order", "fixed_order", "desk_filing", "leader_decides")
SLOW_QUANTILE = 0.75
LEAST = {"slow_step": 0.35, "reversed_order": 0.5, "fixed_order": 0.2, "desk_filing": 1 / 3, "leader_decides": 0.3}
"""Smallest difference of shares from the middle organisation worth a finding."""
ORDERED = 0.8
"""Share of the middle organisation's dossiers from which two steps have an order; below, their order is free."""
FIXED = 0.95
EFFICIENCY = 0.37
"""Of the median absolute deviation among normal values."""
LEADERS = ("lanh dao", "chu tich", "giam doc", "cuc truong", "chi cuc truong")
Floats = NDArray[np.float64]
COLUMNS = ("organisation", "kind", "step", "share", "usual", "size", "p", "large")


def further_tests(store: LogStore, selection: Selection, *, by: str, too_few: int) -> pd.DataFrame:
    """Every test of these kinds: organisation, kind, step (a tuple of steps), share, usual, size (dossiers), p, large.

    `large` says whether the difference reaches LEAST in the direction of its kind. Organisations with fewer than
    `too_few` dossiers are not tested, nor is anything fewer than three organisations show.
    """
    closed = selection.with_(closed=True)
    parts = [
        _slow_steps(store, closed, by, too_few),
        _orders(store, closed, by, too_few),
        _desk_filing(store, closed, by, too_few),
        _leaders(store, closed, by, too_few),
    ]
    found = [part for part in parts if len(part)]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=list(COLUMNS))


def has_calendar(store: LogStore) -> bool:
    """Whether working time is known."""
    return bool(store.scalar("select exists (select 1 from calendar_day)"))


def leader_roles(store: LogStore, selection: Selection) -> tuple[str, ...]:
    """The roles of a selection that name a leader of an agency."""
    e = store.events(selection)
    roles = store.fetch(e.filter(e.role.notnull()).select("role").distinct())["role"]
    return tuple(sorted(str(role) for role in roles if any(word in normal_form(str(role)) for word in LEADERS)))


def _slow_steps(store: LogStore, closed: Selection, by: str, too_few: int) -> pd.DataFrame:
    e, d = store.events(closed), store.dossiers(closed)
    gap = (e.gap_working_seconds if has_calendar(store) else e.gap_seconds).cast("float64")
    passes = e.filter(e.next_step_id.notnull() & gap.notnull()).select(
        "dossier_key", source=e.step_id, step_id=e.next_step_id, gap=gap
    )
    usual = passes.group_by(["source", "step_id"]).aggregate(usual_gap=lambda t: t.gap.quantile(SLOW_QUANTILE))
    marked = passes.join(usual, ["source", "step_id"])
    per = marked.group_by(["step_id", "dossier_key"]).aggregate(slow=lambda t: (t.gap > t.usual_gap).any())
    rows = _counted(store, per.join(_whose(d, by), "dossier_key"), per.slow)
    labels = store.labels()
    parts = [
        _share_tests(table, "slow_step", (labels[int(str(step))],), too_few) for step, table in rows.groupby("step_id")
    ]
    return _joined(parts)


def _leaders(store: LogStore, closed: Selection, by: str, too_few: int) -> pd.DataFrame:
    leaders = leader_roles(store, closed)
    if not leaders:
        return _joined([])
    e, d = store.events(closed), store.dossiers(closed)
    known = e.filter(e.role.notnull())
    per = known.group_by(["step_id", "dossier_key"]).aggregate(led=lambda t: t.role.isin(list(leaders)).any())
    rows = _counted(store, per.join(_whose(d, by), "dossier_key"), per.led)
    labels = store.labels()
    parts = [
        _share_tests(table, "leader_decides", (labels[int(str(step))],), too_few)
        for step, table in rows.groupby("step_id")
        if table["taken"].sum() >= too_few
    ]
    out = _joined(parts)
    return out.assign(large=out["large"].astype(bool) & (out["usual"] < 0.5)) if len(out) else out


def _whose(d: ir.Table, by: str) -> ir.Table:
    return d.select("dossier_key", organisation=d[by], stratum=stratum_of(d))


def _counted(store: LogStore, joined: ir.Table, marked: ir.Column) -> pd.DataFrame:
    name = marked.get_name()
    return store.fetch(
        joined.group_by(["step_id", "organisation", "stratum"]).aggregate(
            total=lambda t: t.count(), taken=lambda t: t[name].cast("int64").sum()
        )
    )


def _share_tests(table: pd.DataFrame, kind: str, steps: tuple[str, ...], too_few: int) -> pd.DataFrame:
    """The tests of one share: counts per organisation and stratum in, one row an organisation out."""
    size = table.groupby("organisation")["total"].sum()
    kept = size[size >= too_few].index
    table = table[table["organisation"].isin(kept)]
    if len(kept) < 3:
        return pd.DataFrame(columns=list(COLUMNS))
    share = standardised(table).sort_index()
    return _rows(share, size.reindex(share.index), kind, steps)


def _rows(share: pd.Series, size: pd.Series, kind: str, steps: tuple[str, ...], *, floor: float = 0.05) -> pd.DataFrame:
    tested = robust_z(share, size, floor=floor)
    tested = tested[tested["z"] > 0]
    names = list(tested.index)
    return pd.DataFrame(
        {
            "organisation": names,
            "kind": kind,
            "step": [steps] * len(names),
            "share": share[names].to_numpy(dtype=float),
            "usual": tested["usual"].to_numpy(dtype=float),
            "size": size[names].to_numpy(dtype=float),
            "p": _tails(tested["z"].to_numpy(dtype=float), share, size, floor),
            "large": (share[names] - tested["usual"] >= LEAST[kind]).to_numpy(dtype=bool),
        }
    )


def _tails(z: Floats, share: pd.Series, size: pd.Series, floor: float) -> Floats:
    """Two-sided p-values: Student's t where the spread between organisations is estimated, else the normal law.

    The spread comes from the median absolute deviation, which is worth EFFICIENCY of the organisations (Rousseeuw and
    Croux 1993), so that few organisations do not make rare ones look impossible.
    """
    y = np.arcsin(np.sqrt(share.clip(0, 1).to_numpy(dtype=float)))
    raw = (1.4826 * float(np.median(np.abs(y - np.median(y))))) ** 2 - float(
        np.median(0.25 / size.to_numpy(dtype=float))
    )
    if raw <= floor**2:
        return np.asarray(2 * norm.sf(np.abs(z)))
    return np.asarray(2 * student.sf(np.abs(z), max(1.0, EFFICIENCY * (len(y) - 1))))


def _joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
    found = [part for part in parts if len(part)]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=list(COLUMNS))


def _desk_filing(store: LogStore, closed: Selection, by: str, too_few: int) -> pd.DataFrame:
    d = store.dossiers(closed)
    stratum = d.procedure_variant.fill_null("") + "|" + d.applicant_type.fill_null("")
    stratum = stratum + "|" + d.received_at.year().cast("string")
    known = d.filter(d.channel.notnull())
    table = store.fetch(
        known.group_by(organisation=known[by], stratum=stratum).aggregate(
            total=known.count(), taken=(known.channel != "online").cast("int64").sum()
        )
    )
    if table.empty or table["taken"].sum() in (0, table["total"].sum()):
        return pd.DataFrame(columns=list(COLUMNS))
    return _share_tests(table, "desk_filing", (), too_few)


def order_counts(store: LogStore, closed: Selection, *, by: str) -> pd.DataFrame:
    """Dossiers in which one of two neighbouring steps comes first: organisation, first, second, dossiers.

    Neighbours by the first occurrence of every step, so that a loop is no other order.
    """
    found: Counter[tuple[str, str, str]] = Counter()
    for organisation, counts in variant_counts_by(store, closed, by=by).items():
        for variant, n in counts:
            for first, second in pairwise(dict.fromkeys(variant)):
                found[organisation, first, second] += n
    rows = [(*key, n) for key, n in sorted(found.items())]
    return pd.DataFrame(rows, columns=["organisation", "first", "second", "dossiers"])


def _orders(store: LogStore, closed: Selection, by: str, too_few: int) -> pd.DataFrame:
    counts = order_counts(store, closed, by=by)
    back = counts.rename(columns={"first": "second", "second": "first", "dossiers": "back"})
    both = counts.merge(back, on=["organisation", "first", "second"], how="outer").fillna({"dossiers": 0, "back": 0})
    total = both.groupby(["first", "second"])[["dossiers", "back"]].sum()
    parts = []
    for row in records(total.reset_index()):
        first, second = row["first"], row["second"]
        if first < second and min(row["dossiers"], row["back"]) >= too_few:
            pair = both[(both["first"] == first) & (both["second"] == second)].set_index("organisation")
            parts.append(_pair_tests(pair, first, second, too_few))
    return _joined(parts)


def _pair_tests(pair: pd.DataFrame, first: str, second: str, too_few: int) -> pd.DataFrame:
    """Who takes two steps in another order than the middle organisation, or in one order where that has none."""
    size = pair["dossiers"] + pair["back"]
    size = size[size >= too_few].sort_index()
    if len(size) < 3:
        return pd.DataFrame(columns=list(COLUMNS))
    share = pair["dossiers"].reindex(size.index) / size
    if share.median() < 0.5:
        first, second, share = second, first, 1 - share
    if share.median() >= ORDERED:
        return _rows(1 - share, size, "reversed_order", (second, first))
    ahead = _rows(share, size, "fixed_order", (first, second))
    behind = _rows(1 - share, size, "fixed_order", (second, first))
    out = _joined([ahead, behind])
    return out.assign(large=out["large"].astype(bool) & (out["share"] >= FIXED)) if len(out) else out


def order_spans(store: LogStore, selection: Selection, first: str, second: str, *, by: str) -> pd.DataFrame:
    """Time from the event before two neighbouring steps to the later of them, by order and case mix.

    organisation, source, target, mix columns, ahead (`first` came first), n, mean, variance; working seconds where the
    store has calendars.
    """
    return _spans(store, selection, by, first=first, second=second)


def pass_times(store: LogStore, selection: Selection, step: str, *, by: str) -> pd.DataFrame:
    """Time before a step by the step before it, case mix and whether a leader did it (`led`), in the same columns."""
    return _spans(store, selection, by, first=None, second=step)


def _spans(store: LogStore, selection: Selection, by: str, *, first: str | None, second: str) -> pd.DataFrame:
    from workbench.harmonise.comparison.practice import MIX

    closed = selection.with_(closed=True)
    e, d = store.events(closed), store.dossiers(closed)
    calendar = has_calendar(store)
    moment = (e.worked_at if calendar else e.completed_at.epoch_seconds()).cast("float64")
    window = ibis.window(group_by="dossier_key", order_by="position")
    placed = e.mutate(moment=moment).mutate(
        before=lambda t: t.moment.lag().over(window),
        source=lambda t: t.step_id.lag().over(window),
        follower=lambda t: t.step_id.lead().over(window),
        then=lambda t: t.moment.lead().over(window),
    )
    labels = {label: number for number, label in store.labels().items()}
    ids: dict[str, Any] = {"second": labels.get(second, -1)}
    if first is None:
        rows = placed.filter((placed.step_id == ids["second"]) & placed.before.notnull())
        leaders = list(leader_roles(store, closed)) or ["\uffff"]
        rows = rows.mutate(spent=rows.moment - rows.before, mark=rows.role.isin(leaders).fill_null(False))
    else:
        one, two = labels.get(first, -1), ids["second"]
        ahead = (placed.step_id == one) & (placed.follower == two)
        rows = placed.filter((ahead | ((placed.step_id == two) & (placed.follower == one))) & placed.before.notnull())
        rows = rows.mutate(spent=rows.then - rows.before, mark=rows.step_id == one)
    whose = d.select("dossier_key", organisation=d[by], **{name: d[name].fill_null("") for name in MIX})
    joined = rows.select("dossier_key", "source", "spent", "mark").join(whose, "dossier_key")
    out = store.fetch(
        joined.group_by(["organisation", "source", "mark", *MIX]).aggregate(
            n=lambda t: t.count(), mean=lambda t: t.spent.mean(),
            variance=lambda t: t.spent.var(how="sample").fill_null(0.0), dossiers=lambda t: t.dossier_key.nunique(),
        )
    )  # fmt: skip
    out = out.assign(target=ids["second"])
    out.attrs["clock_hours"] = not calendar
    return out


def channel_contrasts(store: LogStore, selection: Selection, *, by: str) -> pd.DataFrame:
    """Done dossiers by organisation, variant, applicant type, quarter and whether filed online: n, mean, variance of
    the working time from receipt to the end (clock time without calendars)."""
    d = store.dossiers(selection.with_(closed=True))
    calendar = has_calendar(store)
    spent = (d.throughput_working_seconds if calendar else d.throughput_seconds).cast("float64")
    rows = d.filter((d.outcome == "done") & spent.notnull() & d.channel.notnull()).select(
        organisation=d[by],
        variant=d.procedure_variant.fill_null(""),
        applicant=d.applicant_type.fill_null(""),
        quarter=d.received_at.year() * 4 + d.received_at.quarter(),
        online=d.channel == "online",
        spent=spent,
    )
    grouped = rows.group_by(["organisation", "variant", "applicant", "quarter", "online"])
    out = store.fetch(
        grouped.aggregate(
            n=lambda t: t.count(), mean=lambda t: t.spent.mean(),
            variance=lambda t: t.spent.var(how="sample").fill_null(0.0),
        )
    )  # fmt: skip
    out.attrs["clock_hours"] = not calendar
    return out


def pooled_contrast(groups: pd.DataFrame) -> tuple[float, float, int, int] | None:
    """Desk less online: mean seconds over organisations, half of the 95 % interval for one more organisation, the
    number of organisations and of online dossiers; None with fewer than three organisations that have both.

    Within organisation and stratum first, then pooled with random effects (DerSimonian and Laird 1986).
    """
    keys = ["organisation", "variant", "applicant", "quarter"]
    desk, online = groups[~groups["online"]], groups[groups["online"]]
    both = desk.merge(online, on=keys, suffixes=("", "_online"))
    both = both[(both["n"] >= 2) & (both["n_online"] >= 2)]
    if both["organisation"].nunique() < 3:
        return None
    both["weight"] = both["n"] * both["n_online"] / (both["n"] + both["n_online"])
    both["left"] = both["weight"] * (both["mean"] - both["mean_online"])
    both["noise"] = both["weight"] ** 2 * (both["variance"] / both["n"] + both["variance_online"] / both["n_online"])
    per = both.groupby("organisation")[["weight", "left", "noise"]].sum()
    effect = (per["left"] / per["weight"]).to_numpy(dtype=float)
    within = np.maximum((per["noise"] / per["weight"] ** 2).to_numpy(dtype=float), 1.0)
    from workbench.harmonise.impact.throughput_effect import between_organisations

    between = between_organisations(effect, within)
    weight = 1.0 / (within + between)
    mean = float((weight * effect).sum() / weight.sum())
    half = 1.96 * float(np.sqrt(between + 1.0 / weight.sum()))
    return mean, half, len(per), int(both["n_online"].sum())
