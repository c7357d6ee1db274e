"""The scenario of a synthetic log: procedures, steps, offices, rates; read from TOML, checked, frozen."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

from workbench.errors import SettingError
from workbench.reference import is_province

Mode = Literal["queue", "urgent", "session", "delay"]
MODES = ("queue", "urgent", "session", "delay")
KINDS = (
    "extra_signature",
    "ward_prestep",
    "extra_handover",
    "tax_inside",
    "tax_outside",
    "double_appraisal",
    "repeated_supplements",
)
"""Kinds of deviations from the reference process."""

DEFAULT_PATH = Path(__file__).resolve().parents[2] / "datasets" / "national" / "scenario.toml"


class ScenarioError(SettingError):
    """A scenario lacks something or names something that does not exist."""

    code = "setting.scenario"


@dataclass(frozen=True, slots=True)
class Step:
    """A canonical step; steps are listed in the order in which a dossier can pass them."""

    key: str
    name: str
    unit: str
    role: str
    status: int
    mode: Mode
    session: str | None = None
    again: str | None = None
    """Key of the step this one repeats; both have one name."""

    @property
    def canonical(self) -> str:
        """The key under which its name, its labels and its truth are kept."""
        return self.again or self.key


@dataclass(frozen=True, slots=True)
class StepUse:
    """A step inside a procedure: median working hours, spread (sigma of the logarithm), limit in days."""

    step: str
    hours: float = 0.0
    sigma: float = 0.5
    limit: float = 0.0
    session: str | None = None
    only: tuple[str, ...] = ()
    """Cases of the procedure that pass it; empty for all."""


@dataclass(frozen=True, slots=True)
class Case:
    """A case (trường hợp) of a procedure."""

    name: str
    share: float
    work: float = 1.0
    limit_days: float | None = None


@dataclass(frozen=True, slots=True)
class LimitChange:
    """A new declared limit from a day on."""

    day: date
    days: float


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure of the scenario."""

    code: str
    key: str
    name: str
    code_source: str
    family: str
    share: float
    before: str
    after: str | None
    limit_days: float
    section: Mapping[str, str]
    cases: tuple[Case, ...]
    steps: tuple[StepUse, ...]
    deviations: Mapping[str, float]
    limit_source: str = ""
    limit_change: LimitChange | None = None
    illustrative: bool = False
    land: bool = False
    fee_vnd: tuple[float, float] = (0.0, 0.0)
    """At the desk and online."""
    supplement: float = 0.0
    second_supplement: float = 0.0
    refused: float = 0.0
    withdrawn: float = 0.0
    stopped: float = 0.0
    rework: float = 0.0
    business: float = 0.0

    @property
    def same_day(self) -> bool:
        """Whether the plain case is due on the day it is received."""
        return self.limit_days == 0

    @property
    def has_tax(self) -> bool:
        """Whether the reference process has the applicant pay a tax in its middle."""
        return any(use.step == "tax_notice" for use in self.steps)

    def use(self, step: str) -> StepUse | None:
        """The step inside this procedure, if it has it."""
        return next((use for use in self.steps if use.step == step), None)


@dataclass(frozen=True, slots=True)
class Scenario:
    """Everything `synthesise` needs; sections of plain numbers stay mappings."""

    name: str
    start: date
    end: date
    switch: date
    steps: tuple[Step, ...]
    procedures: tuple[Procedure, ...]
    areas: Mapping[str, float]
    team: Mapping[str, float]
    arrivals: Mapping[str, Any]
    outcomes: Mapping[str, float]
    mix: Mapping[str, float]
    deadlines: Mapping[str, float]
    sessions: Mapping[str, Mapping[str, Any]]
    units: Mapping[str, Mapping[str, str]]
    deviations: Mapping[str, Any]
    names: Mapping[str, Any]
    vendors: tuple[Mapping[str, Any], ...]
    artefacts: Mapping[str, float]
    calendars: Mapping[str, Any] = field(default_factory=dict)
    """The tables `calendars` and `rules` in the form of workbench.clock."""

    def step(self, key: str) -> Step:
        """The step with this key."""
        return next(step for step in self.steps if step.key == key)

    def procedure(self, code: str) -> Procedure:
        """The procedure with this code; ScenarioError when there is none."""
        for procedure in self.procedures:
            if procedure.code == code:
                return procedure
        raise ScenarioError(
            f"The scenario has no procedure {code!r}.",
            fix=f"Use one of: {', '.join(p.code for p in self.procedures)}.",
            value=code,
        )


def load_scenario(path: str | Path | None = None) -> Scenario:
    """The scenario of a TOML file, or the national one that ships in `datasets/national/`.

    Raises ScenarioError that names the place at fault.
    """
    file = DEFAULT_PATH if path is None else Path(path)
    try:
        content = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError as exc:
        raise ScenarioError(
            f"There is no scenario {file}.",
            fix="Name a scenario with --scenario, or work in a checkout.",
            path=str(file),
        ) from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise ScenarioError(f"{file} is not TOML: {exc}.", fix="Correct that line.", path=str(file)) from exc
    try:
        return parse_scenario(content)
    except KeyError as exc:
        raise ScenarioError(f"{file} lacks {exc.args[0]!r}.", fix="Add it.", path=str(file)) from exc


def parse_scenario(content: Mapping[str, Any]) -> Scenario:
    """The scenario described by the tables of a TOML file; KeyError for a missing key."""
    scenario = Scenario(
        name=content["name"],
        start=content["start"],
        end=content["end"],
        switch=content["switch"],
        steps=tuple(Step(**raw) for raw in content["step"]),
        procedures=tuple(_procedure(raw) for raw in content["procedure"]),
        areas={code: float(weight) for code, weight in content["areas"].items()},
        vendors=tuple(content["vendor"]),
        calendars={key: content[key] for key in ("calendars", "rules") if key in content},
        **{key: content[key] for key in ("team", "arrivals", "outcomes", "mix", "deadlines", "sessions", "units")},
        **{key: content[key] for key in ("deviations", "names", "artefacts")},
    )
    _check(scenario)
    return scenario


def _procedure(raw: Mapping[str, Any]) -> Procedure:
    given = dict(raw)
    cases = tuple(Case(**case) for case in given.pop("variants"))
    uses = tuple(StepUse(**{**use, "only": tuple(use.get("only", ()))}) for use in given.pop("steps"))
    change = given.pop("limit_change", None)
    given["fee_vnd"] = tuple(given.get("fee_vnd", (0.0, 0.0)))
    return Procedure(
        **given,
        cases=cases,
        steps=uses,
        limit_change=LimitChange(change["from"], change["days"]) if change else None,
    )


def _check(scenario: Scenario) -> None:
    if not scenario.start < scenario.switch < scenario.end:
        raise ScenarioError("The switch does not lie between start and end.", fix="Put the days in order.")
    keys = [step.key for step in scenario.steps]
    for step in scenario.steps:
        if step.mode not in MODES:
            raise ScenarioError(f"Step {step.key!r} has mode {step.mode!r}.", fix=f"Use one of: {', '.join(MODES)}.")
        if step.unit != "section" and step.unit not in scenario.units:
            raise ScenarioError(f"Step {step.key!r} names unit {step.unit!r}.", fix="Describe it under [units].")
    for code in scenario.areas:
        if not is_province(code):
            raise ScenarioError(f"Area {code!r} is no province.", fix="Use the H-codes of 2018, H01 to H63.")
    for procedure in scenario.procedures:
        _check_procedure(procedure, keys, scenario.sessions)


def _check_procedure(procedure: Procedure, keys: list[str], sessions: Mapping[str, Any]) -> None:
    uses = [use.step for use in procedure.steps]
    unknown = sorted(set(uses) - set(keys))
    if unknown:
        raise ScenarioError(f"{procedure.code} uses step {unknown[0]!r}.", fix=f"Use one of: {', '.join(keys)}.")
    if uses != sorted(uses, key=keys.index):
        raise ScenarioError(f"The steps of {procedure.code} are not in the order of [[step]].", fix="Reorder them.")
    needed = {"accept", "appraise", "sign", "close", "return"} - set(uses)
    if needed:
        raise ScenarioError(f"{procedure.code} lacks the step {min(needed)!r}.", fix="Every procedure has it.")
    if abs(sum(case.share for case in procedure.cases) - 1) > 1e-6:
        raise ScenarioError(f"The cases of {procedure.code} do not add up to 1.", fix="Correct their shares.")
    for use in procedure.steps:
        if use.session is not None and use.session not in sessions:
            raise ScenarioError(f"{procedure.code} names session {use.session!r}.", fix="Describe it under [sessions].")
    odd = sorted(set(procedure.deviations) - set(KINDS))
    if odd:
        raise ScenarioError(f"{procedure.code} allows the deviation {odd[0]!r}.", fix=f"Use: {', '.join(KINDS)}.")
    if procedure.before != "district" and procedure.after not in (None, procedure.before):
        raise ScenarioError(f"{procedure.code} changes level.", fix="Only district procedures move.")
