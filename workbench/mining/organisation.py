"""Who works with whom and when: hand-overs between units, ping-pong, workload by unit, hour and month."""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import pandas as pd

from workbench.results import Basis, Result
from workbench.selection import Selection
from workbench.store import LogStore


@dataclass(frozen=True, slots=True)
class Handovers(Result):
    """Hand-over of work between units; events without a unit are left out."""

    edges: pd.DataFrame
    """unit, next_unit (always another), count, dossiers, median and mean seconds until the next unit is done, the
    same in working time. Most frequent first."""
    units: pd.DataFrame
    """unit, events, dossiers, handed_on, received, and the share of its events handed on."""
    ping_pong: pd.DataFrame
    """unit, other: dossiers that went from the unit to the other and straight back, and how often. Source: the
    ping-pong effect of hand-overs, Lashkevich et al. (2023)."""
    per_dossier: pd.DataFrame
    """Quantiles over dossiers: handovers (median, p90, max, mean) and units."""
    without_unit: float | None
    """Share of events without a unit; None without any event."""
    basis: Basis


@dataclass(frozen=True, slots=True)
class Workload(Result):
    """How much is done when and by whom."""

    by_hour: pd.DataFrame
    """weekday (1 Monday to 7 Sunday), hour (0-23), completed, received: events completed, dossiers received."""
    by_unit: pd.DataFrame
    """unit, events, dossiers, officers, first_at, last_at, events per working month. Busiest first."""
    by_month: pd.DataFrame
    """month, received, closed, events, and dossiers still open at its end."""
    basis: Basis


def handovers(store: LogStore, selection: Selection | None = None) -> Handovers:
    """Hand-overs between units of the selected dossiers."""
    chosen = selection or Selection()
    store.check(chosen)
    every = store.events(chosen)
    events = every.filter(every.unit.notnull())
    moves = _moves(events)
    edges = _edges(store, moves)
    share = store.fetch(every.aggregate(n=every.count(), units=every.unit.count())).iloc[0]
    return Handovers(
        edges=edges,
        units=_units(store, events, edges),
        ping_pong=_ping_pong(store, moves),
        per_dossier=_per_dossier(store, events),
        without_unit=None if not share["n"] else float(1 - share["units"] / share["n"]),
        basis=store.basis(chosen),
    )


def _moves(events: ir.Table) -> ir.Table:
    """Events after which another unit goes on; where the next event has no unit nothing is known."""
    return events.filter(events.next_unit.notnull(), events.next_unit != events.unit)


def _edges(store: LogStore, moves: ir.Table) -> pd.DataFrame:
    out = store.fetch(
        moves.group_by("unit", "next_unit").aggregate(
            count=moves.count(),
            dossiers=moves.dossier_key.nunique(),
            median_seconds=moves.gap_seconds.quantile(0.5),
            mean_seconds=moves.gap_seconds.mean(),
            median_working_seconds=moves.gap_working_seconds.quantile(0.5),
            mean_working_seconds=moves.gap_working_seconds.mean(),
        )
    )
    order = ["count", "unit", "next_unit"]
    return out.sort_values(order, ascending=[False, True, True]).reset_index(drop=True)


def _units(store: LogStore, events: ir.Table, edges: pd.DataFrame) -> pd.DataFrame:
    out = store.fetch(events.group_by("unit").aggregate(events=events.count(), dossiers=events.dossier_key.nunique()))
    handed = edges.groupby("unit")["count"].sum()
    received = edges.groupby("next_unit")["count"].sum()
    out["handed_on"] = out["unit"].map(handed).fillna(0).astype("int64")
    out["received"] = out["unit"].map(received).fillna(0).astype("int64")
    out["handed_share"] = out["handed_on"] / out["events"]
    return out.sort_values(["events", "unit"], ascending=[False, True]).reset_index(drop=True)


def _ping_pong(store: LogStore, moves: ir.Table) -> pd.DataFrame:
    window = ibis.window(group_by=moves.dossier_key, order_by=moves.position)
    after = moves.mutate(from_unit=moves.unit.lead().over(window), back_to=moves.next_unit.lead().over(window))
    back = after.filter(after.back_to == after.unit, after.from_unit == after.next_unit)
    out = store.fetch(
        back.group_by(unit=back.unit, other=back.next_unit).aggregate(
            count=back.count(), dossiers=back.dossier_key.nunique()
        )
    )
    return out.sort_values(["dossiers", "unit", "other"], ascending=[False, True, True]).reset_index(drop=True)


def _per_dossier(store: LogStore, events: ir.Table) -> pd.DataFrame:
    moved = (events.unit != events.next_unit).fill_null(False).cast("int64")
    each = events.group_by("dossier_key").aggregate(handovers=moved.sum(), units=events.unit.nunique())
    row = store.fetch(
        each.aggregate(
            dossiers=each.count(),
            **{
                f"{name}.{figure}": value
                for name in ("handovers", "units")
                for figure, value in {
                    "median": each[name].quantile(0.5),
                    "p90": each[name].quantile(0.9),
                    "max": each[name].max(),
                    "mean": each[name].mean(),
                }.items()
            },
        )
    ).iloc[0]
    return pd.DataFrame(
        [
            {"figure": name, **{f: row[f"{name}.{f}"] for f in ("mean", "median", "p90", "max")}}
            for name in ("handovers", "units")
        ]
    )


def workload(store: LogStore, selection: Selection | None = None) -> Workload:
    """Workload by hour of the week, unit and month."""
    chosen = selection or Selection()
    store.check(chosen)
    events, d = store.events(chosen), store.dossiers(chosen)
    return Workload(
        by_hour=_by_hour(store, events, d),
        by_unit=_by_unit(store, events),
        by_month=_by_month(store, events, d),
        basis=store.basis(chosen),
    )


def _slots(table: ir.Table, moment: ir.TimestampValue, name: str) -> ir.Table:
    kept = table.filter(moment.notnull())
    return kept.group_by(weekday=moment.day_of_week.index() + 1, hour=moment.hour()).aggregate(**{name: kept.count()})


def _by_hour(store: LogStore, events: ir.Table, dossiers: ir.Table) -> pd.DataFrame:
    grid = pd.MultiIndex.from_product([range(1, 8), range(24)], names=["weekday", "hour"]).to_frame(index=False)
    done = store.fetch(_slots(events, events.completed_at, "completed"))
    came = store.fetch(_slots(dossiers, dossiers.received_at, "received"))
    out = grid.merge(done, on=["weekday", "hour"], how="left").merge(came, on=["weekday", "hour"], how="left")
    return out.fillna(0).astype("int64")


def _by_unit(store: LogStore, events: ir.Table) -> pd.DataFrame:
    kept = events.filter(events.unit.notnull())
    out = store.fetch(
        kept.group_by("unit").aggregate(
            events=kept.count(),
            dossiers=kept.dossier_key.nunique(),
            officers=kept.officer_key.nunique(),
            months=kept.completed_at.truncate("M").nunique(),
            first_at=kept.completed_at.min(),
            last_at=kept.completed_at.max(),
        )
    )
    out["events_per_month"] = out["events"] / out["months"]
    out["events_per_officer_month"] = (out["events_per_month"] / out["officers"]).where(out["officers"] > 0)
    return out.sort_values(["events", "unit"], ascending=[False, True]).reset_index(drop=True)


def _by_month(store: LogStore, events: ir.Table, dossiers: ir.Table) -> pd.DataFrame:
    parts = []
    for table, column, name in (
        (dossiers, dossiers.received_at, "received"),
        (dossiers, dossiers.closed_at, "closed"),
        (events, events.completed_at, "events"),
    ):
        kept = table.filter(column.notnull())
        parts.append(
            store.fetch(kept.group_by(month=column.truncate("M")).aggregate(n=kept.count()))
            .set_index("month")["n"]
            .rename(name)
        )
    out = pd.concat(parts, axis=1).sort_index().fillna(0).astype("int64")
    out["open_at_end"] = (out["received"] - out["closed"]).cumsum()
    return out.reset_index().assign(month=lambda rows: rows["month"].dt.strftime("%Y-%m"))
