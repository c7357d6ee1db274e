"""One chunk of a log: simulate, measure the true effects, record, write."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from workbench.simulate.arrivals import Dossiers, file_dossiers
from workbench.simulate.artefacts import inject
from workbench.simulate.plan import Plan
from workbench.simulate.process import run
from workbench.simulate.recording import Events, record_events, record_files, record_pauses
from workbench.simulate.rows import Writing, dossier_table, event_table, pause_table
from workbench.simulate.trace import CAUSES, DONE, NONE, Trace
from workbench.simulate.worktime import HOUR, Floats, Ints

TABLES = ("dossiers", "events", "pauses")
CLEARING = 4_099
"""Number of uniform numbers that make officers keep finished dossiers; officers share them."""


@dataclass(frozen=True)
class Share:
    """What one chunk adds to the report and to the truth; shares of all chunks are added up."""

    rows: Ints
    """Dossiers, events, pauses."""
    effects: Floats
    """[deviation, 5]: dossiers, sum and sum of squares of the hours added, dossiers affected, their hours."""
    artefacts: Ints
    """[kind, province]."""
    waits: Floats
    """[procedure, step, 2 + causes]: passes, hours per cause in working time, hours while offices were closed."""
    waits_by_province: Floats
    """[procedure, province, 2 + causes]: the same, with dossiers in place of passes."""
    names: Ints
    """[province, name]: how many events carry the name."""

    def plus(self, other: Share) -> Share:
        """Both together."""
        return Share(**{name: getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__})


def write_chunk(plan: Plan, number: int, out: Path) -> Share:
    """Simulate chunk `number` and write its files to `out`."""
    low, high = plan.cuts[number]
    teams = plan.teams.rows(low, high)
    dossiers = file_dossiers(plan.tables, plan.habits, teams, plan.random("filing", number))
    offices = plan.random("offices", number)
    spread = 0.0 if plan.tables.alike else plan.order.scenario.team["speed_spread"]
    speed, clearing = np.exp(offices.normal(0, spread, len(teams))), offices.random(CLEARING)
    trace = run(plan.tables, dossiers, speed=speed, clearing=clearing, planted=plan.planted, where=plan.where)
    effects = _effects(plan, dossiers, trace, speed=speed, clearing=clearing)
    events = record_events(
        plan.tables, dossiers, trace, names=plan.names, keeping=plan.keeping, random=plan.random("record", number)
    )
    pauses, due = record_pauses(plan.tables, dossiers, trace)
    files = record_files(plan.tables, dossiers, trace, due)
    waits, by_province = _waits(plan, dossiers, trace)
    del trace
    events, marks, counts = inject(
        plan.tables, dossiers, events, files, rates=plan.rates, random=plan.random("traps", number)
    )
    writing = Writing(plan.tables, teams, plan.names, plan.old_codes_until, round(0.7 * plan.order.dossiers))
    table, codes = dossier_table(writing, dossiers, files, marks, plan.random("rows", number))
    _write(plan, number, out, "dossiers", table)
    _write(plan, number, out, "events", event_table(writing, dossiers, events, codes))
    _write(plan, number, out, "pauses", pause_table(writing, dossiers, pauses, codes))
    rows = np.array([len(dossiers), len(events), len(pauses.dossier)])
    return Share(rows, effects, counts, waits, by_province, _names(plan, dossiers, events))


def no_share(plan: Plan) -> Share:
    """The share of nothing."""
    p, provinces, steps = len(plan.order.scenario.procedures), len(plan.tables.codes), len(plan.tables.step)
    return Share(
        rows=np.zeros(3, dtype=np.int64),
        effects=np.zeros((len(plan.planted), 5)),
        artefacts=np.zeros(plan.rates.shape, dtype=np.int64),
        waits=np.zeros((p, steps, 2 + len(CAUSES))),
        waits_by_province=np.zeros((p, provinces, 2 + len(CAUSES))),
        names=np.zeros((provinces, len(plan.names.texts)), dtype=np.int64),
    )


def file_name(plan: Plan, number: int, table: str) -> str:
    """Name of a chunk's file: without a number when there is only one chunk."""
    return f"{table}.parquet" if len(plan.cuts) == 1 else f"{table}-{number + 1:05d}.parquet"


def _write(plan: Plan, number: int, out: Path, name: str, table: pa.Table) -> None:
    """One file; texts are written as texts (no Arrow schema), and the file says that it is synthetic."""
    label = {"synthetic": "true", "scenario": plan.order.scenario.name, "seed": str(plan.order.seed)}
    path = out / file_name(plan, number, name)
    with pq.ParquetWriter(path, table.schema, compression="zstd", compression_level=1, store_schema=False) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata(label)


def _effects(plan: Plan, dossiers: Dossiers, trace: Trace, *, speed: Floats, clearing: Floats) -> Floats:
    """Hours each deviation adds: the same dossiers with the same luck, in a world where nothing deviates."""
    out = np.zeros((len(plan.planted), 5))
    deviation = plan.where[dossiers.procedure, dossiers.province]
    if not (deviation >= 0).any():
        return out
    rows = np.flatnonzero(np.isin(dossiers.team, np.unique(dossiers.team[deviation >= 0])))
    own = dossiers.take(rows)
    other = run(plan.tables, own, speed=speed, clearing=clearing)
    both = (deviation[rows] >= 0) & (trace.outcome[rows] == DONE) & (other.outcome == DONE)
    which = deviation[rows][both]
    hours = (trace.closed[rows] - trace.accepted[rows] - other.closed + other.accepted)[both] / HOUR
    touched = (_passes(trace, len(dossiers))[rows] != _passes(other, len(rows)))[both]
    for column, weight in enumerate((np.ones(len(which)), hours, hours**2, touched, hours * touched)):
        out[:, column] = np.bincount(which, weight, len(out))
    return out


def _passes(trace: Trace, n: int) -> Ints:
    out = np.zeros(n, dtype=np.int64)
    for block in trace.blocks:
        out[block.rows] += 1
    return out


def _waits(plan: Plan, dossiers: Dossiers, trace: Trace) -> tuple[Floats, Floats]:
    """Hours waited by cause, per procedure and step and per procedure and province."""
    share = no_share(plan)
    by_step, by_province = share.waits, share.waits_by_province
    p_all, provinces, time = dossiers.procedure, len(plan.tables.codes), plan.tables.time
    accept = plan.tables.step["accept"]
    for block in trace.blocks:
        calendar, p = dossiers.calendar[block.rows], p_all[block.rows]
        place = p * provinces + dossiers.province[block.rows]
        since = dossiers.submitted[block.rows] if block.step == accept else time.ends(block.ready, calendar)
        closed = time.begins(block.start, calendar) - since - (block.start - block.ready)
        columns = [np.ones(len(p)), *(block.waits.get(cause) for cause in CAUSES), np.maximum(closed, 0)]
        for column, values in enumerate(columns):
            if values is None:
                continue
            scaled = values if column == 0 else values / HOUR
            by_step[:, block.step, column] += np.bincount(p, scaled, len(by_step))
            if column:
                flat = np.bincount(place, scaled, len(by_step) * provinces)
                by_province[:, :, column] += flat.reshape(len(by_step), provinces)
    counted = p_all[trace.accepted != NONE] * provinces + dossiers.province[trace.accepted != NONE]
    by_province[:, :, 0] = np.bincount(counted, minlength=len(by_step) * provinces).reshape(len(by_step), provinces)
    return by_step, by_province


def _names(plan: Plan, dossiers: Dossiers, events: Events) -> Ints:
    real = events.name >= 0
    n = len(plan.names.texts)
    flat = dossiers.province[events.dossier[real]] * n + events.name[real]
    return np.bincount(flat, minlength=len(plan.tables.codes) * n).reshape(-1, n)
