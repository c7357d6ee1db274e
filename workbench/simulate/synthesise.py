"""`synthesise`: a whole country's log into a folder."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import SettingError
from workbench.progress import Progress, silent
from workbench.results import Result
from workbench.simulate import truth
from workbench.simulate.chunk import TABLES, Share, no_share, write_chunk
from workbench.simulate.crew import crew
from workbench.simulate.plan import Order, Plan, make_plan
from workbench.simulate.scenario import Scenario

FILES = ("truth.json", "internal_processes.json", "calendars.toml")
ALONE_BELOW = 12
"""Logs of fewer chunks are made in this process."""


@dataclass(frozen=True, slots=True)
class SynthReport(Result):
    """What was written; everything in it is synthetic."""

    scenario: str
    seed: int
    dossiers: int
    events: int
    pauses: int
    deviations: int
    names: int
    """Different pairs of province and step name."""
    out: Path
    files: int
    synthetic: bool = True


def synthesise(
    scenario: Scenario,
    *,
    dossiers: int,
    seed: int,
    out: Path | str,
    deviations: bool = True,
    noise: float = 1.0,
    artefacts: float = 1.0,
    jobs: int | None = None,
    progress: Progress = silent,
) -> SynthReport:
    """Write a synthetic log of `dossiers` dossiers to the folder `out`, with the truth planted in it.

    Files: dossiers*.parquet, events*.parquet, pauses*.parquet (canonical column names; numbered parts when
    large), truth.json, internal_processes.json, calendars.toml. The same arguments and software give the same
    bytes, whatever `jobs` is (processes; by default one a processor for large logs). Without `deviations` the
    provinces differ in size, names and traps only. Memory does not grow with the number of dossiers.

    An earlier synthetic log in `out` is replaced; a folder with other Parquet files raises SettingError.
    """
    _check(dossiers, seed, noise, artefacts)
    plan = make_plan(Order(scenario, dossiers, seed, deviations, noise, artefacts))
    folder = Path(out)
    _clear(folder)
    try:
        share = _write(plan, folder, jobs, progress)
        found = truth.truth(plan, share)
        truth.write_json(folder / "truth.json", found)
    except BaseException:
        _remove(folder)
        raise
    return _report(plan, share, folder, len(found["vocabulary"]))


def _report(plan: Plan, share: Share, folder: Path, names: int) -> SynthReport:
    dossiers, events, pauses = (int(n) for n in share.rows)
    return SynthReport(
        scenario=plan.order.scenario.name,
        seed=plan.order.seed,
        dossiers=dossiers,
        events=events,
        pauses=pauses,
        deviations=len(plan.planted),
        names=names,
        out=folder,
        files=len(TABLES) * len(plan.cuts) + len(FILES),
    )


def _write(plan: Plan, folder: Path, jobs: int | None, progress: Progress) -> Share:
    """All files but truth.json, which comes last and so marks a whole log."""
    share = no_share(plan)
    for done, one in enumerate(_shares(plan, folder, jobs)):
        share = share.plus(one)
        progress("synth", done + 1, len(plan.cuts))
    truth.write_json(folder / "internal_processes.json", truth.internal_processes(plan))
    tables = {} if plan.tables.alike else dict(plan.order.scenario.calendars)
    (folder / "calendars.toml").write_text(truth.calendar_file(plan.tables.calendars, tables), "utf-8")
    return share


def _check(dossiers: int, seed: int, noise: float, artefacts: float) -> None:
    if dossiers < 1:
        raise SettingError(f"{dossiers} dossiers are no log.", fix="Ask for at least one.", value=dossiers)
    if seed < 0:
        raise SettingError(f"The seed is {seed}.", fix="Give a whole number from 0 on.", value=seed)
    for name, value in (("noise", noise), ("artefacts", artefacts)):
        if not 0 <= value < float("inf"):
            raise SettingError(f"{name} is {value}.", fix="Give 0 for none, 1 for the usual amount.", value=value)


def _shares(plan: Plan, folder: Path, jobs: int | None) -> Iterator[Share]:
    n = len(plan.cuts)
    wanted = jobs if jobs is not None else (os.cpu_count() or 1) if n >= ALONE_BELOW else 1
    if wanted > 1 and n > 1:
        yield from crew(plan, folder, min(wanted, n))
        return
    for number in range(n):
        yield write_chunk(plan, number, folder)


def _clear(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    there = sorted(path.name for path in folder.glob("*.parquet"))
    if there and not _is_ours(folder):
        raise SettingError(
            f"{folder} holds {there[0]}, which is not a synthetic log.", fix="Name another folder.", path=str(folder)
        )
    _remove(folder)


def _is_ours(folder: Path) -> bool:
    try:
        return bool(json.loads((folder / "truth.json").read_text("utf-8")).get("synthetic"))
    except (OSError, ValueError, AttributeError):
        return False


def _remove(folder: Path) -> None:
    for table in TABLES:
        for path in [*folder.glob(f"{table}.parquet"), *folder.glob(f"{table}-[0-9]*.parquet")]:
            path.unlink(missing_ok=True)
    for name in FILES:
        with contextlib.suppress(FileNotFoundError):
            (folder / name).unlink()
