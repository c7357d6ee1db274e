"""Deviations of provinces from the reference process: which are planted, and what each does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.simulate.scenario import KINDS, Procedure, Scenario
from workbench.simulate.teams import province_places
from workbench.simulate.worktime import Floats

ENOUGH = 60
"""Deviations are planted where a procedure expects this many dossiers, as long as enough provinces have them."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """One procedure differs from the reference process in one province."""

    procedure: str
    province: str
    """H-code under which the dossiers are filed."""
    kind: str
    steps: tuple[str, ...]
    """Names of the steps it adds, repeats or leaves out."""
    factor: float
    """Scales the hours of the kind for this procedure."""
    published: bool
    """The province's own internal process prescribes it."""

    @property
    def removes(self) -> bool:
        """Whether it leaves steps out."""
        return self.kind == "tax_outside"


def plant(
    scenario: Scenario, dossiers: int, era_share: tuple[float, float], random: np.random.Generator
) -> tuple[Deviation, ...]:
    """The deviations of one seed: for each procedure some of the kinds it allows, each in some provinces."""
    expected = _expected(scenario, era_share) * dossiers
    total = sum(procedure.share for procedure in scenario.procedures)
    out: list[Deviation] = []
    for procedure in scenario.procedures:
        out += _of_procedure(scenario, procedure, expected * procedure.share / total, random)
    return tuple(out)


def _expected(scenario: Scenario, era_share: tuple[float, float]) -> Floats:
    """Share of the country's dossiers filed under each province's code."""
    weight = np.array(list(scenario.areas.values()))
    weight = weight / weight.sum()
    home = province_places(scenario)
    before, after = (np.bincount(home[era], weight, len(weight)) for era in (0, 1))
    return era_share[0] * before + era_share[1] * after


def _of_procedure(
    scenario: Scenario,
    procedure: Procedure,
    expected: Floats,
    random: np.random.Generator,
) -> list[Deviation]:
    rules = scenario.deviations
    allowed = [kind for kind in KINDS if kind in procedure.deviations]
    n_kinds = min(len(allowed), int(random.integers(rules["kinds"][0], rules["kinds"][1] + 1)))
    if n_kinds == 0:
        return []
    chosen = random.choice(len(allowed), n_kinds, replace=False)
    counts = random.integers(rules["provinces"][0], rules["provinces"][1] + 1, n_kinds)
    wanted = int(counts.sum())
    enough = np.flatnonzero(expected >= ENOUGH)
    pool = enough if len(enough) >= 3 * wanted else np.argsort(-expected)[: 3 * wanted]
    chance = np.sqrt(expected[pool])
    places = random.choice(pool, min(wanted, len(pool)), replace=False, p=chance / chance.sum())
    kinds = np.repeat(chosen, counts)[: len(places)]
    names = {step.key: step.name for step in scenario.steps}
    codes = list(scenario.areas)
    out = []
    for place, kind in zip(places, kinds, strict=True):
        name = allowed[kind]
        rule = rules[name]
        own = {use.step for use in procedure.steps}
        keys = [key for key in rule.get("steps", rule.get("removes", [])) if name != "tax_outside" or key in own]
        out.append(
            Deviation(
                procedure=procedure.code,
                province=codes[place],
                kind=name,
                steps=tuple(names[key] for key in keys),
                factor=procedure.deviations[name],
                published=bool(random.random() < rules["published"]),
            )
        )
    return sorted(out, key=lambda one: (one.kind, one.province))
