"""Who works where: teams, their areas, codes and sizes, and which teams are simulated together.

A team is the smallest office with queues of its own: a ward, a district section, a branch of a provincial
department. Teams share nothing, so any group of whole teams can be simulated alone, and a log of any size is
written in bounded memory. Their number grows with the number of dossiers: a team's workload stays the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

import numpy as np

from workbench.reference import successor
from workbench.simulate.scenario import Procedure, Scenario
from workbench.simulate.worktime import Floats, Ints, running

LEVELS = ("province", "district", "commune")
BEFORE, AFTER = 0, 1
CHUNK_DOSSIERS = 40_000


@dataclass(frozen=True)
class Teams:
    """Arrays with one entry a team."""

    era: Ints
    """0 before the switch of 1/7/2025, 1 after it."""
    level: Ints
    area: Ints
    """Place of the old province in `Scenario.areas`."""
    number: Ints
    """Place among the teams of the same era, level and (as filed) province."""
    share: Floats
    """Expected share of all dossiers."""
    dossiers: Ints

    def __len__(self) -> int:
        return len(self.era)

    def rows(self, low: int, high: int) -> Teams:
        """Some consecutive teams."""
        cut = slice(low, high)
        return replace(self, **{name: getattr(self, name)[cut] for name in self.__dataclass_fields__})


def level_of(procedure: Procedure, era: int) -> int | None:
    """Level of government that has the procedure in an era."""
    name = procedure.before if era == BEFORE else (procedure.after or procedure.before)
    return LEVELS.index(name)


def level_shares(scenario: Scenario, era_share: tuple[float, float]) -> dict[tuple[int, int], float]:
    """Share of all dossiers per (era, level)."""
    total = sum(procedure.share for procedure in scenario.procedures)
    out: dict[tuple[int, int], float] = {}
    for era in (BEFORE, AFTER):
        for procedure in scenario.procedures:
            level = level_of(procedure, era)
            if level is not None:
                out[era, level] = out.get((era, level), 0.0) + era_share[era] * procedure.share / total
    return out


def form_teams(
    scenario: Scenario,
    dossiers: int,
    era_share: tuple[float, float],
    random: np.random.Generator,
    *,
    alike: bool,
) -> Teams:
    """All teams with their number of dossiers; together exactly `dossiers`.

    An area's share lies half-way between its weight and its share of the teams, so that small areas are less busy,
    but not idle. With `alike` every team of a level expects the same number: provinces differ in size only.
    """
    weight = np.array(list(scenario.areas.values()))
    weight = weight / weight.sum()
    parts = []
    size = np.maximum(1, np.rint(weight * dossiers / scenario.team["dossiers"])).astype(np.int64)
    for (when, rank), share in level_shares(scenario, era_share).items():
        area = np.repeat(np.arange(len(weight)), size)
        if alike:
            part = np.full(len(area), share / len(area))
        else:
            spread = np.clip(np.exp(random.normal(0, scenario.team["load_spread"], len(area))), 0.5, 1.8)
            mean = np.bincount(area, spread) / size
            even, people = size / size.sum(), weight
            part = share * ((even + people) / 2)[area] / size[area] * spread / mean[area]
        parts.append((np.full(len(area), when), np.full(len(area), rank), area, part))
    era, level, area, part = (np.concatenate(column) for column in zip(*parts, strict=True))
    home = province_places(scenario)[era, area]
    order = np.lexsort((area, level, home, era))
    era, level, area, part, home = (column[order] for column in (era, level, area, part, home))
    counts = random.multinomial(dossiers, part / part.sum())
    number = running((era * 4 + level) * 1000 + home)
    return Teams(era, level, area, number, np.asarray(part, dtype=np.float64), counts.astype(np.int64))


def province_places(scenario: Scenario) -> Ints:
    """Per era and area, the place of the province under whose code dossiers are filed."""
    codes = list(scenario.areas)
    after = [codes.index(successor(code)) for code in codes]
    return np.array([range(len(codes)), after], dtype=np.int64)


def chunks(teams: Teams, size: int) -> list[tuple[int, int]]:
    """Consecutive teams, low and high, with about `size` dossiers together."""
    total = np.cumsum(teams.dossiers)
    if not len(total) or total[-1] == 0:
        return []
    count = max(1, round(int(total[-1]) / size))
    cuts = np.searchsorted(total, np.arange(1, count) * total[-1] / count, side="left") + 1
    bounds = [0, *sorted(set(cuts.tolist())), len(teams)]
    return [(low, high) for low, high in pairwise(bounds) if high > low]


def agency_code(province: str, era: int, level: int, number: int, office: int) -> str:
    """Prefix-first code of the responsible agency; `office` tells the departments of a province apart.

    Form: QĐ 20/2020/QĐ-TTg (H27.01). The numbers are invented.
    """
    if level == 0:
        head = f"{province}.{office:02d}"
        return head if number == 0 else f"{head}.{number:02d}"
    if era == AFTER:
        return f"{province}.{100 + number}"
    unit, branch = 20 + number % 40, number // 40
    if level == 1:
        return f"{province}.{unit}" if branch == 0 else f"{province}.{unit}.{branch:02d}"
    return f"{province}.{unit}.{50 + branch}"


def old_agency_code(code: str) -> str:
    """The same agency as it was written before: H56.17.22 -> 000.22.17.H56 (TT 01/2018/TT-VPCP)."""
    parts = code.split(".")
    second = parts[1] if len(parts) > 1 else "00"
    third = parts[2] if len(parts) > 2 else "00"
    return f"000.{third[-2:].zfill(2)}.{second.zfill(2)}.{parts[0]}"


def era_bounds(scenario: Scenario, era: int) -> tuple[date, date]:
    """First day and the day after the last day of an era."""
    return (scenario.start, scenario.switch) if era == BEFORE else (scenario.switch, scenario.end)
