"""One procedure of several organisations: own models, best single, pooled, unified, configurable; and cross-validation.

Logs are read from `tests.conftest.LOGS` when they are there. Everything is counted: the search has a budget of models,
not of seconds, so the same seed gives the same figures on every machine.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tests.conftest import LOGS
from workbench.harmonise.configuration.configurable import Configurable, derive, make_configurable, scores_of
from workbench.harmonise.conformance.judge import Judge, Score, mean_f, mean_fitness, mean_precision
from workbench.harmonise.discovery.models import sound_model
from workbench.harmonise.discovery.search import EVALUATIONS, search
from workbench.harmonise.organisations import OrganisationLogs, sample
from workbench.harmonise.unification.unify import SEARCH_EVENTS, search_starts
from workbench.mining.model import Bpmn, VariantCounts
from workbench.mining.pm4py_door import pm4py, to_petri
from workbench.mining.states import prove_soundness

NO_LIMIT = 1e9
GROUPS = {
    "BPIC15": ("BPIC15_1f", "BPIC15_2f", "BPIC15_3f"),
    "CoSeLoG": ("CoSeLoG_WABO_1", "CoSeLoG_WABO_2", "CoSeLoG_WABO_3"),
}


def logs_of(group: str, folder: Path = LOGS) -> OrganisationLogs | None:
    """The logs of a group, one organisation each; None where a file is not present."""
    paths = [folder / f"{name}.xes.gz" for name in GROUPS[group]]
    if not all(path.exists() for path in paths):
        return None
    return OrganisationLogs({f"M{i}": _counts(path) for i, path in enumerate(paths, 1)})


def _counts(path: Path) -> VariantCounts:
    frame = pd.DataFrame(pm4py.read_xes(str(path), show_progress_bar=False))
    traces = frame.groupby("case:concept:name", sort=False)["concept:name"].agg(tuple)
    return tuple((variant, int(n)) for variant, n in traces.value_counts().items())


def unified(logs: OrganisationLogs, *, seed: int = 1, evaluations: int = EVALUATIONS) -> Bpmn:
    """The searched model, with the product's settings."""
    judge = Judge(sample(logs.counts, seed=seed, max_events=SEARCH_EVENTS))
    found = search(judge, search_starts(logs, ()), seed=seed, seconds=NO_LIMIT, evaluations=evaluations)
    return found.routes.bpmn


def table(group: str, *, seed: int = 1, evaluations: int = EVALUATIONS) -> dict[str, Any]:
    """The rows of the table of one group: every kind of model on all its organisations."""
    logs = logs_of(group)
    if logs is None:
        return {"group": group, "rows": None}
    judge = Judge(logs)
    own = {name: sound_model(logs.counts[name]) for name in logs.names}
    alone = {name: Judge(logs.part((name,))).scores(own[name].net)[name] for name in logs.names}
    single = max(logs.names, key=lambda name: mean_f(judge.scores(own[name].net)) or 0.0)
    pooled = sound_model(logs.pooled)
    model = unified(logs, seed=seed, evaluations=evaluations)
    made = make_configurable(logs, model, seed=seed, seconds=NO_LIMIT)
    separate = sum(one.bpmn.size for one in own.values())
    rows = [
        _row("own models, each on its own log", alone, separate, True),
        _row(f"best single model ({single})", judge.scores(own[single].net), own[single].bpmn.size, True),
        _row("model of the pooled logs", judge.scores(pooled.net), pooled.bpmn.size, True),
        _row("unified model", judge.scores(to_petri(model)), model.size, prove_soundness(to_petri(model)).sound),
        _row("configurable model, configured", dict(made.scores), made.size, _all_sound(made)),
    ]
    return {"group": group, "seed": seed, "evaluations": evaluations, "separate": separate, "rows": rows,
            "search_events": SEARCH_EVENTS}  # fmt: skip


def _all_sound(made: Configurable) -> bool:
    return all(prove_soundness(to_petri(one.bpmn)).sound for one in made.configurations.values())


def _row(name: str, scores: dict[str, Score], size: int, sound: bool | None) -> dict[str, Any]:
    return {
        "model": name,
        "f": mean_f(scores),
        "fitness": mean_fitness(scores),
        "precision": mean_precision(scores),
        "fitness_each": [round(score.fitness or 0.0, 3) for score in scores.values()],
        "size": size,
        "sound": sound,
    }


def over_cases(group: str, *, folds: int = 3, fold: int = 0, seed: int = 1, evaluations: int = 700) -> dict[str, Any]:
    """One fold of cross-validation over dossiers: learnt on the others, judged on those left out."""
    logs = logs_of(group)
    if logs is None:
        return {"group": group, "fold": fold, "rows": None}
    learnt, unseen = split(logs, folds, fold, seed)
    model = unified(learnt, evaluations=evaluations)
    pooled = sound_model(learnt.pooled)
    seen, left = Judge(learnt), Judge(unseen)
    made = make_configurable(learnt, model, seconds=NO_LIMIT)
    configured = {name: scores_of(unseen, name, made.configurations[name]) for name in unseen.names}
    return {
        "group": group,
        "fold": fold,
        "folds": folds,
        "evaluations": evaluations,
        "unified_learnt": mean_f(seen.scores(to_petri(model))),
        "unified_unseen": mean_f(left.scores(to_petri(model))),
        "pooled_unseen": mean_f(left.scores(pooled.net)),
        "configured_learnt": made.f,
        "configured_unseen": mean_f(configured),
        "size": model.size,
        "size_pooled": pooled.bpmn.size,
    }


def split(logs: OrganisationLogs, folds: int, fold: int, seed: int) -> tuple[OrganisationLogs, OrganisationLogs]:
    """The dossiers of every organisation outside a fold, and inside."""
    learnt: dict[str, VariantCounts] = {}
    unseen: dict[str, VariantCounts] = {}
    for name in logs.names:
        variants = [variant for variant, n in logs.counts[name] for _ in range(n)]
        place = np.random.default_rng(seed).permutation(len(variants)) % folds
        parts = [
            [v for v, p in zip(variants, place, strict=True) if bool(p == fold) == inside] for inside in (False, True)
        ]
        learnt[name], unseen[name] = (_counted(part) for part in parts)
    return OrganisationLogs(learnt), OrganisationLogs(unseen)


def _counted(variants: list[tuple[str, ...]]) -> VariantCounts:
    found: dict[tuple[str, ...], int] = {}
    for variant in variants:
        found[variant] = found.get(variant, 0) + 1
    return tuple(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def left_out(group: str, name: str, *, evaluations: int = 700) -> dict[str, Any]:
    """One organisation left out: the others' unified model on its log, and the configuration derived from its log."""
    logs = logs_of(group)
    if logs is None:
        return {"group": group, "left_out": name, "f_unified": None}
    return new_organisation(logs, group, name, evaluations=evaluations)


def new_organisation(logs: OrganisationLogs, group: str, name: str, *, evaluations: int = 700) -> dict[str, Any]:
    """What the other organisations of some logs have learnt, judged on one that comes new."""
    others = logs.part(tuple(one for one in logs.names if one != name))
    model = unified(others, evaluations=evaluations)
    made = make_configurable(others, model, seconds=NO_LIMIT)
    new = logs.part((name,))
    judge = Judge(new)
    derived = derive(made, new, name, seconds=NO_LIMIT)
    pooled, own = sound_model(others.pooled), sound_model(logs.counts[name])
    singles = {one: judge.scores(sound_model(logs.counts[one]).net)[name].f for one in others.names}
    score = scores_of(new, name, derived)
    return {
        "group": group,
        "left_out": name,
        "evaluations": evaluations,
        "f_unified": judge.scores(to_petri(model))[name].f,
        "f_pooled": judge.scores(pooled.net)[name].f,
        "f_best_single": max(value or 0.0 for value in singles.values()),
        "f_derived": score.f,
        "f_own": judge.scores(own.net)[name].f,
        "derived_sound": prove_soundness(to_petri(derived.bpmn)).sound,
        "size_unified": model.size,
        "size_derived": derived.size,
        "size_own": own.bpmn.size,
    }
