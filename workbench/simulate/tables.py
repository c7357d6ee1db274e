"""The scenario as lookup tables, so that whole arrays of dossiers are simulated at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from workbench.clock.calendar_file import CalendarSet
from workbench.reference import holidays
from workbench.simulate.deviations import Deviation
from workbench.simulate.scenario import Scenario, StepUse
from workbench.simulate.teams import AFTER, BEFORE, era_bounds, level_of, level_shares, province_places
from workbench.simulate.worktime import (
    DAY,
    FIRST_DAY,
    HOUR,
    WORKING_DAY,
    Bools,
    Floats,
    Ints,
    WorkTime,
    calendar_of,
    day_of,
    scenario_calendars,
    session_moments,
    work_time,
)


@dataclass(frozen=True)
class Tables:
    """Everything about a scenario that does not depend on the seed's dossiers.

    Arrays are indexed by the places of procedures (p), cases (c), steps (s), provinces as filed and areas (both
    in the order of `Scenario.areas`), levels and eras.
    """

    scenario: Scenario
    alike: bool
    """Provinces differ in nothing but size."""
    time: WorkTime
    calendars: CalendarSet
    calendar: Ints
    """Per province."""
    home: Ints
    """Per era and area, the province as filed."""
    step: dict[str, int]
    hours: Floats
    sigma: Floats
    limit: Ints
    has: Bools
    """[p, c, s]: the case passes the step in the reference process."""
    session: Ints
    """[p, s]: place in `moments`, -1 for none."""
    moments: list[list[Ints]]
    work: Floats
    declared: Ints
    """[p, c, 2]: limit in working seconds before and after the procedure's change of limit."""
    changed: Ints
    """Per procedure, the instant from which the changed limit holds."""
    case_share: Floats
    family: Ints
    level: Ints
    """[era, p]."""
    intake: Floats
    """[era, calendar, day]: cumulated weight of arrivals."""
    era_share: tuple[float, float]
    officers: Ints
    """[era, level, s, family]: officers of a team."""
    end: int
    """Instant after which nothing is written."""
    switch: int

    @property
    def codes(self) -> list[str]:
        """H-codes of the provinces."""
        return list(self.scenario.areas)


def build_tables(scenario: Scenario, *, alike: bool) -> Tables:
    """The lookup tables of a scenario; with `alike` every province has the default calendar and limits do not
    change, so that provinces with dossiers of different years do not differ either."""
    found = scenario_calendars(scenario.calendars, uniform=alike)
    time = work_time(found.calendars)
    step = {one.key: place for place, one in enumerate(scenario.steps)}
    hours, sigma, limit, session = _step_tables(scenario, step)
    intake, era_share = _intake(scenario, time, _day_weights(scenario, time))
    level = np.array([[level_of(p, era) for p in scenario.procedures] for era in (BEFORE, AFTER)], dtype=np.int64)
    families = sorted({p.family for p in scenario.procedures})
    family = np.array([families.index(p.family) for p in scenario.procedures], dtype=np.int64)
    declared, changed = _limits(scenario, changing=not alike)
    tables = Tables(
        scenario=scenario,
        alike=alike,
        time=time,
        calendars=found,
        calendar=np.array([time.names.index(calendar_of(found, code)) for code in scenario.areas], dtype=np.int64),
        home=province_places(scenario),
        step=step,
        hours=hours,
        sigma=sigma,
        limit=limit,
        has=_passes(scenario, step),
        session=session,
        moments=[session_moments(time, s["hours"], s.get("weekdays")) for s in scenario.sessions.values()],
        work=_case_table(scenario, "work", 1.0),
        declared=declared,
        changed=changed,
        case_share=_case_table(scenario, "share", 0.0),
        family=family,
        level=level,
        intake=intake,
        era_share=era_share,
        officers=np.ones((2, 3, len(step), len(families)), dtype=np.int64),
        end=instant(scenario.end) + 17 * HOUR,
        switch=instant(scenario.switch),
    )
    tables.officers[...] = _officers(tables)
    return tables


def instant(day: date) -> int:
    """The midnight that begins a day."""
    return (day - FIRST_DAY).days * DAY


def _step_tables(scenario: Scenario, step: dict[str, int]) -> tuple[Floats, Floats, Ints, Ints]:
    shape = (len(scenario.procedures), len(step))
    hours, sigma = np.zeros(shape), np.full(shape, 0.5)
    limit, session = np.zeros(shape, dtype=np.int64), np.full(shape, -1, dtype=np.int64)
    names = list(scenario.sessions)
    for p, procedure in enumerate(scenario.procedures):
        for one in scenario.steps:
            use = procedure.use(one.key) or _usual(one.key, procedure.same_day)
            s = step[one.key]
            hours[p, s], sigma[p, s], limit[p, s] = use.hours, use.sigma, round(use.limit * WORKING_DAY)
            wanted = use.session or one.session
            if wanted is not None:
                session[p, s] = names.index(wanted)
    return hours, sigma, limit, session


def _usual(key: str, short: bool) -> StepUse:
    """Times of the steps that no procedure lists because every procedure can come to them."""
    pace = 0.6 if short else 1.0
    hours, sigma = {
        "refuse": (0.2, 0.4),
        "request": (3.0 * pace, 0.7),
        "supplement": (18.0 * pace, 0.8),
        "request2": (3.0 * pace, 0.7),
        "supplement2": (16.0 * pace, 0.8),
        "withdraw": (8.0 * pace, 0.8),
        "redraft": (2.5 * pace, 0.6),
        "review2": (0.8 * pace, 0.6),
        "stop": (0.5, 0.5),
        "return": (8.0, 0.9),
    }.get(key, (0.0, 0.5))
    return StepUse(key, hours, sigma)


def _passes(scenario: Scenario, step: dict[str, int]) -> Bools:
    cases = max(len(p.cases) for p in scenario.procedures)
    out = np.zeros((len(scenario.procedures), cases, len(step)), dtype=bool)
    for p, procedure in enumerate(scenario.procedures):
        for use in procedure.steps:
            for c, case in enumerate(procedure.cases):
                out[p, c, step[use.step]] = not use.only or case.name in use.only
    return out


def _case_table(scenario: Scenario, name: str, missing: float) -> Floats:
    cases = max(len(p.cases) for p in scenario.procedures)
    out = np.full((len(scenario.procedures), cases), missing)
    for p, procedure in enumerate(scenario.procedures):
        for c, case in enumerate(procedure.cases):
            out[p, c] = getattr(case, name)
    return out


def _limits(scenario: Scenario, *, changing: bool) -> tuple[Ints, Ints]:
    cases = max(len(p.cases) for p in scenario.procedures)
    out = np.zeros((len(scenario.procedures), cases, 2), dtype=np.int64)
    changed = np.full(len(scenario.procedures), np.iinfo(np.int64).max)
    for p, procedure in enumerate(scenario.procedures):
        change = procedure.limit_change if changing else None
        if change is not None:
            changed[p] = instant(change.day)
        for c, case in enumerate(procedure.cases):
            plain = procedure.limit_days if case.limit_days is None else case.limit_days
            later = change.days if change is not None and case.limit_days is None else plain
            out[p, c] = round(plain * WORKING_DAY), round(later * WORKING_DAY)
    return out, changed


def _day_weights(scenario: Scenario, time: WorkTime) -> Floats:
    """Weight of arrivals per day, whether offices work or not."""
    rules = scenario.arrivals
    out = np.zeros(time.days)
    tet = [h.day for h in holidays() if h.kind == "holiday" and h.day.month in (1, 2) and h.day.day != 1]
    years = {
        day.year: (min(d for d in tet if d.year == day.year), max(d for d in tet if d.year == day.year)) for day in tet
    }
    for number in range(time.days):
        day = day_of(number)
        weight = rules["weekday"][day.weekday()] * rules["month"][day.month - 1]
        weight *= 1 + rules["growth_a_year"] * (day - scenario.start).days / 365
        first, last = years.get(day.year, (day, day))
        if 0 < (first - day).days <= 7:
            weight *= rules["before_tet"]
        if 0 < (day - last).days <= 7:
            weight *= rules["after_tet"]
        out[number] = max(weight, 0.0)
    return out


def _intake(scenario: Scenario, time: WorkTime, weights: Floats) -> tuple[Floats, tuple[float, float]]:
    out = np.zeros((2, len(time.names), time.days))
    shares = np.zeros(2)
    for era in (BEFORE, AFTER):
        low, high = (time.place(day) for day in era_bounds(scenario, era))
        if era == AFTER:
            high += 1
        for calendar in range(len(time.names)):
            open_then = time.length(calendar) > 0
            floor = np.maximum(weights, 0.3 * weights.max() * open_then)  # make-up Saturdays are working days
            own = np.where(open_then, floor, 0.0)
            own[:low], own[high:] = 0, 0
            if calendar == 0:
                shares[era] = own.sum()
            out[era, calendar] = np.cumsum(own) / own.sum()
    shares /= shares.sum()
    return out, (float(shares[0]), float(shares[1]))


def _officers(tables: Tables) -> Ints:
    """Officers per team so that the expected load of none exceeds the scenario's bound."""
    scenario = tables.scenario
    total = sum(p.share for p in scenario.procedures)
    mean = tables.hours * np.exp(tables.sigma**2 / 2)
    work = (tables.work * tables.case_share).sum(axis=1)
    out = np.ones_like(tables.officers)
    for era, level in level_shares(scenario, tables.era_share):
        low, high = (tables.time.place(day) for day in era_bounds(scenario, era))
        hours = tables.time.length(0)[low:high].sum() / HOUR
        load = np.zeros(out.shape[2:])
        for p, procedure in enumerate(scenario.procedures):
            if tables.level[era, p] != level:
                continue
            count = scenario.team["dossiers"] * procedure.share / total * tables.era_share[era]
            needed = mean[p] * count / hours
            needed[tables.step["appraise"]] *= work[p]
            for s, one in enumerate(scenario.steps):
                load[s, tables.family[p] if one.unit == "section" else 0] += needed[s]
        out[era, level] = np.maximum(1, np.ceil(load / scenario.team["busy_at_most"]))
    return out


def deviation_table(tables: Tables, planted: tuple[Deviation, ...]) -> Ints:
    """[p, province]: place of the deviation planted there, -1 for none."""
    codes = [p.code for p in tables.scenario.procedures]
    out = np.full((len(codes), len(tables.codes)), -1, dtype=np.int64)
    for place, one in enumerate(planted):
        out[codes.index(one.procedure), tables.codes.index(one.province)] = place
    return out
