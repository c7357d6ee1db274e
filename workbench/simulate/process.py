"""What happens to the dossiers of a chunk: one pass over the steps in their order, each step for all dossiers.

Every dossier carries the working second from which it is ready for its next step. A step turns it into the
working seconds at which the work begins and ends: by a queue at an officer, by the next batch moment, or by a
delay that is nobody's work here. Nothing is recorded yet; recording.py turns the trace into a log.
"""

from __future__ import annotations

import numpy as np

from workbench.simulate.arrivals import DESK, ONLINE, POST, Dossiers
from workbench.simulate.deviations import Deviation
from workbench.simulate.queues import first_come, most_urgent
from workbench.simulate.tables import Tables
from workbench.simulate.trace import NONE, OFFICERS, REFUSED, RETURNED, STOPPED, Block, Trace
from workbench.simulate.worktime import DAY, HOUR, Bools, Floats, Ints, next_session

MIN_SECONDS = 20

_SAME_PERSON = {
    "request": "appraise",
    "request2": "appraise",
    "redraft": "appraise",
    "supplement": "accept",
    "supplement2": "accept",
    "withdraw": "accept",
    "refuse": "accept",
    "review2": "review",
    "stop": "review",
}
"""Steps an officer of another step does in passing; they do not enter the queue."""


def run(
    tables: Tables,
    dossiers: Dossiers,
    *,
    speed: Floats,
    clearing: Floats,
    planted: tuple[Deviation, ...] = (),
    where: Ints | None = None,
) -> Trace:
    """Simulate the dossiers to their end.

    `speed` is the factor on the work of each team, `clearing` the uniform number that makes an officer one who
    closes near the due day. `where` is the table of `planted`; without it nothing deviates.
    """
    return _Run(tables, dossiers, speed=speed, clearing=clearing, planted=planted, where=where).go()


class _Run:
    def __init__(
        self,
        tables: Tables,
        dossiers: Dossiers,
        *,
        speed: Floats,
        clearing: Floats,
        planted: tuple[Deviation, ...],
        where: Ints | None,
    ) -> None:
        self.t, self.d = tables, dossiers
        self.speed, self.clearing = speed, clearing
        self.planted = planted
        n = len(dossiers)
        self.deviation = np.full(n, NONE) if where is None else where[dossiers.procedure, dossiers.province]
        self.passes = tables.has[dossiers.procedure, dossiers.case].copy()
        self.alive = np.ones(n, dtype=bool)
        self.ready = tables.time.worked(dossiers.submitted, dossiers.calendar)
        empty = np.full(n, NONE, dtype=np.int64)
        accepted, closed, returned, due, term = (empty.copy() for _ in range(5))
        self.trace = Trace(accepted, closed, returned, due, term, outcome=np.zeros(n, dtype=np.int64))
        self._rules()
        self._change_paths()

    def _rules(self) -> None:
        """Decisions that do not depend on time."""
        d, p = self.d, self.d.procedure
        rates = {
            name: np.array([getattr(one, name) for one in self.t.scenario.procedures])[p]
            for name in ("refused", "withdrawn", "stopped", "supplement", "second_supplement", "rework")
        }
        repeated = self._of_kind("repeated_supplements")
        rule = self.t.scenario.deviations.get("repeated_supplements", {})
        factor = self._factor()
        rates["supplement"] = rates["supplement"] + repeated * rule.get("supplement", 0.0) * factor
        rates["second_supplement"] = np.where(repeated, rule.get("second_supplement", 0.0), rates["second_supplement"])
        self.refused = d.chance("refused") < rates["refused"]
        self.withdrawn = ~self.refused & (d.chance("withdrawn") < rates["withdrawn"])
        self.stopped = ~self.refused & ~self.withdrawn & (d.chance("stopped") < rates["stopped"])
        self.asked = ~self.refused & (d.chance("supplement") < rates["supplement"])
        self.asked_twice = self.asked & (d.chance("second") < rates["second_supplement"])
        self.reworked = d.chance("rework") < rates["rework"]

    def _of_kind(self, kind: str) -> Bools:
        of = np.array([one.kind == kind for one in self.planted] + [False])
        out: Bools = of[self.deviation]
        return out

    def _factor(self) -> Floats:
        out: Floats = np.array([one.factor for one in self.planted] + [1.0])[self.deviation]
        return out

    def _change_paths(self) -> None:
        for kind, rule in self.t.scenario.deviations.items():
            if not isinstance(rule, dict) or kind == "repeated_supplements":
                continue
            rows = self._of_kind(kind)
            for key in rule.get("removes", []):
                self.passes[rows, self.t.step[key]] = False
            for key in rule.get("steps", []):
                self.passes[rows, self.t.step[key]] = True

    def go(self) -> Trace:
        """All steps in order."""
        special = {
            "accept": self._accept,
            "refuse": lambda: None,
            "request": self._supplement,
            "supplement": lambda: None,
            "request2": self._second_supplement,
            "supplement2": lambda: None,
            "withdraw": self._withdraw,
            "appraise": self._appraise,
            "redraft": self._redraft,
            "review2": lambda: None,
            "stop": self._stop,
            "tax_notice": self._tax,
            "tax_paid": lambda: None,
            "close": self._close,
            "return": self._return,
        }
        for step in self.t.scenario.steps:
            if step.key in special:
                special[step.key]()
            else:
                rows = np.flatnonzero(self.alive & self.passes[:, self.t.step[step.key]])
                if len(rows):
                    self._plain(step.key, rows)
        return self.trace

    # durations and officers ------------------------------------------------------------------------------
    def _seconds(self, key: str, rows: Ints) -> Ints:
        """Log-normal seconds of a step, scaled by the deviation that added it and the team's speed."""
        s, p = self.t.step[key], self.d.procedure[rows]
        hours, sigma = self.t.hours[p, s], self.t.sigma[p, s]
        for kind, rule in self.t.scenario.deviations.items():
            if isinstance(rule, dict) and key in rule.get("steps", []) and kind != "repeated_supplements":
                if "work" in rule:
                    a = self.t.step["appraise"]
                    hours, sigma = rule["work"] * self._factor()[rows] * self.t.hours[p, a], self.t.sigma[p, a]
                else:
                    hours = np.where(hours > 0, hours, rule["hours"] * self._factor()[rows])
                    sigma = np.full(len(rows), rule.get("sigma", 0.5))
                if key == "slip":
                    hours = np.full(len(rows), 0.6)
        own = np.exp(self.d.normal[rows, s] * sigma) * hours * HOUR
        if self.t.scenario.steps[s].mode != "delay":
            own = own * self.speed[self.d.team[rows]]
        return np.maximum(MIN_SECONDS, own).astype(np.int64)

    def _officer(self, key: str, rows: Ints) -> Ints:
        source = _SAME_PERSON.get(key, key)
        s = self.t.step[source]
        families = self.t.officers.shape[3]
        section = self.t.scenario.steps[s].unit == "section"
        family = self.t.family[self.d.procedure[rows]] if section else np.zeros(len(rows), dtype=np.int64)
        staff = self.t.officers[self.d.era[rows], self.d.level[rows], s, family]
        number = np.minimum((self.d.uniform[rows, s] * staff).astype(np.int64), staff - 1)
        most = int(self.t.officers.max())
        return s * OFFICERS + (self.d.team[rows] * families + family) * most + number

    # kinds of steps --------------------------------------------------------------------------------------
    def _plain(self, key: str, rows: Ints) -> None:
        mode = self.t.scenario.step(key).mode
        if mode == "queue":
            self._queue(key, rows)
        elif mode == "session":
            self._session(key, rows)
        else:
            self._delay(key, rows, self._seconds(key, rows))

    def _queue(self, key: str, rows: Ints) -> None:
        ready, officer, seconds = self.ready[rows], self._officer(key, rows), self._seconds(key, rows)
        start = first_come(officer, ready, seconds)
        self._record(
            key,
            rows,
            ready=ready,
            start=start,
            end=start + seconds,
            officer=officer,
            waits={"contention": start - ready},
        )

    def _session(self, key: str, rows: Ints) -> None:
        ready, officer, seconds = self.ready[rows], self._officer(key, rows), self._seconds(key, rows)
        opens = self._batch_moment(key, rows, ready)
        start = first_come(officer, opens, seconds)
        waits = {"batching": opens - ready, "contention": start - opens}
        self._record(key, rows, ready=ready, start=start, end=start + seconds, officer=officer, waits=waits)

    def _batch_moment(self, key: str, rows: Ints, ready: Ints) -> Ints:
        p, out = self.d.procedure[rows], ready.copy()
        session = self.t.session[p, self.t.step[key]]
        names = list(self.t.scenario.sessions)
        for rule in self.t.scenario.deviations.values():
            if isinstance(rule, dict) and key in rule.get("steps", []) and "session" in rule:
                limit = np.array([one.limit_days for one in self.t.scenario.procedures])[p]
                session = np.where(limit < 5, names.index(rule["session"]), names.index(rule["long_session"]))
                session = np.where(limit == 0, names.index(rule["short_session"]), session)
        for place, moments in enumerate(self.t.moments):
            there = session == place
            if there.any():
                out[there] = next_session(moments, ready[there], self.d.calendar[rows][there])
        return out

    def _delay(self, key: str, rows: Ints, seconds: Ints) -> None:
        ready = self.ready[rows]
        end = ready + seconds
        self._record(
            key, rows, ready=ready, start=end, end=end, officer=self._officer(key, rows), waits={"extraneous": seconds}
        )

    def _record(
        self, key: str, rows: Ints, *, ready: Ints, start: Ints, end: Ints, officer: Ints, waits: dict[str, Ints]
    ) -> None:
        self.trace.blocks.append(Block(self.t.step[key], rows, ready, start, end, officer, waits))
        self.ready[rows] = end

    # the steps that are more than a duration -------------------------------------------------------------
    def _accept(self) -> None:
        """The desk accepts or refuses; the term begins. Online dossiers wait until somebody looks at them."""
        d = self.d
        waiting = np.exp(0.9 * d.normal[:, self.t.step["refuse"]]) * HOUR
        looked = np.where(d.channel == ONLINE, 1.2 * waiting, np.where(d.channel == POST, 9 * waiting, 0))
        rows = np.arange(len(d))
        ready = self.ready + looked.astype(np.int64)
        officer, seconds = self._officer("accept", rows), self._seconds("accept", rows)
        start = first_come(officer, ready, seconds)
        end = start + seconds
        waits = {"contention": start - ready, "extraneous": ready - self.ready}
        for key, chosen in (("accept", ~self.refused), ("refuse", self.refused)):
            own = {cause: seconds[chosen] for cause, seconds in waits.items()}
            block = (rows[chosen], self.ready[chosen], start[chosen], end[chosen], officer[chosen])
            self.trace.blocks.append(Block(self.t.step[key], *block, own))
        self.ready = end
        self.trace.accepted = np.where(self.refused, NONE, end)
        self._end(self.refused, REFUSED)
        self._set_due()

    def _set_due(self) -> None:
        """Received after 15:00 counts from the next working day; a limit of no days ends with that day."""
        d, time, accepted = self.d, self.t.time, self.ready
        moment = time.ends(accepted, d.calendar)
        late = moment % DAY > 15 * HOUR
        term = np.where(late, time.day_end(accepted, d.calendar), accepted)
        changed = moment >= self.t.changed[d.procedure]
        limit = self.t.declared[d.procedure, d.case, changed.astype(np.int64)]
        same_day = time.day_end(term, d.calendar)
        self.trace.term = term
        self.trace.due = np.where(limit > 0, term + limit, same_day)

    def _supplement(self) -> None:
        rows = np.flatnonzero(self.alive & self.asked)
        if len(rows):
            self._ask("request", "supplement", rows)

    def _second_supplement(self) -> None:
        rows = np.flatnonzero(self.alive & self.asked_twice)
        if len(rows):
            self._ask("request2", "supplement2", rows)

    def _ask(self, request: str, answer: str, rows: Ints) -> None:
        self._delay(request, rows, self._seconds(request, rows))
        start = self.ready[rows].copy()
        self._delay(answer, rows, self._seconds(answer, rows))
        self._pause(rows, start, 0)

    def _pause(self, rows: Ints, start: Ints, reason: int) -> None:
        """The clock stands from `start` until now; the due date moves by the working time it stood."""
        self.trace.pauses.append((rows, start, self.ready[rows].copy(), np.full(len(rows), reason)))
        self.trace.due[rows] += self.ready[rows] - start

    def _withdraw(self) -> None:
        rows = np.flatnonzero(self.alive & self.withdrawn)
        if len(rows):
            self._delay("withdraw", rows, self._seconds("withdraw", rows))
            gone = np.zeros(len(self.d), dtype=bool)
            gone[rows] = True
            self._end(gone, RETURNED)

    def _appraise(self) -> None:
        """The specialist takes the dossier due first; some keep a finished one and clear it near the due day."""
        rows = np.flatnonzero(self.alive & self.passes[:, self.t.step["appraise"]])
        if not len(rows):
            return
        ready, officer = self.ready[rows], self._officer("appraise", rows)
        seconds = (self._seconds("appraise", rows) * self.t.work[self.d.procedure[rows], self.d.case[rows]]).astype(
            np.int64
        )
        start, overtaken = most_urgent(officer, ready, seconds, self.trace.due[rows])
        end = start + seconds
        kept = self._keep("appraise", rows, officer, end)
        waits = {
            "contention": start - ready - overtaken,
            "prioritisation": overtaken,
            "batching": kept - end,
        }
        self._record("appraise", rows, ready=ready, start=start, end=kept, officer=officer, waits=waits)

    def _keep(self, key: str, rows: Ints, officer: Ints, end: Ints) -> Ints:
        """When a finished dossier is let go: at once, or with a batch on the last day that leaves time enough."""
        rules, d, s = self.t.scenario.deadlines, self.d, self.t.step[key]
        leaning = 2 * self.clearing[(officer * 31 + s) % len(self.clearing)] - 1
        share = rules["kept"] + (0.0 if self.t.alike else rules["kept_spread"]) * leaning
        chance = d.chance("hold")[rows] if key == "appraise" else d.chance("hold_close")[rows]
        rest = (self.t.limit[:, s + 1 :].sum(axis=1) * (key == "appraise"))[d.procedure[rows]]
        habit = 0.5 if self.t.alike else self.clearing[(officer * 7 + 3) % len(self.clearing)]
        hour = np.full(len(rows), (1.5 + 2.5 * habit) * HOUR).astype(np.int64)
        target = self.trace.due[rows] - rest - hour
        held = (chance < share) & (target > end + HOUR)
        out = end.copy()
        if held.any():
            who, calendar = officer[held], d.calendar[rows][held]
            batch = self.t.time.day_start(target[held], calendar) + hour[held]
            each = 30 + (60 * d.uniform[rows[held], s]).astype(np.int64)
            cleared = first_come(who, batch, each) + each
            out[held] = np.maximum(cleared, end[held])
        return out

    def _redraft(self) -> None:
        chosen = self.alive & self.reworked & self.passes[:, self.t.step["review"]]
        rows = np.flatnonzero(chosen)
        if len(rows):
            self._delay("redraft", rows, self._seconds("redraft", rows))
            self._delay("review2", rows, self._seconds("review2", rows))

    def _stop(self) -> None:
        rows = np.flatnonzero(self.alive & self.stopped)
        if len(rows):
            self._delay("stop", rows, self._seconds("stop", rows))
            gone = np.zeros(len(self.d), dtype=bool)
            gone[rows] = True
            self._end(gone, STOPPED)

    def _tax(self) -> None:
        rows = np.flatnonzero(self.alive & self.passes[:, self.t.step["tax_notice"]])
        if len(rows):
            self._delay("tax_notice", rows, self._seconds("tax_notice", rows))
            start = self.ready[rows].copy()
            self._delay("tax_paid", rows, self._seconds("tax_paid", rows))
            self._pause(rows, start, 1)

    def _close(self) -> None:
        rows = np.flatnonzero(self.alive)
        if len(rows):
            ready, officer, seconds = self.ready[rows], self._officer("close", rows), self._seconds("close", rows)
            start = first_come(officer, ready, seconds)
            kept = self._keep("close", rows, officer, start + seconds)
            waits = {"contention": start - ready, "batching": kept - start - seconds}
            self._record("close", rows, ready=ready, start=start, end=kept, officer=officer, waits=waits)
            self.trace.closed[rows] = self.ready[rows]

    def _return(self) -> None:
        """Handed over: fetched at the desk, or sent at once when the result is electronic."""
        rules, d = self.t.scenario.outcomes, self.d
        rows = np.flatnonzero(self.alive & (d.chance("fetched") >= rules["never_fetched"]))
        if len(rows):
            seconds = self._seconds("return", rows)
            quick = (d.channel[rows] == ONLINE) & (d.chance("electronic")[rows] < 0.8)
            short = np.array([one.same_day for one in self.t.scenario.procedures])[d.procedure[rows]]
            wait = np.where(quick, 600, np.where(short & (d.channel[rows] == DESK), seconds // 16, seconds))
            self._delay("return", rows, np.maximum(MIN_SECONDS, wait))
            self.trace.returned[rows] = self.ready[rows]

    def _end(self, gone: Bools, outcome: int) -> None:
        self.trace.outcome[gone] = outcome
        self.trace.closed[gone] = self.ready[gone]
        self.alive &= ~gone
