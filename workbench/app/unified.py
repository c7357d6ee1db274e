"""The steps behind the harmonise page: the unified procedure with its picture and files, and the vocabulary's review."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from workbench.charts.records import records
from workbench.export.bpmn import bpmn_bytes
from workbench.export.bpmn_drawing import draw_bpmn
from workbench.export.harmonisation import write_harmonisation
from workbench.export.observed import observed_procedure
from workbench.export.picture import svg
from workbench.export.procedure_picture import procedure_picture
from workbench.harmonise.configuration.configurable import make_configurable
from workbench.harmonise.configuration.variation import explain, variation_points
from workbench.harmonise.organisations import organisation_logs
from workbench.harmonise.recommendation.recommend import recommend
from workbench.harmonise.unification.unify import Harmonisation, harmonise_procedure
from workbench.harmonise.vocabulary.review import apply_vocabulary
from workbench.harmonise.vocabulary.vocabulary import propose_vocabulary
from workbench.i18n import Language, t
from workbench.mining.model import Bpmn
from workbench.mining.variants import variant_counts
from workbench.progress import Progress, silent
from workbench.reference import reference_processes
from workbench.results import Basis, Result
from workbench.selection import Selection
from workbench.store import LogStore
from workbench.store.trial import trying
from workbench.store.vocabulary import EVERYWHERE, Judgement, read_vocabulary, undo_vocabulary, vocabulary_changes

VERDICTS = ("accept", "reject", "merge", "split")
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


CANDIDATE_FILES = ("candidate.bpmn", "candidate.svg")
"""What a picked candidate leaves with."""


@dataclass(frozen=True, slots=True)
class CandidateFiles(Result):
    """A candidate drawn with its lanes."""

    files: Mapping[str, bytes]
    """By name, those of `CANDIDATE_FILES`."""
    basis: Basis


def candidate_files(store: LogStore, selection: Selection, *, model: Bpmn, language: Language) -> CandidateFiles:
    """A candidate as a procedure with the units that do its steps, drawn and written."""
    procedure = observed_procedure(store, selection, model)
    drawn = draw_bpmn(
        procedure.bpmn, lanes=procedure.lanes, name=procedure.name, language=language, facts=procedure.facts
    )
    contents = bpmn_bytes(drawn, language=language, facts=procedure.facts), svg(procedure_picture(drawn))
    return CandidateFiles(dict(zip(CANDIDATE_FILES, contents, strict=True)), store.basis(selection))


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
    reviewed = read_vocabulary(store)
    reviewed = reviewed[reviewed["reviewed_by"].notna()]
    done = set(zip(reviewed["province_code"], reviewed["label"], strict=True))
    left = [
        (organisation, label) not in done and (EVERYWHERE, label) not in done
        for organisation, label in zip(proposals["organisation"], proposals["label"], strict=True)
    ]
    other = proposals[(proposals["label"] != proposals["step"]) & pd.Series(left, index=proposals.index, dtype=bool)]
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
    judgements = _judgements(store, procedure, wanted, reviewer, now)
    progress("vocabulary", 0, 1)
    change = apply_vocabulary(store, judgements, now=now)
    progress("vocabulary", 1, 1)
    return change


def _judgements(
    store: LogStore, procedure: str, wanted: Mapping[tuple[str, str], str], reviewer: str, now: datetime
) -> list[Judgement]:
    """A line for every organisation that writes a wanted label."""
    proposals = propose_vocabulary(store, Selection(procedure=procedure)).proposals
    return [
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


def decided(rows: Iterable[Mapping[str, str]], verdict: str) -> list[dict[str, str]]:
    """Rows (label, proposed, step, dossiers) as one verdict has them: what `accept_rows` puts in force.

    `accept`: each label is its step. `reject`: each label stays a step of its own. `merge`: all labels are the step of the
    row with the most dossiers. `split`: all labels are one new step, named by the label with the most dossiers.
    """
    chosen = [dict(row) for row in rows]
    if verdict not in VERDICTS:
        raise ValueError(f"verdict is {verdict!r}; use one of {', '.join(VERDICTS)}")
    if not chosen:
        return []
    first = max(chosen, key=lambda row: float(row["dossiers"]))
    steps = {"merge": first["step"], "split": first["label"]}
    for row in chosen:
        row["step"] = row["label"] if verdict == "reject" else steps.get(verdict, row["step"])
    return chosen


@dataclass(frozen=True, slots=True)
class NamingEffect(Result):
    """What decisions about names do to the ways of a procedure."""

    steps_before: int
    steps_after: int
    variants_before: int
    variants_after: int
    basis: Basis


def naming_effect(store: LogStore, procedure: str, rows: tuple[tuple[str, str, str], ...]) -> NamingEffect:
    """Steps and variants in the names in force, and with the rows (label, proposed, step) on top; the store is unchanged."""
    wanted = {(label, proposed): step for label, proposed, step in rows}
    chosen = Selection(procedure=procedure)
    judgements = _judgements(store, procedure, wanted, "", datetime(2000, 1, 1))
    before = variant_counts(store, chosen)
    with trying(store, judgements):
        after = variant_counts(store, chosen)
    sizes = [len({step for variant, _ in counts for step in variant}) for counts in (before, after)]
    return NamingEffect(sizes[0], sizes[1], len(list(before)), len(list(after)), store.basis(chosen))


@dataclass(frozen=True, slots=True)
class Variation(Result):
    """Where organisations' ways of working by the unified procedure differ, and why."""

    table: pd.DataFrame
    """The points of `workbench.harmonise.configuration.variation.explain`: one row a point and organisation."""
    basis: Basis


def vary(
    store: LogStore, selection: Selection, *, model: Bpmn, by: str, seconds: int = 20, progress: Progress = silent
) -> Variation:
    """The variation points around a unified procedure."""
    logs = organisation_logs(store, selection, by=by)
    configurable = make_configurable(logs, model, seconds=float(seconds), progress=progress)
    points = variation_points(configurable)
    processes = tuple(p for p in reference_processes() if p.procedure_code == selection.procedure)
    table = explain(store, selection, logs, points, by=by, published=processes)
    return Variation(table, store.basis(selection))


def undo(store: LogStore, *, progress: Progress = silent) -> int | None:
    """Take the latest change of the vocabulary back."""
    return undo_vocabulary(store, progress=progress)


def candidate_names(table: pd.DataFrame, language: Language) -> dict[str, str]:
    """What every candidate is called; those of one kind are told apart by where they are from."""
    several = table["kind"].value_counts()
    named = {}
    for row in records(table):
        kind, own = t(language, f"harmonise.candidate.{row.kind}"), row.name.partition(":")[2].removesuffix("-*")
        named[row.name] = f"{kind} ({own.replace('#', ' ')})" if several[row.kind] > 1 and own else kind
    return named
