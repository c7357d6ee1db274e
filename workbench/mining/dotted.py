"""Events as points in time: the dotted chart, the performance spectrum and the rhythm of the week."""

from __future__ import annotations

from dataclasses import dataclass

import ibis.expr.types as ir
import pandas as pd

from workbench.mining.grouping import label_columns
from workbench.results import Basis, Result
from workbench.selection import Selection
from workbench.store import LogStore

_PRIME = 2_147_483_647


@dataclass(frozen=True, slots=True)
class DottedChart(Result):
    """Events of a sample of dossiers as points. Source: Song, M., van der Aalst, W. (2007), Supporting process mining
    by showing events at a glance."""

    points: pd.DataFrame
    """row (0 for the dossier received first), dossier_code, organisation, step, at, seconds since receipt."""
    sampled: int
    basis: Basis


@dataclass(frozen=True, slots=True)
class Spectrum(Result):
    """Every passage from one step to the next as a line. Source: Denisov, V., Fahland, D., van der Aalst, W. (2018),
    Unbiased, fine-grained description of processes performance from event data."""

    segments: pd.DataFrame
    """segment, source, target, count, and the quartiles of the duration (q25, q50, q75 seconds) over all passages."""
    lines: pd.DataFrame
    """segment, begin, end, seconds, quartile (1 quickest to 4 slowest) of a sample of passages, in time order."""
    basis: Basis


@dataclass(frozen=True, slots=True)
class Rhythm(Result):
    """When in the week steps are completed."""

    table: pd.DataFrame
    """step, weekday (1 Monday to 7 Sunday), hour, count, share of the step's events."""
    basis: Basis


def _sampled(table: ir.Table, key: ir.IntegerValue, n: int, seed: int) -> ir.Table:
    """`n` rows in an order that only the key and the seed decide."""
    mixed = ((key + seed) * 48_271) % _PRIME
    return table.order_by([(mixed * 16_807) % _PRIME, key]).limit(n)


def dotted_chart(
    store: LogStore, selection: Selection | None = None, *, dossiers: int = 300, seed: int = 1
) -> DottedChart:
    """The events of `dossiers` sampled dossiers; the seed decides which."""
    chosen = selection or Selection()
    store.check(chosen)
    d = store.dossiers(chosen)
    d = _sampled(d.filter(d.event_count > 0), d.dossier_key, dossiers, seed)
    picked = d.select("dossier_key", "dossier_code", "received_at", organisation=d.province_code)
    events = store.events(chosen).select("dossier_key", "step_id", "position", "completed_at")
    points = store.fetch(events.inner_join(picked, "dossier_key"))
    order = ["received_at", "dossier_code", "position"]
    points = label_columns(store, points, step="step_id").sort_values(order).reset_index(drop=True)
    points["row"] = pd.factorize(points["dossier_key"])[0]
    points["seconds"] = (points["completed_at"] - points["received_at"]).dt.total_seconds()
    columns = ["row", "dossier_code", "organisation", "step", "completed_at", "seconds"]
    return DottedChart(
        points=points[columns].rename(columns={"completed_at": "at"}),
        sampled=int(points["row"].nunique()),
        basis=store.basis(chosen),
    )


def performance_spectrum(
    store: LogStore,
    selection: Selection | None = None,
    *,
    segments: tuple[tuple[str, str], ...] = (),
    top: int = 8,
    lines: int = 400,
    seed: int = 1,
) -> Spectrum:
    """Passages through the given segments (source, target), or through the `top` most frequent ones.

    At most `lines` passages per segment are listed; quartiles rest on all.
    """
    chosen = selection or Selection()
    store.check(chosen)
    events = store.events(chosen)
    pairs = events.filter(events.next_step_id.notnull(), events.gap_seconds.notnull())
    table = _segments(store, pairs, segments, top)
    return Spectrum(segments=table, lines=_lines(store, pairs, table, lines, seed), basis=store.basis(chosen))


def _segments(store: LogStore, pairs: ir.Table, wanted: tuple[tuple[str, str], ...], top: int) -> pd.DataFrame:
    rows = store.fetch(
        pairs.group_by("step_id", "next_step_id").aggregate(
            count=pairs.count(),
            q25=pairs.gap_seconds.quantile(0.25),
            q50=pairs.gap_seconds.quantile(0.5),
            q75=pairs.gap_seconds.quantile(0.75),
        )
    )
    labels = store.labels()
    rows["source"], rows["target"] = rows["step_id"].map(labels), rows["next_step_id"].map(labels)
    if wanted:
        place = {pair: number for number, pair in enumerate(wanted)}
        rows["segment"] = [place.get(pair) for pair in zip(rows["source"], rows["target"], strict=True)]
        rows = rows.dropna(subset=["segment"]).astype({"segment": "int64"}).sort_values("segment")
    else:
        rows = rows.sort_values(["count", "source", "target"], ascending=[False, True, True]).head(top)
        rows["segment"] = range(len(rows))
    columns = ["segment", "source", "target", "count", "q25", "q50", "q75", "step_id", "next_step_id"]
    return rows[columns].reset_index(drop=True)


def _lines(store: LogStore, pairs: ir.Table, table: pd.DataFrame, n: int, seed: int) -> pd.DataFrame:
    parts = []
    for row in table.to_dict("records"):
        mine = pairs.filter(pairs.step_id == int(row["step_id"]), pairs.next_step_id == int(row["next_step_id"]))
        picked = _sampled(mine, mine.dossier_key * 1_000 + mine.position, n, seed)
        found = store.fetch(picked.select(begin=picked.completed_at, seconds=picked.gap_seconds))
        found["segment"] = int(row["segment"])
        found["quartile"] = 1 + sum(
            (found["seconds"] > q).astype("int64") for q in (row["q25"], row["q50"], row["q75"])
        )
        parts.append(found)
    columns = ["segment", "begin", "end", "seconds", "quartile"]
    if not parts:
        return pd.DataFrame(columns=columns)
    out = pd.concat(parts, ignore_index=True)
    out["end"] = out["begin"] + pd.to_timedelta(out["seconds"], unit="s")
    return out.sort_values(["segment", "begin", "seconds"]).reset_index(drop=True)[columns]


def rhythm(store: LogStore, selection: Selection | None = None) -> Rhythm:
    """Completions of every step by weekday and hour."""
    chosen = selection or Selection()
    store.check(chosen)
    events = store.events(chosen)
    at = events.completed_at
    rows = store.fetch(
        events.group_by("step_id", weekday=at.day_of_week.index() + 1, hour=at.hour()).aggregate(count=events.count())
    )
    out = label_columns(store, rows, step="step_id").astype({"weekday": "int64", "hour": "int64"})
    out["share"] = out["count"] / out.groupby("step")["count"].transform("sum")
    return Rhythm(table=out.sort_values(["step", "weekday", "hour"]).reset_index(drop=True), basis=store.basis(chosen))
