"""From what happened to what an office's system has on record: clock times, statuses, due dates, pauses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.simulate.arrivals import ONLINE, Dossiers
from workbench.simulate.names import StepNames
from workbench.simulate.tables import Tables, instant
from workbench.simulate.trace import DONE, NONE, REFUSED, RETURNED, STOPPED, Trace
from workbench.simulate.worktime import Bools, Floats, Ints

OPEN = 4
OUTCOMES = {DONE: "done", RETURNED: "returned", REFUSED: "refused", STOPPED: "stopped", OPEN: "open"}
NO_TIME = np.iinfo(np.int64).min
"""An instant that is not on record."""


@dataclass
class Events:
    """Event rows ordered by dossier and time; changed in place by the artefacts."""

    dossier: Ints
    step: Ints
    """Place of the step; -1 and -2 for the invented first and last event."""
    name: Ints
    """Place of the name in StepNames.texts."""
    status: Ints
    started: Ints
    completed: Ints
    officer: Ints
    """As in trace.Block."""
    due: Ints
    bare: Bools
    """Unit, role and start are empty."""
    plain_officer: Ints
    """0 the officer, 1 "Chuyên viên", 2 a long text cut, 3 "Cán bộ một cửa"."""

    def __len__(self) -> int:
        return len(self.dossier)

    def take(self, rows: Ints | Bools) -> Events:
        """Some of the events, in the given order."""
        return Events(**{name: getattr(self, name)[rows] for name in self.__dataclass_fields__})

    def joined(self, more: Events) -> Events:
        """These and more events, not ordered."""
        return Events(
            **{name: np.concatenate((getattr(self, name), getattr(more, name))) for name in self.__dataclass_fields__}
        )


@dataclass
class Files:
    """Dossier rows; instants are NO_TIME where they are not on record. Changed in place by the artefacts."""

    submitted: Ints
    accepted: Ints
    due: Ints
    closed: Ints
    returned: Ints
    outcome: Ints
    status: Ints


@dataclass(frozen=True)
class Pauses:
    """Pause rows."""

    dossier: Ints
    since: Ints
    until: Ints
    reason: Ints
    due_before: Ints
    due_after: Ints


@dataclass(frozen=True)
class Keeping:
    """How carefully each province keeps its records; drawn once per log."""

    starts: Ints
    """Percent of events with a start time."""
    step_due: Bools
    """Whether step deadlines are on record."""


def draw_keeping(provinces: int, random: np.random.Generator) -> Keeping:
    """Record keeping of every province."""
    starts = np.where(random.random(provinces) < 0.6, 0, random.integers(15, 90, provinces))
    return Keeping(starts.astype(np.int64), random.random(provinces) < 0.7)


def record_events(
    tables: Tables, dossiers: Dossiers, trace: Trace, *, names: StepNames, keeping: Keeping, random: np.random.Generator
) -> Events:
    """The events up to the end of the log."""
    rows = np.concatenate([block.rows for block in trace.blocks])
    step = np.concatenate([np.full(len(block.rows), block.step) for block in trace.blocks])
    start, end, officer = (
        np.concatenate([getattr(block, name) for block in trace.blocks]) for name in ("start", "end", "officer")
    )
    order = np.lexsort((step, end, rows))
    rows, step, start, end, officer = (column[order] for column in (rows, step, start, end, officer))
    completed = tables.time.ends(end, dossiers.calendar[rows])
    seen = completed <= tables.end
    rows, step, start, end, officer, completed = (c[seen] for c in (rows, step, start, end, officer, completed))
    province, luck = dossiers.province[rows], random.random((2, len(rows)), dtype=np.float32)
    second = luck[0] < tables.scenario.names["second_share"]
    timed = np.array([one.mode != "delay" for one in tables.scenario.steps])[step]
    timed &= (luck[1] * 100 < keeping.starts[province]) & (start < end)
    started = np.where(timed, tables.time.begins(start, dossiers.calendar[rows]), NO_TIME)
    return Events(
        dossier=rows,
        step=step,
        name=np.where(second, names.second[province, step], names.first[province, step]),
        status=np.array([one.status for one in tables.scenario.steps])[step],
        started=started,
        completed=completed,
        officer=officer,
        due=_step_due(tables, dossiers, trace, rows=rows, step=step, kept=keeping.step_due[province]),
        bare=np.zeros(len(rows), dtype=bool),
        plain_officer=np.zeros(len(rows), dtype=np.int64),
    )


def _step_due(tables: Tables, dossiers: Dossiers, trace: Trace, *, rows: Ints, step: Ints, kept: Bools) -> Ints:
    """Deadline of each step by the limits of the internal process, counted from the start of the term."""
    limit = np.cumsum(tables.limit, axis=1)[dossiers.procedure[rows], step]
    term = trace.term[rows]
    known = kept & (limit > 0) & (trace.accepted[rows] != NONE)
    due = tables.time.ends(np.maximum(term, 0) + limit, dossiers.calendar[rows])
    return np.where(known, due, NO_TIME)


def record_pauses(tables: Tables, dossiers: Dossiers, trace: Trace) -> tuple[Pauses, Ints]:
    """The pauses up to the end of the log, and each dossier's due date (working seconds) as then extended."""
    time, n = tables.time, len(dossiers)
    total = np.zeros(n, dtype=np.int64)
    for rows, since, until, _ in trace.pauses:
        total[rows] += until - since
    running = trace.due - total
    parts = []
    for rows, since, until, reason in trace.pauses:
        calendar = dossiers.calendar[rows]
        start, stop = time.ends(since, calendar), time.ends(until, calendar)
        begun, over = start <= tables.end, stop <= tables.end
        before = running[rows].copy()
        running[rows] += np.where(over, until - since, 0)
        after = np.where(over, time.ends(running[rows], calendar), NO_TIME)
        parts.append(
            (
                rows[begun],
                start[begun],
                np.where(over, stop, NO_TIME)[begun],
                reason[begun],
                time.ends(before, calendar)[begun],
                after[begun],
            )
        )
    if not parts:
        empty = np.empty(0, dtype=np.int64)
        return Pauses(empty, empty, empty, empty, empty, empty), running
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    order = np.lexsort((columns[1], columns[0]))
    return Pauses(*(column[order] for column in columns)), running


def record_files(tables: Tables, dossiers: Dossiers, trace: Trace, due: Ints) -> Files:
    """The dossier rows as they stand at the end of the log."""
    time, calendar, end = tables.time, dossiers.calendar, tables.end

    def clock(worked: Ints) -> Ints:
        moment = time.ends(np.maximum(worked, 0), calendar)
        return np.where((worked != NONE) & (moment <= end), moment, NO_TIME)

    accepted = clock(trace.accepted)
    closed = clock(trace.closed)
    due_at = np.where(accepted != NO_TIME, time.ends(np.maximum(due, 0), calendar), NO_TIME)
    return Files(
        submitted=np.minimum(dossiers.submitted, end - 60),
        accepted=accepted,
        due=due_at,
        closed=closed,
        returned=clock(trace.returned),
        outcome=np.where(closed != NO_TIME, trace.outcome, OPEN),
        status=np.ones(len(dossiers), dtype=np.int64),
    )


def last_status(events: Events, n: int) -> Ints:
    """Status after each dossier's last event; 1 (new) without events."""
    out = np.ones(n, dtype=np.int64)
    out[events.dossier] = events.status  # rows are in order, so the last one stays
    return out


def digital_age(dossiers: Dossiers, tables: Tables) -> Floats:
    """How far digitisation has come when each dossier is filed: 0 at the start of the log, 1 online at its end."""
    first = instant(tables.scenario.start)
    age = np.clip((dossiers.submitted - first) / (tables.end - first), 0, 1)
    return 0.8 * age + 0.2 * (dossiers.channel == ONLINE)
