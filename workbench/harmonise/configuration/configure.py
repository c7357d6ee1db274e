"""The unified procedure configured for every organisation, and for one that comes new."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

from workbench.errors import SelectionError, TooFewCases
from workbench.harmonise.configuration.configurable import (
    EACH,
    Configurable,
    core_of,
    derive,
    make_configurable,
    proved,
    scores_of,
)
from workbench.harmonise.configuration.variation import explain, variation_points
from workbench.harmonise.conformance.changes import changes
from workbench.harmonise.conformance.judge import Judge, Score
from workbench.harmonise.discovery.models import sound_model
from workbench.harmonise.discovery.search import SECONDS
from workbench.harmonise.organisations import MAX_EVENTS, OrganisationLogs, organisation_logs
from workbench.mining.grouping import check_by
from workbench.mining.model import Bpmn, PetriNet
from workbench.mining.pm4py_door import to_petri
from workbench.progress import Progress, silent
from workbench.reference import reference_processes
from workbench.reference.processes import InternalProcess
from workbench.results import Basis, Result
from workbench.selection import Selection
from workbench.store import LogStore


@dataclass(frozen=True, slots=True)
class Configuration(Result):
    """The configurable procedure: one model, its variation points, and every organisation's options with reasons."""

    configurable: Configurable = field(repr=False)
    organisations: pd.DataFrame
    """organisation, dossiers, size, fitness, precision, f (its configuration on its own log), f_unified, f_own (its
    own mined model), size_own."""
    points: pd.DataFrame
    """point, kind, step, other, organisation, option, core_option, differs, reason, facts."""
    size: int
    """Nodes of the configurable model, all options included."""
    size_separate: int
    """Nodes of the organisations' own mined models together."""
    f: float | None
    f_own: float | None
    by: str
    basis: Basis

    def to_dict(self) -> dict[str, Any]:
        """The result as JSON-ready values, the configurable model as steps and flows."""
        out = {name: getattr(self, name) for name in ("size", "size_separate", "f", "f_own", "by")}
        tables = {name: getattr(self, name).to_dict("records") for name in ("organisations", "points")}
        return {**out, **tables, "configurable": self.configurable.to_dict()}


@dataclass(frozen=True, slots=True)
class Configured(Result):
    """The unified procedure configured for one organisation."""

    organisation: str
    bpmn: Bpmn
    net: PetriNet = field(repr=False)
    how: Literal["configured", "derived"]
    """`configured`: the organisation's options were known; `derived`: chosen now from its log."""
    score: Score
    """Of the configuration on the organisation's log."""
    unified: Score
    """Of the unified procedure on the same log."""
    changes: pd.DataFrame
    """Steps the organisation still has to drop, move and add to work by its configuration."""
    basis: Basis


def configure_procedure(
    store: LogStore,
    selection: Selection,
    unified: Bpmn,
    *,
    by: str = "province_code",
    published: Iterable[InternalProcess] | None = None,
    seed: int = 1,
    seconds: float = SECONDS,
    evaluations: int = EACH,
    max_events: int = MAX_EVENTS,
    progress: Progress = silent,
) -> Configuration:
    """The configurable procedure around a unified one, with a reason for every option.

    Raises TooFewCases without two organisations, ModelError for an unsound unified model.
    """
    check_by(by)
    logs = organisation_logs(store, selection, by=by, seed=seed, max_events=max_events)
    made = make_configurable(logs, unified, seed=seed, seconds=seconds, evaluations=evaluations, progress=progress)
    processes = reference_processes() if published is None else published
    points = explain(store, selection, logs, variation_points(made), by=by, published=processes)
    table = _organisations(logs, made)
    return Configuration(
        configurable=made,
        organisations=table,
        points=points,
        size=made.size,
        size_separate=int(table["size_own"].sum()),
        f=made.f,
        f_own=_mean(table["f_own"]),
        by=by,
        basis=store.basis(selection),
    )


def _mean(values: pd.Series) -> float | None:
    return None if values.isna().any() else float(values.mean())


def _organisations(logs: OrganisationLogs, made: Configurable) -> pd.DataFrame:
    judge = Judge(logs)
    unified = judge.scores(to_petri(made.core.bpmn))
    rows = []
    for name in logs.names:
        own = sound_model(logs.counts[name])
        alone = Judge(logs.part((name,))).scores(own.net)[name]
        score = made.scores[name]
        rows.append(
            {
                "organisation": name,
                "dossiers": logs.dossiers[name],
                "size": made.configurations[name].size,
                "fitness": score.fitness,
                "precision": score.precision,
                "f": score.f,
                "f_unified": unified[name].f,
                "f_own": alone.f,
                "size_own": own.bpmn.size,
            }
        )
    return pd.DataFrame(rows)


def configure(
    store: LogStore,
    selection: Selection,
    organisation: str,
    model: Bpmn | Configurable,
    *,
    by: str = "province_code",
    seed: int = 1,
    seconds: float = SECONDS,
    evaluations: int = EACH,
    max_events: int = MAX_EVENTS,
) -> Configured:
    """The model of one organisation: its known options, else options derived from its log.

    With a unified model alone its flows are the only options. Raises SelectionError when the organisation has no
    dossier in the selection, TooFewCases with fewer than two, ModelError for an unsound model.
    """
    check_by(by)
    logs = organisation_logs(store, selection, by=by, at_least=1, seed=seed, max_events=max_events)
    _check_has_dossiers(logs, organisation)
    options = model if isinstance(model, Configurable) else _alone(model)
    routes = options.configurations.get(organisation)
    known = routes is not None
    if routes is None:
        routes = derive(options, logs, organisation, seed=seed, seconds=seconds, evaluations=evaluations)
    bpmn = proved(routes)
    net, judge = to_petri(bpmn), Judge(logs.part((organisation,)))
    return Configured(
        organisation=organisation,
        bpmn=bpmn,
        net=net,
        how="configured" if known else "derived",
        score=scores_of(logs, organisation, routes),
        unified=scores_of(logs, organisation, options.core),
        changes=changes(judge.logs, judge.align(net)),
        basis=store.basis(selection),
    )


def _check_has_dossiers(logs: OrganisationLogs, organisation: str) -> None:
    if organisation not in logs.names:
        raise SelectionError(
            f"The selection has no dossier of {organisation!r}.",
            fix=f"Choose one of: {', '.join(logs.names[:20])}.",
            organisation=organisation,
        )
    if logs.dossiers[organisation] < 2:
        raise TooFewCases(
            f"{organisation} has one dossier only: no configuration can be derived from it.",
            fix="Choose a longer period.",
            organisation=organisation,
        )


def _alone(unified: Bpmn) -> Configurable:
    core = core_of(unified)
    return Configurable(core, core, {})
