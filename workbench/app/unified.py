"""The steps behind the harmonise page: the unified procedure with its picture and files, and the vocabulary's review."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from workbench.export.harmonisation import write_harmonisation
from workbench.harmonise.recommend import recommend
from workbench.harmonise.review import apply_vocabulary
from workbench.harmonise.unify import Harmonisation, harmonise_procedure
from workbench.harmonise.vocabulary import propose_vocabulary
from workbench.i18n import Language
from workbench.progress import Progress, silent
from workbench.results import Result
from workbench.selection import Selection
from workbench.store import LogStore
from workbench.store.vocabulary import Judgement, undo_vocabulary, vocabulary_changes

SECONDS = (20, 60, 180)
"""How long the search for a better model may take."""


@dataclass(frozen=True, slots=True)
class Unified(Result):
    """A harmonisation, drawn and written."""

    result: Harmonisation
    files: Mapping[str, bytes]
    """The files of `workbench harmonise` by name; unified.svg is the picture with lanes."""


def unify(
    store: LogStore,
    selection: Selection,
    *,
    by: str,
    seconds: int,
    language: Language,
    seed: int = 1,
    progress: Progress = silent,
) -> Unified:
    """Harmonise a selection and write everything it leaves with; a cancelled search gives the best so far."""
    result = harmonise_procedure(store, selection, by=by, seconds=float(seconds), seed=seed, progress=progress)
    further = silent if result.search["stopped"] == "cancelled" else progress
    moves = recommend(store, selection, by=by, vocabulary="proposed" if store.trial else "reviewed", progress=further)
    with tempfile.TemporaryDirectory(prefix="workbench-unified-") as folder:
        written = write_harmonisation(store, result, folder, language=language, recommendations=moves)
        files = {path.name: path.read_bytes() for path in written}
    return Unified(result, files)


@dataclass(frozen=True, slots=True)
class Review(Result):
    """Proposals to be reviewed: one row a label, however many organisations write it so."""

    table: pd.DataFrame
    """label, step, confidence (the least), organisations, dossiers; the least sure first."""
    n_labels: int
    n_steps: int
    changes: int
    """Changes of the vocabulary that can be undone."""


def review(store: LogStore, procedure: str) -> Review:
    """The proposals for the labels of a procedure that are not the step's own name."""
    proposals = propose_vocabulary(store, Selection(procedure=procedure)).proposals
    other = proposals[proposals["label"] != proposals["step"]]
    table = (
        other.groupby(["label", "step"], as_index=False)
        .agg(confidence=("confidence", "min"), organisations=("organisation", "nunique"), dossiers=("dossiers", "sum"))
        .sort_values(["confidence", "dossiers", "label"], ascending=[True, False, True], ignore_index=True)
    )
    return Review(
        table,
        int(proposals["label"].nunique()),
        int(proposals["step"].nunique()),
        len(vocabulary_changes(store)),
    )


def accept_rows(
    store: LogStore,
    procedure: str,
    rows: Iterable[Mapping[str, str]],
    *,
    reviewer: str,
    now: datetime,
    progress: Progress = silent,
) -> int | None:
    """Put reviewed rows (label, proposed, step) in force for every organisation that writes the label; the change.

    A row whose step a person changed counts wherever the label was proposed for `proposed`.
    """
    wanted = {(row["label"], row["proposed"]): row["step"].strip() for row in rows if row["step"].strip()}
    proposals = propose_vocabulary(store, Selection(procedure=procedure)).proposals
    judgements = [
        Judgement(
            organisation,
            label,
            wanted[(label, step)],
            confidence=float(confidence),
            method=str(method),
            reviewed_by=reviewer,
            reviewed_at=now,
        )
        for organisation, label, step, confidence, method in proposals[
            ["organisation", "label", "step", "confidence", "method"]
        ].itertuples(index=False)
        if (label, step) in wanted
    ]
    progress("vocabulary", 0, 1)
    change = apply_vocabulary(store, judgements, now=now)
    progress("vocabulary", 1, 1)
    return change


def undo(store: LogStore, *, progress: Progress = silent) -> int | None:
    """Take the latest change of the vocabulary back."""
    return undo_vocabulary(store, progress=progress)
