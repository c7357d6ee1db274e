"""How well every organisation fits every procedure's model: one alignment of each variant, counted where it occurs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from workbench.errors import ModelError
from workbench.mining.alignments import Alignments, align
from workbench.mining.discovery import discover
from workbench.mining.durations import TOO_FEW
from workbench.mining.fit import alignable, organisation_fit
from workbench.mining.model import Bpmn, PetriNet
from workbench.mining.pm4py_door import to_petri
from workbench.mining.variants import Sequences, sequences
from workbench.progress import Progress, silent
from workbench.results import Basis, Result
from workbench.selection import Selection
from workbench.store import LogStore


@dataclass(frozen=True, slots=True)
class FitMatrix(Result):
    """The fit of organisations to the models of their procedures."""

    table: pd.DataFrame
    """Per procedure and organisation: dossiers, variants, fitness (1 - cost of the alignments / worst case, every
    event counted), perfect_share, not_aligned (dossiers whose alignment reached the limit, in no other figure) and
    too_few. Fitness is empty where nothing could be aligned."""
    models: pd.DataFrame
    """Per procedure: model (given or discovered), steps, variants, aligned variants, and why there is no model."""
    seconds: float
    """The limit for one alignment."""
    by: str
    basis: Basis

    def matrix(self) -> pd.DataFrame:
        """Fitness with a row per organisation and a column per procedure; empty where too few dossiers."""
        kept = self.table[~self.table["too_few"]]
        return kept.pivot(index="organisation", columns="procedure", values="fitness")


def fit_matrix(
    store: LogStore,
    selection: Selection | None = None,
    *,
    by: str = "province_code",
    models: Mapping[str, Bpmn | PetriNet] | None = None,
    algorithm: str = "inductive",
    noise: float = 0.2,
    seconds: float = 10.0,
    too_few: int = TOO_FEW,
    progress: Progress = silent,
) -> FitMatrix:
    """Align the variants of each procedure of the selection with its model and count per organisation.

    A procedure without a model in `models` is judged by the one discovered from all its dossiers with `algorithm` and
    `noise`. `seconds` limits one alignment. `progress` is asked before every procedure and during alignments, and may
    cancel. Organisations with fewer than `too_few` dossiers are marked.
    """
    chosen = selection or Selection()
    store.check(chosen)
    names = _procedures(store, chosen)
    rows, facts = [], []
    for number, procedure in enumerate(names):
        progress("matrix", number, len(names))
        found = sequences(store, chosen.with_(procedure=procedure), by=by)
        given = (models or {}).get(procedure)
        net, why = _net(given, found, algorithm, noise)
        within = _within(progress, number, len(names))
        aligned = None if net is None else align(net, found.counts(), seconds=seconds, progress=within)
        source = "given" if given is not None else "discovered"
        facts.append({"procedure": procedure, "model": source, "why": why, **_sizes(net, found, aligned)})
        rows.append(_rows(procedure, found, aligned))
    progress("matrix", len(names), len(names))
    return FitMatrix(
        table=_table(rows, too_few),
        models=pd.DataFrame(facts, columns=["procedure", "model", "steps", "variants", "aligned", "why"]),
        seconds=seconds,
        by=by,
        basis=store.basis(chosen),
    )


def _table(rows: list[pd.DataFrame], too_few: int) -> pd.DataFrame:
    table = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=list(_COLUMNS))
    return table.assign(too_few=table["dossiers"] < too_few)


def _sizes(net: PetriNet | None, found: Sequences, aligned: Alignments | None) -> dict[str, int]:
    return {
        "steps": 0 if net is None else len(net.steps),
        "variants": len(found.variants),
        "aligned": 0 if aligned is None else sum(cost is not None for cost in aligned.costs),
    }


_COLUMNS = ("procedure", "organisation", "dossiers", "variants", "fitness", "perfect_share", "not_aligned")


def _procedures(store: LogStore, selection: Selection) -> list[str]:
    d = store.dossiers(selection)
    found = store.fetch(d.filter(d.procedure_code.notnull()).select("procedure_code").distinct())
    return sorted(found["procedure_code"])


def _net(
    given: Bpmn | PetriNet | None, found: Sequences, algorithm: str, noise: float
) -> tuple[PetriNet | None, str | None]:
    """The model of a procedure, or the reason why there is none."""
    try:
        options: dict[str, Any] = {"noise": noise} if algorithm == "inductive" else {}
        model = given if given is not None else discover(found.counts(), algorithm=algorithm, **options).model
        net = to_petri(model) if isinstance(model, Bpmn) else model
        alignable(net)
        return net, None
    except ModelError as exc:
        return None, str(exc)


def _within(progress: Progress, number: int, procedures: int) -> Progress:
    """Progress of one procedure's alignments as a part of the whole."""

    def told(stage: str, done: float, total: float) -> None:
        progress("matrix", number + (done / total if total else 0.0), procedures)

    return told


def _rows(procedure: str, found: Sequences, aligned: Alignments | None) -> pd.DataFrame:
    return organisation_fit(found, aligned).reset_index().assign(procedure=procedure)[list(_COLUMNS)]
