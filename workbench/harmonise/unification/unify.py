"""One unified procedure from the logs of many organisations."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import ModelError
from workbench.harmonise.comparison.compare import notes_on
from workbench.harmonise.conformance.evaluate import ModelEvaluation, evaluate_model, means
from workbench.harmonise.conformance.judge import Judge
from workbench.harmonise.conformance.step_times import StepTimes, step_times
from workbench.harmonise.discovery.models import sound_model
from workbench.harmonise.discovery.routing import Routes, routes_of
from workbench.harmonise.discovery.search import EVALUATIONS, PRICE, SECONDS, Found, search
from workbench.harmonise.organisations import MAX_EVENTS, OrganisationLogs, balanced, comparable_logs, sample
from workbench.harmonise.unification.candidates import (
    Candidate,
    frequent_steps,
    make_candidates,
    project,
)
from workbench.harmonise.unification.flows import lanes_of, with_shares
from workbench.mining.durations import TOO_FEW
from workbench.mining.grouping import check_by
from workbench.mining.model import Bpmn, PetriNet
from workbench.mining.pm4py_door import to_petri
from workbench.mining.states import state_graph
from workbench.progress import Progress, silent, track
from workbench.reference.processes import InternalProcess
from workbench.results import Basis, Result, plain
from workbench.selection import Selection
from workbench.store import LogStore

SEARCH_EVENTS = 100_000
"""Events of distinct variants the search judges with; the candidates are always judged with all of them."""
THRESHOLDS = (0.0, 0.1, 0.15, 0.2, 0.3)
"""Shares of dossiers from which steps are kept in the models the search starts from."""


@dataclass(frozen=True, slots=True)
class Harmonisation(Result):
    """The unified procedure, what it was chosen from and what it asks of every organisation."""

    procedure: str | None
    recommended: str
    """Name of the candidate chosen."""
    bpmn: Bpmn
    net: PetriNet = field(repr=False)
    lanes: dict[str, str]
    """Step to the unit that did it most often."""
    candidates: pd.DataFrame
    """name, kind, size, control_flow_complexity, sound, fitness, precision, f, worst_f (means over organisations and
    the least), changes, expected_working_hours, keeps_limit, value, on_front, recommended; best value first."""
    unified: ModelEvaluation
    evaluations: dict[str, ModelEvaluation] = field(repr=False)
    models: dict[str, Bpmn] = field(repr=False)
    migration: pd.DataFrame
    """organisation, action, step, after, share, dossiers, of_dossiers, listed."""
    reasons: tuple[dict[str, Any], ...]
    """Why this candidate: {"code", "facts"}; texts under `harmonise.reason.`."""
    missing: tuple[tuple[str, str], ...]
    """Ideas that could not be tried: (kind, code)."""
    search: dict[str, Any]
    notes: tuple[str, ...]
    by: str
    seed: int
    basis: Basis

    def evaluation(self) -> dict[str, Any]:
        """The content of `evaluation.json`."""
        rows = []
        for row in self.candidates.to_dict("records"):
            facts = self.evaluations[row["name"]].facts()
            rows.append({**plain(row), "organisations": facts["organisations"], "mean": facts["mean"]})
        return {
            "procedure": self.procedure,
            "unified": {"name": self.recommended, **self.unified.facts()},
            "candidates": rows,
            "reasons": list(self.reasons),
            "missing": [{"kind": kind, "reason": code} for kind, code in self.missing],
            "search": self.search,
            "notes": list(self.notes),
            "definitions": {
                "fitness": "log fitness from alignments; every event counts",
                "precision": "1 - escaping edges / enabled steps over the aligned runs",
                "f": "harmonic mean of fitness and precision",
                "mean": "each organisation counted once",
                "size": "BPMN nodes, gateways and events included",
            },
            "by": self.by,
            "seed": self.seed,
            "basis": plain(self.basis),
        }


def harmonise(store: LogStore, procedure: str, **options: Any) -> Harmonisation:
    """The unified procedure of one procedure over all organisations; options as in `harmonise_procedure`."""
    return harmonise_procedure(store, Selection(procedure=procedure), **options)


def harmonise_procedure(
    store: LogStore,
    selection: Selection,
    *,
    by: str = "province_code",
    seconds: float = SECONDS,
    seed: int = 1,
    evaluations: int = EVALUATIONS,
    price: float = PRICE,
    candidates: Mapping[str, Bpmn] | None = None,
    published: Iterable[InternalProcess] | None = None,
    keep: tuple[str, ...] = (),
    alignment_seconds: float = 10.0,
    max_events: int = MAX_EVENTS,
    progress: Progress = silent,
) -> Harmonisation:
    """Make candidates, search a better one, judge all on every organisation and recommend one.

    `candidates` are further models by name, `published` internal processes (those of the reference data when not
    given); `keep` are steps the searched model must not lose; `evaluations` is the budget of the search and `seconds`
    its upper limit: the result says whether the limit cut it. Raises TooFewCases with one organisation or fewer than two dossiers in each,
    ModelError when the organisations share no step.
    """
    check_by(by)
    logs = comparable_logs(store, selection, by=by, seed=seed, max_events=max_events)
    _check_shared_steps(logs)
    judge = Judge(logs, seconds=alignment_seconds)
    made = make_candidates(store, selection, judge, by=by, given=candidates, published=published, progress=progress)
    found = search(
        Judge(sample(logs.counts, seed=seed, max_events=SEARCH_EVENTS)),
        search_starts(logs, made.items),
        seed=seed, seconds=seconds, evaluations=evaluations, price=price, keep=keep, progress=progress,
    )  # fmt: skip
    items = (*made.items, Candidate("searched", "searched", found.routes.bpmn))
    times = step_times(store, selection, by=by)
    judged = _judged(judge, items, times, silent if found.stopped == "cancelled" else progress)
    return _harmonisation(
        store, selection, judge, items, judged, price=price, missing=made.missing,
        searched=_search_facts(found, {"evaluations": evaluations, "seconds": seconds}, seed, price), by=by, seed=seed,
    )  # fmt: skip


def _judged(
    judge: Judge, items: tuple[Candidate, ...], times: StepTimes | None, progress: Progress
) -> dict[str, ModelEvaluation]:
    each = track(items, "evaluate", progress, len(items))
    return {item.name: evaluate_model(judge, item.model, times=times) for item in each}


def _search_facts(found: Found, budget: dict[str, float], seed: int, price: float) -> dict[str, Any]:
    names = ("evaluations", "value", "f", "size")
    return {
        "stopped": found.stopped,
        "deterministic": found.stopped == "done",
        "evaluations": found.evaluations,
        "budget": budget,
        "seed": seed,
        "price": price,
        "history": [dict(zip(names, one, strict=True)) for one in found.history],
    }


def _harmonisation(
    store: LogStore,
    selection: Selection,
    judge: Judge,
    items: tuple[Candidate, ...],
    judged: Mapping[str, ModelEvaluation],
    *,
    price: float,
    missing: tuple[tuple[str, str], ...],
    searched: dict[str, Any],
    by: str,
    seed: int,
) -> Harmonisation:
    """The result: the candidate of the highest value, with its shares, units and reasons."""
    table = _table(list(items), judged, price)
    best = str(table.loc[table["recommended"], "name"].iloc[0])
    model = with_shares(next(item.model for item in items if item.name == best), judge)
    return Harmonisation(
        procedure=selection.procedure,
        recommended=best,
        bpmn=model,
        net=to_petri(model),
        lanes=lanes_of(store, selection, model.steps),
        candidates=table,
        unified=judged[best],
        evaluations=dict(judged),
        models={item.name: item.model for item in items},
        migration=judged[best].changes,
        reasons=reasons(table, judged, best, price),
        missing=missing,
        search=searched,
        notes=notes_on(store, selection, judge.logs, TOO_FEW),
        by=by,
        seed=seed,
        basis=store.basis(selection),
    )


def _check_shared_steps(logs: OrganisationLogs) -> None:
    if len(logs.names) > 1 and not any(
        logs.steps(a) & logs.steps(b) for i, a in enumerate(logs.names) for b in logs.names[i + 1 :]
    ):
        raise ModelError(
            "The organisations have no step in common: nothing can be unified.",
            fix="Review the vocabulary: `workbench vocabulary propose`, then apply it.",
            organisations=list(logs.names),
        )


def search_starts(logs: OrganisationLogs, candidates: tuple[Candidate, ...]) -> list[Routes]:
    """Where the search begins: the sound candidates as routes, and models of the frequent steps alone."""
    out: list[Routes] = []
    pool = balanced(logs.counts)
    for threshold in THRESHOLDS:
        kept = project(pool, frequent_steps(logs, threshold))
        if kept:
            out += _routes(to_petri(sound_model(kept, epsilon=0.0).bpmn))
    for item in candidates:
        out += _routes(to_petri(item.model))
    return list(dict.fromkeys(out))


def _routes(net: PetriNet) -> list[Routes]:
    graph = state_graph(net)
    made = None if graph is None else routes_of(graph)
    return [] if made is None else [made]


def _table(items: list[Candidate], judged: Mapping[str, ModelEvaluation], price: float) -> pd.DataFrame:
    table = means(judged)
    table.insert(1, "kind", [item.kind for item in items])
    table["keeps_limit"] = [_keeps_limit(items, value) for value in table["expected_working_hours"]]
    table["value"] = table["f"].astype(float) - price * table["size"]
    allowed = (table["sound"] == True) & table["value"].notna() & (table["keeps_limit"] != False)  # noqa: E712
    if not allowed.any():
        allowed = (table["sound"] == True) & table["value"].notna()  # noqa: E712
    if not allowed.any():
        raise ModelError("No candidate is proved sound and judged.", fix="Give a sound model as a candidate.")
    table["on_front"] = front(table) & allowed
    best = table.loc[allowed, "value"].idxmax()
    table["recommended"] = table.index == best
    return table.sort_values(["value", "name"], ascending=[False, True]).reset_index(drop=True)


def _keeps_limit(items: list[Candidate], hours: float) -> bool | None:
    """Whether the expected working time is within the strictest published limit; None when either is unknown."""
    limits = [item.facts["declared_days"] for item in items if item.facts.get("declared_days")]
    limits = [days for days in limits if days > 0]
    if not limits or math.isnan(hours):
        return None
    return bool(hours <= 8 * min(limits))


def front(table: pd.DataFrame) -> pd.Series:
    """Rows no other sound row beats in everything: F up; size, changes and expected working time down."""
    columns = {"f": -1.0, "size": 1.0, "changes": 1.0, "expected_working_hours": 1.0}
    values = pd.DataFrame({key: table[key].astype(float) * sign for key, sign in columns.items()}).dropna(
        axis=1, how="all"
    )
    known = values.notna().all(axis=1) & (table["sound"] == True)  # noqa: E712
    points = values.to_numpy()
    out = []
    for place, own in enumerate(points):
        others = points[known.to_numpy() & (np.arange(len(points)) != place)]
        beaten = ((others <= own).all(axis=1) & (others < own).any(axis=1)).any()
        out.append(bool(known.iloc[place]) and not beaten)
    return pd.Series(out, index=table.index)


def reasons(
    table: pd.DataFrame, judged: Mapping[str, ModelEvaluation], best: str, price: float
) -> tuple[dict[str, Any], ...]:
    """Why `best`: its value, what it gains and loses against the others, whom it serves least."""
    row = table[table["name"] == best].iloc[0]
    out = [_reason("highest_value", f=row["f"], size=row["size"], price=price)]
    for other, code in (("pooled", "against_pooled"), ("medoid", "against_medoid"), ("best_single", "against_single")):
        found = table[table["name"] == other]
        if other != best and len(found) and pd.notna(found["f"].iloc[0]):
            one = found.iloc[0]
            out.append(
                _reason(
                    code,
                    f=row["f"] - one["f"],
                    size=row["size"] - one["size"],
                    fitness=row["fitness"],
                    fitness_other=one["fitness"],
                )
            )
    out.append(_reason("proved_sound", markings=judged[best].soundness.markings))
    worst = judged[best].organisations.dropna(subset=["f"]).sort_values(["f", "organisation"]).iloc[0]
    out.append(_reason("serves_least", organisation=worst["organisation"], f=worst["f"]))
    hours = judged[best].organisations[["expected_working_hours", "recorded_working_hours"]].mean()
    if hours.notna().all():
        out.append(_reason("time", expected=hours.iloc[0], recorded=hours.iloc[1]))
    if row["keeps_limit"] is not None:
        out.append(_reason("keeps_limit" if row["keeps_limit"] else "over_limit", hours=row["expected_working_hours"]))
    return tuple(out)


def _reason(code: str, **facts: Any) -> dict[str, Any]:
    return {"code": code, "facts": plain(facts)}
