"""`workbench mine`: what really happens in a selection."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click
import pandas as pd

from workbench.cli.bars import bars
from workbench.cli.engines import log_option
from workbench.cli.options import Talk, open_for_reading, selection_options, talk
from workbench.cli.output import write_basis, write_json, write_table
from workbench.cli.texts import help_text
from workbench.errors import ModelError
from workbench.i18n import Language, format_number, t
from workbench.mining.conformance import check_conformance
from workbench.mining.dfg import discover_dfg
from workbench.mining.discovery import ALGORITHMS, Discovery
from workbench.mining.discovery import discover as discover_variants
from workbench.mining.fit_matrix import fit_matrix
from workbench.mining.model import Bpmn, PetriNet
from workbench.mining.model_files import read_model
from workbench.mining.performance import performance as measure_performance
from workbench.mining.variants import variants as list_variants
from workbench.mining.waiting import Availability, WaitingCauses, waiting_causes
from workbench.selection import Selection
from workbench.store import LogStore

R = TypeVar("R")


@click.group(help=help_text("mine.help"))
def mine() -> None:
    """The mining commands."""


def _of_store(path: Path, selection: Selection, step: Callable[[LogStore, Selection], R]) -> R:
    """What a step says of a selection that holds dossiers."""
    with open_for_reading(path) as store:
        store.check(selection)
        return step(store, selection)


@mine.command(help=help_text("mine.dfg.help"))
@log_option
@selection_options()
@talk
def dfg(store_path: Path, selection: Selection, talk: Talk) -> None:
    """The directly-follows graph."""
    result = _of_store(store_path, selection, discover_dfg)
    if talk.json:
        write_json({**result.to_dict(), "selection": selection.to_dict()})
        return
    write_table(result.edges, talk.language, columns=_EDGES)
    write_basis(result.basis, talk.language)


@mine.command(help=help_text("mine.variants.help"))
@log_option
@selection_options()
@click.option("--limit", type=click.IntRange(min=1), default=None, help=help_text("option.limit"))
@talk
def variants(store_path: Path, selection: Selection, limit: int | None, talk: Talk) -> None:
    """The variants, most frequent first."""
    result = _of_store(store_path, selection, partial(list_variants, limit=limit))
    if talk.json:
        write_json({"variants": result.table, "basis": result.basis, "selection": selection.to_dict()})
        return
    write_table(result.table, talk.language, columns=["rank", "variant", "count", "share", "median_seconds"])
    write_basis(result.basis, talk.language)


@mine.command(help=help_text("mine.performance.help"))
@log_option
@selection_options()
@talk
def performance(store_path: Path, selection: Selection, talk: Talk) -> None:
    """Throughput, waiting per step and per hand-over."""
    result = _of_store(store_path, selection, measure_performance)
    if talk.json:
        write_json({**result.to_dict(), "selection": selection.to_dict()})
        return
    for frame in _throughput(result.throughput):
        write_table(frame, talk.language, title=t(talk.language, "cli.mine.performance.throughput"))
    for name, columns in (("steps", _STEPS), ("handovers", _HANDOVERS)):
        frame = getattr(result, name)
        write_table(frame, talk.language, title=t(talk.language, f"cli.mine.performance.{name}"), columns=columns)
    write_basis(result.basis, talk.language)


@mine.command(help=help_text("mine.discover.help"))
@log_option
@selection_options()
@click.option(
    "--algorithm",
    type=click.Choice(list(ALGORITHMS)),
    default="split",
    show_default=True,
    help=help_text("mine.discover.algorithm"),
)
@click.option("--out", type=click.Path(path_type=Path), default=None, help=help_text("mine.discover.out"))
@click.option("--noise", type=click.FloatRange(0, 1), default=None, help=help_text("mine.discover.noise"))
@talk
def discover(
    *, store_path: Path, selection: Selection, algorithm: str, out: Path | None, noise: float | None, talk: Talk
) -> None:
    """A model of the selection."""
    with open_for_reading(store_path) as store:
        store.check(selection)
        found = _discover(store, selection, algorithm, noise)
        basis = store.basis(selection)
    model = found.model
    if out is not None:
        _write_model(model, out)
    if talk.json:
        facts = {"model": model, "size": model.size, "steps": model.steps, "algorithm": algorithm}
        proof = {"sound": found.soundness.sound, "sequential": found.sequential}
        write_json({**facts, **proof, "basis": basis, "selection": selection.to_dict()})
        return
    click.echo(
        t(
            talk.language,
            "cli.mine.discover.done",
            size=format_number(model.size, talk.language),
            steps=format_number(len(model.steps), talk.language),
        )
    )
    proved = {True: "sound", False: "unsound", None: "unknown"}[found.soundness.sound]
    click.echo(t(talk.language, f"cli.mine.discover.{'sequential' if found.sequential else proved}"))
    write_basis(basis, talk.language)


@mine.command(help=help_text("mine.conformance.help"))
@log_option
@selection_options()
@click.option(
    "--model", "model_file", type=click.Path(path_type=Path), default=None, help=help_text("mine.conformance.model")
)
@click.option(
    "--algorithm",
    type=click.Choice(list(ALGORITHMS)),
    default="split",
    show_default=True,
    help=help_text("mine.discover.algorithm"),
)
@click.option("--noise", type=click.FloatRange(0, 1), default=None, help=help_text("mine.discover.noise"))
@talk
def conformance(
    *, store_path: Path, selection: Selection, model_file: Path | None, algorithm: str, noise: float | None, talk: Talk
) -> None:
    """Where dossiers leave a model."""
    with open_for_reading(store_path) as store:
        store.check(selection)
        model = read_model(model_file) if model_file else _discover(store, selection, algorithm, noise).model
        result = check_conformance(store, selection, model)
    if talk.json:
        write_json({**result.to_dict(), "selection": selection.to_dict()})
        return
    click.echo(
        t(
            talk.language,
            "cli.mine.conformance.done",
            fitness=format_number(result.fitness, talk.language, 4),
            precision=format_number(result.precision, talk.language, 4),
        )
    )
    write_table(result.steps, talk.language)
    write_basis(result.basis, talk.language)


@mine.command(help=help_text("mine.matrix.help"))
@log_option
@selection_options()
@click.option("--by", default="province_code", show_default=True, help=help_text("option.by"))
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), default=10.0, show_default=True,
              help=help_text("mine.matrix.seconds"))  # fmt: skip
@click.option("--noise", type=click.FloatRange(0, 1), default=0.2, show_default=True,
              help=help_text("mine.discover.noise"))  # fmt: skip
@talk
def matrix(*, store_path: Path, selection: Selection, by: str, seconds: float, noise: float, talk: Talk) -> None:
    """How every organisation fits the model of every procedure."""
    with open_for_reading(store_path) as store, bars(talk.language, quiet=talk.quiet) as progress:
        result = fit_matrix(store, selection, by=by, seconds=seconds, noise=noise, progress=progress)
    if talk.json:
        write_json({**result.to_dict(), "selection": selection.to_dict()})
        return
    write_table(result.models, talk.language, title=t(talk.language, "cli.mine.matrix.models"))
    write_table(result.table, talk.language, title=t(talk.language, "cli.mine.matrix.fit"))
    write_basis(result.basis, talk.language)


@mine.command(help=help_text("mine.waiting.help"))
@log_option
@selection_options()
@click.option("--by", default="province_code", show_default=True, help=help_text("option.by"))
@click.option(
    "--availability",
    type=click.Choice(["auto", "calendar", "observed"]),
    default="auto",
    show_default=True,
    help=help_text("mine.waiting.availability"),
)
@talk
def waiting(store_path: Path, selection: Selection, by: str, availability: Availability, talk: Talk) -> None:
    """Why dossiers wait, per transition and organisation."""
    with open_for_reading(store_path) as store, bars(talk.language, quiet=talk.quiet) as progress:
        result = waiting_causes(store, selection, by=by, availability=availability, progress=progress)
    if talk.json:
        write_json({**result.to_dict(), "selection": selection.to_dict()})
        return
    _write_waiting(result, talk.language)


def _write_waiting(result: WaitingCauses, language: Language) -> None:
    tables = {
        "overall": (result.overall.rename(columns=_OVERALL), _CAUSES),
        "transitions": (result.transitions, ["source", "target", "count", *_WAITS]),
        "organisations": (result.comparison, _COMPARED),
    }
    for name, (frame, columns) in tables.items():
        if "cause" in frame:
            words = [t(language, f"mining.cause.{cause}") for cause in frame["cause"]]
            frame = frame.assign(waiting_cause=words)  # noqa: PLW2901 - the same table in words
        write_table(frame, language, title=t(language, f"cli.mine.waiting.{name}"), columns=columns)
    share = format_number(result.method.started_share * 100, language, 0) + " %"
    click.echo(t(language, "mining.waiting.method"))
    click.echo(t(language, f"mining.starts.{result.method.starts}", **_facts(result, share)))
    click.echo(t(language, "cli.mine.waiting.intervals"))
    write_basis(result.basis, language)


def _facts(result: WaitingCauses, share: str) -> dict[str, str]:
    return {"share": share} if result.method.starts == "mixed" else {}


def _discover(store: LogStore, selection: Selection, algorithm: str, noise: float | None) -> Discovery:
    options: dict[str, Any] = {} if noise is None else {"noise": noise}
    return discover_variants(list_variants(store, selection).counts, algorithm=algorithm, **options)


def _write_model(model: Bpmn | PetriNet, out: Path) -> None:
    from workbench.export.bpmn import write_bpmn
    from workbench.export.pnml import write_pnml
    from workbench.mining.pm4py_door import to_petri

    if out.suffix == ".bpmn" and isinstance(model, Bpmn):
        write_bpmn(model, out)
    elif out.suffix == ".pnml":
        write_pnml(to_petri(model) if isinstance(model, Bpmn) else model, out)
    else:
        raise ModelError(f"{out} has no known model format.", fix="End it in .bpmn or .pnml.", path=str(out))


def _throughput(frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Clock time and working time apart: a day of one has 24 hours, of the other 8."""
    working = frame["measure"].str.startswith("working")
    shown = frame[["measure", "n", "mean_seconds", "median_seconds", "p90_seconds"]]
    yield shown[~working]
    yield shown[working].rename(columns=lambda name: name.replace("_seconds", "_working_seconds"))


_EDGES = ["source", "target", "count", "dossiers", "median_seconds", "p90_seconds", "median_working_seconds"]
_STEPS = [
    "step",
    "count",
    "dossiers",
    "median_seconds",
    "p90_seconds",
    "median_working_seconds",
    "share",
    "breaches",
    "breach_share",
]
_HANDOVERS = ["unit", "next_unit", "count", "median_seconds", "p90_seconds", "median_working_seconds", "share"]
_OVERALL = {"seconds": "wait_seconds", "working_seconds": "wait_working_seconds"}
_CAUSES = [
    "waiting_cause",
    "wait_seconds",
    "share",
    "low",
    "high",
    "wait_working_seconds",
    "working_share",
    "working_low",
    "working_high",
]
_WAITS = [
    "wait_seconds",
    "wait_working_seconds",
    "batching_seconds",
    "contention_seconds",
    "prioritisation_seconds",
    "unavailability_seconds",
    "extraneous_seconds",
]
_COMPARED = [
    "organisation",
    "waiting_cause",
    "dossiers",
    "share",
    "share_others",
    "difference",
    "low",
    "high",
    "q_value",
]
