"""A procedure's compliance cost before and after a change, with every parameter, against the targets of Resolution 66.

The current practice (channels, supplements, fees, dossiers a year) is read from the log; hours, income, papers and
bought services are parameters (`cost.CostParameters`), which a person reads and corrects in a TOML file. Without
parameters nothing is computed and the result says so.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

import pandas as pd

from workbench.errors import SettingError
from workbench.harmonise.recommendation.cost import (
    TARGET_2025,
    TARGET_2026,
    CostChange,
    CostParameters,
    Practice,
    compliance_cost,
    cost_change,
    observed_practice,
)
from workbench.harmonise.recommendation.recommend import Recommendation
from workbench.results import Basis, Result
from workbench.selection import Selection
from workbench.store import LogStore

PRACTICE = ("dossiers_a_year", "online_share", "post_share", "supplements_per_dossier", "fee_vnd")
"""What of a practice a person can set for the time after the change."""
AFTER_PARAMETERS = ("papers", "purchased_services_vnd")
"""Parameters that a change itself can lower."""


@dataclass(frozen=True, slots=True)
class CostAssessment(Result):
    """Cost by task before and after, the cut, and what it rests on."""

    tasks: pd.DataFrame
    """task, hours_before, hours_after, vnd_before, vnd_after (per dossier); empty without parameters."""
    before: Practice
    after: Practice
    change: CostChange | None
    """None without parameters."""
    targets: pd.DataFrame
    """year, target (share to cut), cut, reached; cut and reached empty without parameters."""
    parameters: pd.DataFrame
    """name, value, unverified: every parameter the figures rest on."""
    gaps: tuple[str, ...]
    """Codes of what cannot be said or is not sure, texts under `harmonise.cost.gap.`."""
    basis: Basis


def read_parameters(path: str | Path) -> CostParameters:
    """Parameters from a TOML file of `name = number`; those it gives count as confirmed by whoever keeps the file.

    Raises SettingError for an unreadable file, an unknown name or a value that is not a number of at least 0.
    """
    try:
        given = tomllib.loads(Path(path).read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise SettingError(
            f"{path} holds no cost parameters: {exc}.", fix="Write it with `workbench cost --write-parameters`."
        ) from exc
    return with_values(CostParameters(), given)


def with_values(parameters: CostParameters, given: Mapping[str, object]) -> CostParameters:
    """The parameters with some values given by a person, who thereby confirms them."""
    known = {field.name for field in fields(CostParameters)} - {"unverified"}
    values: dict[str, float] = {}
    for name, value in given.items():
        if name not in known:
            raise SettingError(
                f"There is no cost parameter {name!r}.", fix=f"Use: {', '.join(sorted(known))}.", name=name
            )
        try:
            values[name] = float(str(value))
        except ValueError as exc:
            raise SettingError(f"{name} is {value!r}.", fix="Give a known parameter of at least 0.", name=name) from exc
    return parameters.confirmed(**values)


def parameters_text(parameters: CostParameters) -> str:
    """The parameters as a TOML file; unverified ones are commented out, so that keeping one is a decision."""
    lines = ["# Standard cost model: hours are per dossier unless named otherwise; money is VND.",
             "# Take the # away from a line to confirm its value."]  # fmt: skip
    for name, value, unverified in _listed(parameters):
        shown = "# " if unverified or value is None else ""
        lines.append(f"{shown}{name} = {0 if value is None else value:g}" + ("  # unverified" if unverified else ""))
    return "\n".join(lines) + "\n"


def parameter_table(parameters: CostParameters | None) -> pd.DataFrame:
    """name, value, unverified."""
    rows = [] if parameters is None else _listed(parameters)
    return pd.DataFrame(rows, columns=["name", "value", "unverified"])


def _listed(parameters: CostParameters) -> list[tuple[str, float | None, bool]]:
    names = [field.name for field in fields(parameters) if field.name != "unverified"]
    return [(name, getattr(parameters, name), name in parameters.unverified) for name in names]


def assess_cost(
    store: LogStore,
    selection: Selection,
    *,
    parameters: CostParameters | None,
    after: Mapping[str, float] | None = None,
    recommendations: Iterable[Recommendation] = (),
) -> CostAssessment:
    """The compliance cost of a selection (one procedure) now and after a change.

    The change is what `recommendations` spare applicants, and then what `after` sets: names of PRACTICE or
    AFTER_PARAMETERS. Raises TooFewCases for an empty selection, SettingError for an unknown name in `after`.
    """
    practice, basis = observed_practice(store, selection)
    wanted = dict(after or {})
    changed = _changed(spared(practice, recommendations), wanted)
    gaps = _gaps(store, selection, parameters, changed=changed != practice or bool(wanted))
    listed = parameter_table(parameters)
    if parameters is None:
        empty = pd.DataFrame(columns=["task", "hours_before", "hours_after", "vnd_before", "vnd_after"])
        return CostAssessment(empty, practice, changed, None, _targets(None), listed, gaps, basis)
    lowered = {name: wanted[name] for name in AFTER_PARAMETERS if name in wanted}
    if "fee_vnd" in wanted:
        lowered["fee_vnd"] = wanted["fee_vnd"]
    now = compliance_cost(practice, basis, parameters)
    later = replace(parameters, **lowered) if lowered else parameters  # type: ignore[arg-type]
    change = cost_change(now, changed, parameters=later)
    tasks = now.tasks.merge(change.after.tasks, on="task", suffixes=("_before", "_after"))
    tasks = tasks[["task", "hours_before", "hours_after", "vnd_before", "vnd_after"]]
    return CostAssessment(tasks, practice, changed, change, _targets(change), listed, gaps, basis)


def spared(practice: Practice, recommendations: Iterable[Recommendation]) -> Practice:
    """The practice once the organisations asked to cut supplements or to move online are as the middle organisation."""
    supplements = desk = 0.0
    for one in recommendations:
        if one.share <= 0 or one.vnd_reason is not None:
            continue
        beyond = one.dossiers_a_year * (one.share - one.usual) / one.share / practice.dossiers_a_year
        supplements += beyond if one.move == "cut_repeated_supplement" else 0.0
        desk += beyond if one.move == "move_online" else 0.0
    moved = min(desk, practice.desk_share)
    return replace(
        practice,
        supplements_per_dossier=max(0.0, practice.supplements_per_dossier - supplements),
        desk_share=practice.desk_share - moved,
        online_share=practice.online_share + moved,
    )


def _changed(practice: Practice, after: Mapping[str, float]) -> Practice:
    for name, value in after.items():
        if name not in (*PRACTICE, *AFTER_PARAMETERS):
            known = ", ".join((*PRACTICE, *AFTER_PARAMETERS))
            raise SettingError(f"{name} is nothing a change can set.", fix=f"Use: {known}.", name=name)
        if value < 0 or (name.endswith("_share") and value > 1):
            raise SettingError(f"{name} is {value!r}.", fix="Give a known parameter of at least 0.", name=name)
    made = replace(practice, **{name: float(after[name]) for name in PRACTICE if name in after})
    if not {"online_share", "post_share"} & after.keys():
        return made
    away = made.online_share + made.post_share
    scale = min(1.0, 1.0 / away) if away else 1.0
    online, post = made.online_share * scale, made.post_share * scale
    return replace(made, online_share=online, post_share=post, desk_share=max(0.0, 1.0 - online - post))


def _targets(change: CostChange | None) -> pd.DataFrame:
    rows = [
        (year, target, None if change is None else change.cut, None if change is None else change.cut >= target)
        for year, target in ((2025, TARGET_2025), (2026, TARGET_2026))
    ]
    return pd.DataFrame(rows, columns=["year", "target", "cut", "reached"])


def _gaps(
    store: LogStore, selection: Selection, parameters: CostParameters | None, *, changed: bool
) -> tuple[str, ...]:
    d = store.dossiers(selection)
    facts = store.fetch(d.aggregate(channels=d.channel.notnull().sum(), fees=d.fee_vnd.notnull().sum())).iloc[0]
    checks = {
        "no_parameters": parameters is None,
        "unverified_parameters": parameters is not None and bool(parameters.unverified),
        "no_channels": facts["channels"] == 0,
        "no_fees": facts["fees"] == 0 and (parameters is None or parameters.fee_vnd is None),
        "no_change": not changed,
    }
    return tuple(code for code, holds in checks.items() if holds)
