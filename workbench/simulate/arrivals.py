"""The dossiers of a chunk as they are filed, and every random number their fate will need.

All numbers are drawn here, one row a dossier and one column a purpose, so that a world without a deviation can
be simulated with the same luck.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from workbench.simulate.tables import Tables, instant
from workbench.simulate.teams import Teams
from workbench.simulate.worktime import DAY, HOUR, Floats, Ints

Small = npt.NDArray[np.float32]
DESK, ONLINE, POST = 0, 1, 2
CHOICES = (
    "refused",
    "withdrawn",
    "stopped",
    "supplement",
    "second",
    "rework",
    "hold",
    "hold_close",
    "fetched",
    "electronic",
    "paid",
    "digitised",
    "reused",
    "identity",
    "applicant",
    "fee",
)
"""Decisions about a dossier, each with a uniform number of its own."""


@dataclass(frozen=True)
class Dossiers:
    """Arrays with one entry a dossier, ordered by team and time of filing."""

    team: Ints
    """Place of the team in the chunk."""
    era: Ints
    level: Ints
    area: Ints
    province: Ints
    """Place of the province under whose code it is filed."""
    procedure: Ints
    case: Ints
    channel: Ints
    calendar: Ints
    submitted: Ints
    normal: Small
    """[dossier, step]: standard normal, the luck of each duration."""
    uniform: Small
    """[dossier, step]: which officer."""
    choice: Small
    """[dossier, CHOICES]."""

    def __len__(self) -> int:
        return len(self.team)

    def take(self, rows: npt.NDArray[np.int64] | npt.NDArray[np.bool_]) -> Dossiers:
        """Some of the dossiers."""
        return Dossiers(**{one.name: getattr(self, one.name)[rows] for one in fields(self)})

    def chance(self, name: str) -> Small:
        """The uniform numbers of one decision."""
        out: Small = self.choice[:, CHOICES.index(name)]
        return out


@dataclass(frozen=True)
class Habits:
    """What differs between provinces besides deviations; drawn once per log, nothing when provinces are alike."""

    harder: Floats
    """[p, c, province]: share of each case."""
    online: Floats
    """Per province, shift of the logit of the online share."""


def draw_habits(tables: Tables, random: np.random.Generator) -> Habits:
    """Case mix and pace of going online of every province."""
    scenario, n = tables.scenario, len(tables.codes)
    shape = (*tables.case_share.shape, n)
    tilt = np.ones(shape) if tables.alike else np.exp(random.normal(0, scenario.mix["spread"], shape))
    tilt[:, 0] = 1.0
    share = tables.case_share[:, :, None] * tilt
    online = np.zeros(n) if tables.alike else random.normal(0, scenario.arrivals["online_spread"], n)
    return Habits(share / share.sum(axis=1, keepdims=True), online)


def file_dossiers(tables: Tables, habits: Habits, teams: Teams, random: np.random.Generator) -> Dossiers:
    """The dossiers of some teams, filed over the period of each team's era."""
    n = int(teams.dossiers.sum())
    team = np.repeat(np.arange(len(teams)), teams.dossiers)
    era, level, area = teams.era[team], teams.level[team], teams.area[team]
    province = tables.home[era, area]
    procedure = _procedures(tables, era, level, random.random(n))
    case = _cases(habits, procedure, province, random.random(n))
    calendar = tables.calendar[province]
    day = _days(tables, era, calendar, random.random(n))
    channel = _channels(tables, habits, day, province, random.random(n))
    submitted = _moments(tables, day, calendar, channel, random.random((n, 4)))
    order = np.lexsort((submitted, team))
    steps = len(tables.step)
    return Dossiers(
        team=team,
        era=era,
        level=level,
        area=area,
        province=province,
        procedure=procedure[order],
        case=case[order],
        channel=channel[order],
        calendar=calendar,
        submitted=submitted[order],
        normal=random.standard_normal((n, steps), dtype=np.float32),
        uniform=random.random((n, steps), dtype=np.float32),
        choice=random.random((n, len(CHOICES)), dtype=np.float32),
    )


def _procedures(tables: Tables, era: Ints, level: Ints, luck: Floats) -> Ints:
    share = np.array([p.share for p in tables.scenario.procedures])
    out = np.zeros(len(era), dtype=np.int64)
    for e in (0, 1):
        for one in range(3):
            there = (era == e) & (level == one)
            if there.any():
                own = np.where(tables.level[e] == one, share, 0.0)
                out[there] = np.searchsorted(np.cumsum(own) / own.sum(), luck[there], side="right")
    return np.minimum(out, len(share) - 1)


def _cases(habits: Habits, procedure: Ints, province: Ints, luck: Floats) -> Ints:
    cumulated = np.cumsum(habits.harder, axis=1)
    own = cumulated[procedure, :, province]
    out = (luck[:, None] >= own).sum(axis=1)
    last = (habits.harder[procedure, :, province] > 0).sum(axis=1) - 1
    return np.minimum(out, last)


def _days(tables: Tables, era: Ints, calendar: Ints, luck: Floats) -> Ints:
    out = np.zeros(len(era), dtype=np.int64)
    for e in (0, 1):
        for one in range(len(tables.time.names)):
            there = (era == e) & (calendar == one)
            if there.any():
                out[there] = np.searchsorted(tables.intake[e, one], luck[there], side="right")
    return out


def _channels(tables: Tables, habits: Habits, day: Ints, province: Ints, luck: Floats) -> Ints:
    rules = tables.scenario.arrivals
    middle = instant(rules["online_middle"]) // DAY
    first, last = (instant(d) // DAY for d in (tables.scenario.start, tables.scenario.end))
    raw = 1 / (1 + np.exp(-(np.array([first, last]) - middle) / rules["online_steepness_days"]))
    rising = 1 / (1 + np.exp(-(day - middle) / rules["online_steepness_days"]))
    scaled = (rising - raw[0]) / (raw[1] - raw[0])
    share = rules["online_start"] + (rules["online_end"] - rules["online_start"]) * np.clip(scaled, 0, 1)
    share = 1 / (1 + (1 / share - 1) * np.exp(-habits.online[province]))
    post = rules["post"] * (1 - share)
    return np.where(luck < share, ONLINE, np.where(luck < share + post, POST, DESK)).astype(np.int64)


def _moments(tables: Tables, day: Ints, calendar: Ints, channel: Ints, luck: Floats) -> Ints:
    """When each dossier is sent: in office hours, mornings more; online also in the evening and on days off."""
    time = tables.time
    row = calendar * time.days + day
    length = time.am_to[row] - time.am_from[row] + time.pm_to[row] - time.pm_from[row]
    x = np.where(luck[:, 0] < 0.62, 0.05 + 0.42 * luck[:, 1] ** 1.3, 0.56 + 0.38 * luck[:, 1] ** 1.2)
    desk = time.ends(time.before[row] + np.maximum(1, (x * length).astype(np.int64)), calendar)
    late = (channel == ONLINE) & (luck[:, 2] < tables.scenario.arrivals["out_of_hours"])
    evening = day * DAY + (17.6 * HOUR + 6.0 * HOUR * luck[:, 3] ** 1.4).astype(np.int64)
    early = day * DAY + (5.0 * HOUR + 1.9 * HOUR * luck[:, 3]).astype(np.int64)
    off = np.minimum(row + 1, len(time.before) - 1)
    free = (time.am_to[off] == time.am_from[off]) & (time.pm_to[off] == time.pm_from[off])
    next_day = (day + 1) * DAY + (7 * HOUR + 15 * HOUR * luck[:, 3]).astype(np.int64)
    out = np.where(luck[:, 0] < 0.62, evening, np.where(luck[:, 0] < 0.75, early, np.where(free, next_day, evening)))
    return np.where(late, out, desk).astype(np.int64)
