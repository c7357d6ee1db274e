"""The steps behind the conformance page: which model to hold a selection against, and the check."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.errors import ModelError
from workbench.mining.conformance import Conformance, check_conformance
from workbench.mining.discovery import discover_model
from workbench.mining.internal_process import internal_processes, process_model
from workbench.mining.model import Bpmn
from workbench.mining.variants import variant_counts
from workbench.progress import Progress, silent
from workbench.reference import InternalProcess, reference_processes
from workbench.results import Result
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


def _published(store: LogStore, selection: Selection, source: str) -> InternalProcess:
    found = published(store, selection.procedure)
    place = source.removeprefix("published:")
    if not place.isdigit() or int(place) >= len(found):
        raise ModelError(
            f"There is no model {source!r} for procedure {selection.procedure}.", fix="Choose one from the list."
        )
    return found[int(place)]
