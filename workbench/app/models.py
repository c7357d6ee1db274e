"""The steps behind the conformance page: which model to hold a selection against, and the check."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from workbench.errors import ModelError
from workbench.mining.conformance import Conformance, check_conformance, deviating_dossiers
from workbench.mining.discovery import discover_model
from workbench.mining.internal_process import internal_processes, process_model
from workbench.mining.model import Bpmn
from workbench.mining.variants import variant_counts
from workbench.progress import Progress, silent
from workbench.reference import InternalProcess, reference_processes
from workbench.results import Basis, Result
from workbench.selection import Selection
from workbench.store import LogStore

DISCOVERED = "discovered"


@dataclass(frozen=True, slots=True)
class Checked(Result):
    """A model, and how the selection conforms to it."""

    model: Bpmn
    published: InternalProcess | None
    conformance: Conformance


def published(store: LogStore, procedure: str | None) -> tuple[InternalProcess, ...]:
    """The published processes of a procedure that have steps: kept in the store, then those that ship with it."""
    kept = internal_processes(store, procedure=procedure) if procedure else ()
    shipped = tuple(p for p in reference_processes() if procedure and p.procedure_code == procedure and p.steps)
    return (*kept, *shipped)


def is_model(store: LogStore, procedure: str | None, source: str) -> bool:
    """Whether a procedure has a model of this name."""
    if source == DISCOVERED:
        return True
    place = source.removeprefix("published:")
    return place != source and place.isdecimal() and int(place) < len(published(store, procedure))


def check(
    store: LogStore, selection: Selection, *, source: str = DISCOVERED, by: str, progress: Progress = silent
) -> Checked:
    """The selection against a model: `discovered` from itself, or `published:N`, the N-th of `published`."""
    if source == DISCOVERED:
        model = discover_model(variant_counts(store, selection))
        return Checked(model, None, check_conformance(store, selection, model, by=by, progress=progress))
    process = _published(store, selection, source)
    result = check_conformance(store, selection, process, by=by, progress=progress)
    return Checked(process_model(process, labels=result.matched), process, result)


@dataclass(frozen=True, slots=True)
class Deviating(Result):
    """The dossiers with one deviation."""

    table: pd.DataFrame
    """organisation, dossier_code; the first ones in code order."""
    n: int
    """How many there are in all."""
    basis: Basis


def deviating(
    store: LogStore, selection: Selection, *, deviation: tuple[str, str], source: str = DISCOVERED, by: str,
    limit: int = 200, progress: Progress = silent,
) -> Deviating:  # fmt: skip
    """The dossiers of a selection that deviate from a model in one way (kind) at one step."""
    kind, step = deviation
    progress("align", 0, 1)
    model = (
        _published(store, selection, source)
        if source != DISCOVERED
        else discover_model(variant_counts(store, selection))
    )
    table = deviating_dossiers(store, selection, model, kind=kind, step=step, by=by, limit=100_000)
    return Deviating(table.head(limit).reset_index(drop=True), len(table), store.basis(selection))


def _published(store: LogStore, selection: Selection, source: str) -> InternalProcess:
    found = published(store, selection.procedure)
    place = source.removeprefix("published:")
    if not place.isdigit() or int(place) >= len(found):
        raise ModelError(
            f"There is no model {source!r} for procedure {selection.procedure}.", fix="Choose one from the list."
        )
    return found[int(place)]
