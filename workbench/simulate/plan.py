"""The plan of one log: what is drawn once for the whole country, from the seed alone.

Every stream of random numbers has its own name and, for chunks, its own number, so that an option (noise of the
names, no deviations) does not disturb the luck of anything else, and chunks can be simulated in any order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.simulate import artefacts
from workbench.simulate.arrivals import Habits, draw_habits
from workbench.simulate.deviations import Deviation, plant
from workbench.simulate.names import StepNames, make_names
from workbench.simulate.recording import Keeping, draw_keeping
from workbench.simulate.scenario import Scenario
from workbench.simulate.tables import Tables, build_tables, deviation_table, instant
from workbench.simulate.teams import CHUNK_DOSSIERS, Teams, chunks, form_teams
from workbench.simulate.worktime import DAY, Floats, Ints

STREAMS = (
    "teams",
    "deviations",
    "habits",
    "names",
    "keeping",
    "artefacts",
    "filing",
    "offices",
    "record",
    "traps",
    "rows",
)


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for: the arguments of `synthesise` that decide the content."""

    scenario: Scenario
    dossiers: int
    seed: int
    deviations: bool = True
    noise: float = 1.0
    artefacts: float = 1.0
    """Factor on the rates of the synchronisation artefacts; 0 for none."""
    chunk: int = CHUNK_DOSSIERS
    """About how many dossiers are simulated and written together; part of what decides the content."""


@dataclass(frozen=True)
class Plan:
    """Everything chunks share."""

    order: Order
    tables: Tables
    teams: Teams
    cuts: list[tuple[int, int]]
    planted: tuple[Deviation, ...]
    where: Ints
    """[procedure, province]: place of the deviation, -1 for none."""
    habits: Habits
    names: StepNames
    keeping: Keeping
    rates: Floats
    old_codes_until: Ints

    def random(self, stream: str, number: int = 0) -> np.random.Generator:
        """The numbers of one stream."""
        return stream_of(self.order.seed, stream, number)


def stream_of(seed: int, stream: str, number: int = 0) -> np.random.Generator:
    """The numbers of one named stream of a seed."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(STREAMS.index(stream), number)))


def make_plan(order: Order) -> Plan:
    """The plan of an order; the same order gives the same plan everywhere."""
    scenario, seed = order.scenario, order.seed
    alike = not order.deviations
    tables = build_tables(scenario, alike=alike)
    teams = form_teams(scenario, order.dossiers, tables.era_share, stream_of(seed, "teams"), alike=alike)
    planted: tuple[Deviation, ...] = ()
    if order.deviations:
        planted = plant(scenario, order.dossiers, tables.era_share, stream_of(seed, "deviations"))
    keeping = stream_of(seed, "keeping")
    return Plan(
        order=order,
        tables=tables,
        teams=teams,
        cuts=chunks(teams, order.chunk),
        planted=planted,
        where=deviation_table(tables, planted),
        habits=draw_habits(tables, stream_of(seed, "habits")),
        names=make_names(scenario, order.noise, stream_of(seed, "names")),
        keeping=draw_keeping(len(tables.codes), keeping),
        rates=artefacts.draw_rates(scenario, order.artefacts, stream_of(seed, "artefacts")),
        old_codes_until=_old_codes(tables, keeping),
    )


def _old_codes(tables: Tables, random: np.random.Generator) -> Ints:
    """When each province began to write the agency first in dossier codes: before the log, or during it."""
    first, switch = instant(tables.scenario.start), tables.switch
    later = random.integers(first // DAY, switch // DAY, len(tables.codes)) * DAY
    return np.where(random.random(len(tables.codes)) < 0.55, 0, later).astype(np.int64)
