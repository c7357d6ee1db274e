"""What every organisation must do to work by a unified procedure, how far it is from it, and who goes first.

The distance of an organisation is 1 - log fitness of its dossiers with the model: the share of its events and of the
model's steps that an optimal alignment cannot pair. The distance after is that of the same dossiers with the listed
changes made: events of steps to drop or move taken out, steps to add or move put where the alignment has them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.errors import TooFewCases
from workbench.harmonise.conformance.changes import LISTED, changes
from workbench.harmonise.conformance.evaluate import require_sound
from workbench.harmonise.organisations import OrganisationLogs, organisation_logs
from workbench.mining.alignments import Alignments, Move, align
from workbench.mining.durations import TOO_FEW
from workbench.mining.grouping import check_by
from workbench.mining.model import Bpmn, PetriNet, Variant
from workbench.mining.starts import with_previous, with_started_worked
from workbench.mining.variants import ranked
from workbench.progress import Progress, silent
from workbench.results import Basis, Result, records
from workbench.selection import Selection
from workbench.store import LogStore

HOUR = 3600.0
LEAST_LIMIT_CHANGE = 2.0
"""Working hours by which a time limit must differ from the common one to be worth a change."""


@dataclass(frozen=True, slots=True)
class MigrationPlan(Result):
    """The way of every organisation to the unified procedure."""

    organisations: pd.DataFrame
    """wave (order of roll-out), organisation, dossiers, add, drop, move, limits (number of changes of each kind),
    changes, cases_affected, cases_a_year, distance_before, distance_after, spared_a_year, reason (code), too_few."""
    steps: pd.DataFrame
    """organisation, action (add, drop, move), step, after, share, dossiers, of_dossiers, listed."""
    limits: pd.DataFrame
    """organisation, step, limit_hours (median working hours allowed by its recorded deadlines), common_hours (middle
    organisation), change_hours, events; only those to change."""
    gaps: tuple[str, ...]
    """Codes of what cannot be said, texts under `harmonise.migration.gap.`."""
    by: str
    basis: Basis


def migration_plan(
    store: LogStore,
    selection: Selection,
    model: Bpmn,
    *,
    by: str = "province_code",
    listed: float = LISTED,
    too_few_cases: int = TOO_FEW,
    seconds: float = 10.0,
    seed: int = 1,
    progress: Progress = silent,
) -> MigrationPlan:
    """The plan for the organisations of a selection to work by `model`; open dossiers are left out.

    A step is to change where at least the share `listed` of an organisation's dossiers asks for it. Raises TooFewCases
    without closed dossiers, ModelError when the model is not proved sound.
    """
    check_by(by)
    net = require_sound(model)
    closed = selection.with_(closed=True)
    if not store.basis(closed).n_dossiers:
        raise TooFewCases("The selection holds no closed dossier with events.", fix="Choose a longer period.", by=by)
    logs = organisation_logs(store, closed, by=by, at_least=1, seed=seed)
    found = align(net, logs.pooled, seconds=seconds, progress=progress)
    steps = changes(logs, found, listed=listed)
    limits = time_limits(store, closed, by=by, steps=model.steps)
    table = _organisations(logs, found, net, steps, seconds)
    basis = store.basis(closed)
    table = _ordered(_with_limits(table, limits), _years(basis), too_few_cases)
    gaps = {
        "unknown_steps": bool(set(model.steps) - set().union(*(logs.steps(name) for name in logs.names))),
        "no_step_deadlines": limits.attrs["events"] == 0,
        "one_organisation": len(logs.names) == 1,
        "few_cases": bool(table["too_few"].any()),
        "sampled": logs.sampled,
    }
    return MigrationPlan(table, steps, limits, tuple(code for code, holds in gaps.items() if holds), by, basis)


def _organisations(
    logs: OrganisationLogs, found: Alignments, net: PetriNet, steps: pd.DataFrame, seconds: float
) -> pd.DataFrame:
    wanted = _listed(steps)
    after: dict[str, list[tuple[Variant, int]]] = {}
    rows = []
    for name in logs.names:
        places, counts = logs.places[name]
        affected = 0
        cost = worst = 0
        for place, count in zip(places.tolist(), counts.tolist(), strict=True):
            moves, price = found.moves[place], found.costs[place]
            if moves is None or price is None:
                continue
            variant = logs.pooled[place][0]
            changed = rewritten(moves, wanted.get(name, {}))
            affected += count if changed != variant else 0
            after.setdefault(name, []).append((changed, count))
            cost += count * price
            worst += count * (len(variant) + found.shortest)
        before = cost / worst if worst else float("nan")
        rows.append((name, logs.dossiers[name], affected, before))
    out = pd.DataFrame(rows, columns=["organisation", "dossiers", "cases_affected", "distance_before"])
    for action in ("add", "drop", "move"):
        listed = steps[steps["listed"] & (steps["action"] == action)].groupby("organisation").size()
        out[action] = out["organisation"].map(listed).fillna(0).astype(int)
    return out.assign(distance_after=[_distance(net, after.get(name, []), seconds) for name in logs.names])


def _listed(steps: pd.DataFrame) -> dict[str, dict[str, str]]:
    out: dict[str, dict[str, str]] = {}
    for row in records(steps[steps["listed"]]):
        out.setdefault(row["organisation"], {})[f"{row['action']} {row['step']}"] = row["action"]
    return out


def rewritten(moves: tuple[Move, ...], wanted: Mapping[str, str]) -> Variant:
    """A dossier as it would go with the wanted changes ("drop x", "add y", "move z") made, the others left as they are."""
    kept: list[str] = []
    extra = {move.step for move in moves if move.kind == "log"}
    missing = {move.step for move in moves if move.kind == "model"}
    for move in moves:
        both = move.step in extra and move.step in missing
        action = "move" if both else "drop" if move.kind == "log" else "add"
        made = f"{action} {move.step}" in wanted
        if move.kind == "sync" or (move.kind == "log" and not made) or (move.kind == "model" and made):
            kept.append(move.step)
    return tuple(kept)


def _distance(net: PetriNet, variants: list[tuple[Variant, int]], seconds: float) -> float:
    if not variants:
        return float("nan")
    total: dict[Variant, int] = {}
    for variant, count in variants:
        total[variant] = total.get(variant, 0) + count
    fitness = align(net, ranked(list(total.items())), seconds=seconds).fitness
    return float("nan") if fitness is None else 1 - fitness


def time_limits(store: LogStore, selection: Selection, *, by: str, steps: tuple[str, ...]) -> pd.DataFrame:
    """Time limits of steps that differ from the common one: organisation, step, limit_hours, common_hours,
    change_hours, events.

    A limit is the median working time from the event before to the recorded deadline of the step; the common one is the
    median over organisations, each counted once. `attrs["events"]` tells how many events carry a deadline.
    """
    columns = ["organisation", "step", "limit_hours", "common_hours", "change_hours", "events"]
    events = with_previous(store.events(selection))
    due = with_started_worked(store, selection, events.mutate(started_at=events.step_due_at))
    due = due.filter(due.started_worked.notnull() & due.previous_worked.notnull())
    d = store.dossiers(selection)
    whose = d.select("dossier_key", organisation=d[by])
    allowed = (due.started_worked - due.previous_worked).cast("float64")
    timed = due.select("dossier_key", "step_id", allowed=allowed).join(whose, "dossier_key")
    rows = store.fetch(
        timed.group_by(["organisation", "step_id"]).aggregate(
            seconds=lambda t: t.allowed.quantile(0.5), events=lambda t: t.count()
        )
    )
    labels = store.labels()
    out = pd.DataFrame(columns=columns)
    if len(rows):
        rows = rows.assign(step=rows["step_id"].map(labels), limit_hours=rows["seconds"].clip(lower=0) / HOUR)
        rows["common_hours"] = rows.groupby("step")["limit_hours"].transform("median")
        rows["change_hours"] = rows["common_hours"] - rows["limit_hours"]
        kept = rows["step"].isin(steps) & (rows["change_hours"].abs() >= LEAST_LIMIT_CHANGE)
        out = rows[kept].sort_values(["organisation", "step"], ignore_index=True)[columns]
    out.attrs["events"] = int(rows["events"].sum()) if len(rows) else 0
    return out


def _with_limits(table: pd.DataFrame, limits: pd.DataFrame) -> pd.DataFrame:
    number = limits.groupby("organisation").size()
    table = table.assign(limits=table["organisation"].map(number).fillna(0).astype(int))
    return table.assign(changes=table["add"] + table["drop"] + table["move"] + table["limits"])


def _ordered(table: pd.DataFrame, years: float, too_few_cases: int) -> pd.DataFrame:
    """Who goes first: the most distance taken away from dossiers of a year per change to make.

    Organisations with nothing to change need no wave (0); those with too few dossiers to plan by go last.
    """
    gain = (table["distance_before"] - table["distance_after"]).clip(lower=0.0).fillna(0.0)
    table = table.assign(
        cases_a_year=table["cases_affected"] / years,
        spared_a_year=gain * table["dossiers"] / years,
        too_few=table["dossiers"] < too_few_cases,
    )
    step_changes = table["add"] + table["drop"] + table["move"]
    each = table["spared_a_year"] / step_changes.clip(lower=1)
    reason = np.select(
        [table["changes"] == 0, table["too_few"], step_changes == 0],
        ["nothing_to_change", "too_few_cases", "limits_only"],
        "gain_per_change",
    )
    kind = pd.Series(reason, index=table.index).map(
        {"gain_per_change": 0, "limits_only": 1, "too_few_cases": 2, "nothing_to_change": 3}
    )
    table = table.assign(reason=reason, _kind=kind, _each=-each)
    table = table.sort_values(["_kind", "_each", "organisation"], ignore_index=True).drop(columns=["_kind", "_each"])
    moving = table["reason"] != "nothing_to_change"
    table.insert(0, "wave", np.where(moving, np.cumsum(moving), 0))
    return table[
        [
            "wave", "organisation", "dossiers", "add", "drop", "move", "limits", "changes", "cases_affected",
            "cases_a_year", "distance_before", "distance_after", "spared_a_year", "reason", "too_few",
        ]
    ]  # fmt: skip


def _years(basis: Basis) -> float:
    if basis.period is None:
        return 1.0
    first, last = (pd.Timestamp(day) for day in basis.period)
    return float(max(((last - first).days + 1) / 365.25, 1 / 12))
