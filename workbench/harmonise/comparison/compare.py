"""Organisations that run one procedure, side by side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.harmonise.comparison import clustering, distances
from workbench.harmonise.comparison.differences import differences
from workbench.harmonise.comparison.punctuality import durations_by, on_time_by
from workbench.harmonise.conformance.judge import Judge
from workbench.harmonise.discovery.models import SoundModel, sound_model
from workbench.harmonise.organisations import MAX_EVENTS, OrganisationLogs, comparable_logs
from workbench.mining.durations import TOO_FEW
from workbench.mining.grouping import check_by
from workbench.progress import Progress, silent, track
from workbench.results import Basis, Result
from workbench.selection import Selection
from workbench.store import LogStore

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Comparison(Result):
    """Organisations beside each other: how alike their ways are, who is typical, who stands apart, what differs."""

    organisations: pd.DataFrame
    """organisation, dossiers, variants, share_used (below 1 where dossiers were sampled), miner, size, fitness,
    precision, f (own model on own log), mean_distance (control flow, to the others), cluster, medoid, outlier,
    on_time, on_time_low, on_time_high, on_time_dossiers (clock of `clock`, Wilson 95 %), median_working_seconds
    with low and high, closed, too_few."""
    matrix: pd.DataFrame
    """model, log, fitness, precision, f, limited: the model of one organisation on the log of another."""
    distances: pd.DataFrame
    """a, b, control_flow (0 to 1), time (working days), resources (0 to 1); the definitions are in
    `workbench.harmonise.comparison.distances`."""
    clusters: pd.DataFrame
    """cluster, organisations, jaccard (bootstrap stability: 0.75 and more is stable)."""
    merges: pd.DataFrame
    """The dendrogram: left, right, distance, size; numbers below n are rows of `organisations`."""
    differences: pd.DataFrame
    """Steps and directly-follows pairs that set one organisation apart, with effect size and q-value."""
    tests: int
    """How many differences were tested together."""
    medoid: str
    """The organisation with the least mean control-flow distance to the others."""
    outliers: tuple[str, ...]
    """Organisations whose mean distance is above Tukey's fence; none are named among fewer than five."""
    silhouette: float | None
    """Mean silhouette of the clusters; None when the distances show no groups."""
    notes: tuple[str, ...]
    """Codes of what cannot be said, texts under `harmonise.note.`."""
    clock: str
    seed: int
    basis: Basis

    def square(self, value: str = "f") -> pd.DataFrame:
        """`matrix` as a square table, models in rows and logs in columns."""
        return self.matrix.pivot(index="model", columns="log", values=value)


@dataclass(frozen=True, slots=True)
class _Question:
    """What is compared, and how."""

    store: LogStore
    selection: Selection
    by: str
    clock: str
    seed: int
    too_few_cases: int


@dataclass(frozen=True, slots=True)
class _ControlFlow:
    """How far apart the organisations' ways are, and what follows from that."""

    distance: Floats
    groups: clustering.Clusters
    stable: pd.DataFrame
    """The clusters with their stability."""
    medoid: int
    outliers: tuple[int, ...]


def compare_organisations(
    store: LogStore,
    selection: Selection,
    *,
    by: str = "province_code",
    clock: str = "portal",
    ngram: int = 2,
    bootstrap: int = 100,
    q: float = 0.05,
    least_difference: float = 0.1,
    alignment_seconds: float = 10.0,
    too_few_cases: int = TOO_FEW,
    max_events: int = MAX_EVENTS,
    seed: int = 1,
    progress: Progress = silent,
) -> Comparison:
    """Compare the organisations of a selection with each other.

    Raises TooFewCases with one organisation only or fewer than two dossiers in each of them.
    """
    check_by(by)
    asked = _Question(store, selection, by, clock, seed, too_few_cases)
    logs = comparable_logs(store, selection, by=by, seed=seed, max_events=max_events)
    models = {name: sound_model(logs.counts[name]) for name in track(logs.names, "discover", progress, len(logs.names))}
    matrix = cross_matrix(Judge(logs, seconds=alignment_seconds), models, progress)
    flow = _control_flow(logs, ngram=ngram, bootstrap=bootstrap, seed=seed, progress=progress)
    organisations = _with_times(asked, _organisations(logs, models, matrix, flow, too_few_cases))
    found = differences(logs, q=q, least=least_difference)
    return _comparison(asked, logs, organisations=organisations, matrix=matrix, flow=flow, found=found)


def _control_flow(logs: OrganisationLogs, *, ngram: int, bootstrap: int, seed: int, progress: Progress) -> _ControlFlow:
    table = distances.NgramTable(logs, ngram)
    apart = distances.control_flow(table.frequencies())
    groups = clustering.cluster(apart)
    stable = clustering.stability(table, groups, repeats=bootstrap, seed=seed, progress=progress)
    return _ControlFlow(apart, groups, stable, clustering.medoid(apart), tuple(clustering.outliers(apart)))


def _comparison(
    asked: _Question,
    logs: OrganisationLogs,
    *,
    organisations: pd.DataFrame,
    matrix: pd.DataFrame,
    flow: _ControlFlow,
    found: pd.DataFrame,
) -> Comparison:
    """The result, with the distances in time and resources beside those of the control flow."""
    store, selection = asked.store, asked.selection
    time = distances.time(store, selection, asked.by, logs.names)
    resources = distances.resources(store, selection, asked.by, logs.names)
    return Comparison(
        organisations=organisations,
        matrix=matrix,
        distances=_pairs(logs.names, control_flow=flow.distance, time=time, resources=resources),
        clusters=flow.stable,
        merges=flow.groups.merges,
        differences=found,
        tests=int(found.attrs["tests"]),
        medoid=logs.names[flow.medoid],
        outliers=tuple(logs.names[place] for place in flow.outliers),
        silhouette=flow.groups.silhouette,
        notes=notes_on(store, selection, logs, asked.too_few_cases, resources),
        clock=asked.clock,
        seed=asked.seed,
        basis=store.basis(selection, clock=asked.clock),
    )


def _with_times(asked: _Question, table: pd.DataFrame) -> pd.DataFrame:
    """The organisations with their on-time rates and durations."""
    rates = on_time_by(asked.store, asked.selection, asked.by, asked.clock)
    for found in (rates, durations_by(asked.store, asked.selection, asked.by, asked.seed)):
        table = table.merge(found, on="organisation", how="left")
    return table


def cross_matrix(judge: Judge, models: dict[str, SoundModel], progress: Progress = silent) -> pd.DataFrame:
    """Every model on every log."""
    rows = []
    for name, model in track(list(models.items()), "cross", progress, len(models)):
        for log, score in judge.scores(model.net).items():
            rows.append((name, log, score.fitness, score.precision, score.f, score.limited))
    return pd.DataFrame(rows, columns=["model", "log", "fitness", "precision", "f", "limited"])


def notes_on(
    store: LogStore, selection: Selection, logs: OrganisationLogs, too_few_cases: int, resources: Floats | None = None
) -> tuple[str, ...]:
    """Codes of what the logs do not allow to say."""
    d = store.dossiers(selection)
    facts = store.fetch(
        d.aggregate(
            n=d.count(),
            closed=d.closed_at.notnull().sum(),
            chains=(d.event_count > 1).sum(),
            tied=((d.event_count > 1) & (d.first_at == d.last_at)).sum(),
            due=d.due_at.notnull().sum(),
        )
    ).iloc[0]
    shared = set.intersection(*(logs.steps(name) for name in logs.names))
    checks = {
        "all_open": facts["closed"] == 0,
        "ties_only": facts["chains"] > 0 and facts["tied"] == facts["chains"],
        "no_due_dates": facts["due"] == 0,
        "no_shared_step": not shared,
        "few_cases": any(n < too_few_cases for n in logs.dossiers.values()),
        "sampled": logs.sampled,
        "no_units": resources is not None and bool(np.isnan(resources).all()),
        "no_vocabulary": not store.has_vocabulary(),
    }
    return tuple(code for code, holds in checks.items() if holds)


def _organisations(
    logs: OrganisationLogs, models: dict[str, SoundModel], matrix: pd.DataFrame, flow: _ControlFlow, few: int
) -> pd.DataFrame:
    own = matrix[matrix["model"] == matrix["log"]].set_index("model")
    size = len(logs.names)
    return pd.DataFrame(
        {
            "organisation": logs.names,
            "dossiers": [logs.dossiers[name] for name in logs.names],
            "variants": [len(logs.counts[name]) for name in logs.names],
            "share_used": [logs.shares.get(name, 1.0) for name in logs.names],
            "miner": [models[name].miner for name in logs.names],
            "size": [models[name].bpmn.size for name in logs.names],
            **{column: own[column].reindex(logs.names).to_numpy() for column in ("fitness", "precision", "f")},
            "mean_distance": flow.distance.sum(axis=1) / (size - 1),
            "medoid": [place == flow.medoid for place in range(size)],
            "too_few": [logs.dossiers[name] < few for name in logs.names],
            "cluster": flow.groups.labels,
            "outlier": [place in flow.outliers for place in range(size)],
        }
    )


def _pairs(names: tuple[str, ...], **matrices: Floats) -> pd.DataFrame:
    rows = [
        {"a": a, "b": b, **{key: float(matrix[i, j]) for key, matrix in matrices.items()}}
        for i, a in enumerate(names)
        for j, b in enumerate(names)
        if i < j
    ]
    return pd.DataFrame(rows, columns=["a", "b", *matrices])
