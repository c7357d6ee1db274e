"""The traps of synchronised logs (domain facts 1.4), put into the record after everything has happened.

Each artefact is drawn per dossier at its province's rate and counted. What is counted is what a reader of the
log can find: the dossiers, or where said the events, that carry it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.simulate.arrivals import Dossiers
from workbench.simulate.names import SYNTHETIC_FIRST, SYNTHETIC_LAST
from workbench.simulate.recording import NO_TIME, Events, Files, last_status
from workbench.simulate.scenario import Scenario
from workbench.simulate.tables import Tables
from workbench.simulate.worktime import DAY, HOUR, Bools, Floats, Ints, running

KINDS = (
    "status_overwritten",
    "synthetic_first",
    "synthetic_last",
    "default_officer",
    "officer_cut",
    "status_default",
    "submitted_is_accepted",
    "empty_fields",
    "missing_events",
    "placeholder_identity",
    "random_code",
    "closed_at_receipt",
    "placeholder_summary",
    "end_is_return",
    "late_entry",
)
"""The thirteen of domain facts 1.4 in their order (the fourth has two forms), then entries made together later."""

OF_EVENTS = frozenset({"status_overwritten", "default_officer", "officer_cut", "missing_events", "late_entry"})
"""Counted in events; the others in dossiers."""

FIRST, LAST = -1, -2
INVENTED_NAMES = (SYNTHETIC_FIRST, SYNTHETIC_LAST)


@dataclass
class Marks:
    """Per dossier, the artefacts that are written with the dossier row."""

    placeholder_identity: Bools
    random_code: Bools
    placeholder_summary: Bools


def draw_rates(scenario: Scenario, factor: float, random: np.random.Generator) -> Floats:
    """[kind, province]: the rates of one log; some provinces are free of a kind."""
    rules, n = scenario.artefacts, len(scenario.areas)
    base = np.array([rules[kind] for kind in KINDS])[:, None]
    spread = random.gamma(2.0, 0.5, (len(KINDS), n)) / (1 - rules["dry"])
    rates: Floats = np.minimum(0.6, base * spread * (random.random((len(KINDS), n)) >= rules["dry"]) * factor)
    return rates


def inject(
    tables: Tables, dossiers: Dossiers, events: Events, files: Files, *, rates: Floats, random: np.random.Generator
) -> tuple[Events, Marks, Ints]:
    """The record with its artefacts, the marks for the dossier rows, and the counts [kind, province]."""
    return _Injection(tables, dossiers, events, files, rates=rates, random=random).go()


class _Injection:
    def __init__(
        self,
        tables: Tables,
        dossiers: Dossiers,
        events: Events,
        files: Files,
        *,
        rates: Floats,
        random: np.random.Generator,
    ) -> None:
        self.t, self.d, self.e, self.f, self.random = tables, dossiers, events, files, random
        self.rates = rates
        n = len(dossiers)
        luck = random.random((len(KINDS), n), dtype=np.float32)
        self.chosen = luck < rates[:, dossiers.province]
        self.counts = np.zeros(rates.shape, dtype=np.int64)
        self.status = np.array([one.status for one in tables.scenario.steps])

    def go(self) -> tuple[Events, Marks, Ints]:
        """All kinds; the order lets each find what the others left."""
        self._late_entry()
        self._missing_events()
        self.f.status = last_status(self.e, len(self.d))
        self._statuses()
        self._officers()
        self._empty_fields()
        self._dates()
        self._invented()
        marks = Marks(self._mark("placeholder_identity"), self._mark("random_code"), self._mark("placeholder_summary"))
        return self.e, marks, self.counts

    def _of(self, kind: str) -> Bools:
        out: Bools = self.chosen[KINDS.index(kind)]
        return out

    def _count(self, kind: str, rows: Ints) -> None:
        """Count rows, given as the dossiers they belong to."""
        province = self.d.province[rows]
        self.counts[KINDS.index(kind)] += np.bincount(province, minlength=len(self.t.codes))

    def _mark(self, kind: str) -> Bools:
        rows = np.flatnonzero(self._of(kind))
        self._count(kind, rows)
        return self._of(kind)

    def _late_entry(self) -> None:
        """In some team months the events of about ten days are entered together on the last afternoon of them."""
        e, time = self.e, self.t.time
        month = e.completed // (30 * DAY)
        team = self.d.team[e.dossier]
        span = int(month.max(initial=0)) + 1
        pairs = (int(team.max(initial=0)) + 1) * span
        luck = self.random.random((2, pairs))
        pair = team * span + month
        hit = luck[0][pair] < self.rates[KINDS.index("late_entry"), self.d.province[e.dossier]]
        first = month * 30 + (luck[1][pair] * 18).astype(np.int64)
        calendar = self.d.calendar[e.dossier]
        opening = time.day_start(time.worked((first + 9) * DAY + 12 * HOUR, calendar), calendar)
        batch = opening + 2 * HOUR
        moved = hit & (e.completed >= first * DAY) & (e.completed < time.ends(batch, calendar))
        moved &= batch + DAY <= time.worked(np.full(len(e), self.t.end), calendar)
        rows = np.flatnonzero(moved)
        if not len(rows):
            return
        order = np.lexsort((rows, pair[rows]))
        place = running(pair[rows][order])
        at = batch[rows][order] + 15 * (place + 1)
        e.completed[rows[order]] = time.ends(at, calendar[rows][order])
        e.completed = _rising(e.dossier, e.completed)
        e.started[rows] = NO_TIME
        self._count("late_entry", e.dossier[rows])
        self._take_over_end()

    def _take_over_end(self) -> None:
        """Closing and return are what the late entries say."""
        closing = np.isin(self.status[self.e.step], (3, 7, 8, 9))
        for field, which in (("closed", closing), ("returned", self.status[self.e.step] == 10)):
            rows = self.e.dossier[which]
            getattr(self.f, field)[rows] = self.e.completed[which]

    def _missing_events(self) -> None:
        """Only the current action is sent at a synchronisation: events between the first and the last get lost."""
        e = self.e
        inner = np.zeros(len(e), dtype=bool)
        inner[1:-1] = (e.dossier[1:-1] == e.dossier[:-2]) & (e.dossier[1:-1] == e.dossier[2:])
        inner &= ~np.isin(e.status, (3, 7, 8, 9, 10))
        lost = inner & self._of("missing_events")[e.dossier] & (self.random.random(len(e)) < 0.4)
        self._count("missing_events", e.dossier[lost])
        self.e = e.take(~lost)

    def _statuses(self) -> None:
        """Statuses 5, 6 and 8 become 9; elsewhere every event of a dossier has status 4."""
        e, f = self.e, self.f
        default = self._of("status_default") & (np.bincount(e.dossier, minlength=len(self.d)) > 0)
        overwritten = self._of("status_overwritten")[e.dossier] & np.isin(e.status, (5, 6, 8)) & ~default[e.dossier]
        e.status = np.where(overwritten, 9, e.status)
        self._count("status_overwritten", e.dossier[overwritten])
        gone = self._of("status_overwritten") & np.isin(f.status, (5, 6, 8))
        f.status = np.where(gone, 9, f.status)
        e.status = np.where(default[e.dossier], 4, e.status)
        self._count("status_default", np.flatnonzero(default))

    def _officers(self) -> None:
        e = self.e
        cut = self._of("officer_cut")[e.dossier]
        default = self._of("default_officer")[e.dossier] & (self.random.random(len(e)) < 0.7)
        e.plain_officer = np.where(default, 1, np.where(cut, 2, 0))
        self._count("officer_cut", e.dossier[cut & ~default])
        self._count("default_officer", e.dossier[default])

    def _empty_fields(self) -> None:
        chosen = self._of("empty_fields") & (np.bincount(self.e.dossier, minlength=len(self.d)) > 0)
        self.e.bare = chosen[self.e.dossier]
        self._count("empty_fields", np.flatnonzero(chosen))

    def _dates(self) -> None:
        f = self.f
        known = f.accepted != NO_TIME
        same = self._of("submitted_is_accepted") & known
        f.submitted = np.where(same, f.accepted, f.submitted)
        self._count("submitted_is_accepted", np.flatnonzero(same))
        receipt = self._of("closed_at_receipt") & known
        later = self._of("end_is_return") & ~receipt & (f.returned != NO_TIME) & (f.closed < f.returned)
        f.closed = np.where(receipt, f.accepted, np.where(later, f.returned, f.closed))
        f.due = np.where(receipt, NO_TIME, f.due)
        f.status = np.where(receipt, 9, f.status)
        f.outcome = np.where(receipt, 0, f.outcome)
        self._count("closed_at_receipt", np.flatnonzero(receipt))
        self._count("end_is_return", np.flatnonzero(later))

    def _invented(self) -> None:
        """A first event at acceptance and a last event at the end, by nobody in particular."""
        f, n = self.f, len(self.d)
        there = np.bincount(self.e.dossier, minlength=n) > 0
        receipt = self._of("closed_at_receipt") & (f.due == NO_TIME)
        for kind, step, moment, status in (
            ("synthetic_first", FIRST, f.accepted, 2),
            ("synthetic_last", LAST, f.closed, 9),
        ):
            chosen = self._of(kind) & there & (moment != NO_TIME)
            if step == LAST:
                chosen &= ~receipt
            rows = np.flatnonzero(chosen)
            self.e = self.e.joined(_invented(rows, step, status, moment[rows]))
            self._count(kind, rows)
        late = np.where(self.e.step == FIRST, -1, np.where(self.e.step == LAST, len(self.status), self.e.step))
        order = np.lexsort((late, self.e.completed, self.e.dossier))
        self.e = self.e.take(order)


def _invented(rows: Ints, step: int, status: int, completed: Ints) -> Events:
    n = len(rows)

    def full(value: int) -> Ints:
        return np.full(n, value, dtype=np.int64)

    return Events(
        dossier=rows,
        step=full(step),
        name=full(step),
        status=full(status),
        started=full(NO_TIME),
        completed=completed,
        officer=full(0),
        due=full(NO_TIME),
        bare=np.ones(n, dtype=bool),
        plain_officer=full(3),
    )


def _rising(group: Ints, values: Ints) -> Ints:
    """Running maximum inside each group; groups are consecutive and rising."""
    apart = np.int64(1) << 40
    out: Ints = np.maximum.accumulate(values + group * apart) - group * apart
    return out
