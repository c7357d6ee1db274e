"""One configurable procedure: the unified model plus the ways in which organisations may differ from it.

The configurable model holds all steps and flows that some organisation's configuration uses; a configuration is a
choice of flows. Whatever is chosen, what lies on no way from start to end falls away, so every configuration is
sound (La Rosa, M. et al. (2017), Business process variability modeling: a survey, ACM Comput. Surv. 50).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from workbench.errors import ModelError
from workbench.harmonise.conformance.evaluate import require_sound
from workbench.harmonise.conformance.judge import Judge, Score, mean_f
from workbench.harmonise.discovery.edits import Edit, Usage, propose, usage
from workbench.harmonise.discovery.routing import END, START, Edge, Routes, routes, routes_of
from workbench.harmonise.discovery.search import PRICE, SECONDS, search
from workbench.harmonise.organisations import OrganisationLogs
from workbench.mining import walking
from workbench.mining.model import Bpmn
from workbench.mining.pm4py_door import to_petri
from workbench.mining.states import state_graph
from workbench.progress import Progress, silent

NOVELTY = 0.001
"""F of an organisation that a step or a flow nobody else has must earn."""
EACH = 300
"""Judgements spent on one organisation's configuration."""


@dataclass(frozen=True)
class Configurable:
    """The unified procedure, all options, and which of them every organisation uses."""

    core: Routes
    """The unified procedure."""
    union: Routes
    """All steps and flows of the core and of every configuration; numbers are shared."""
    configurations: Mapping[str, Routes]
    scores: Mapping[str, Score] = field(default_factory=dict)
    """How well each organisation's configuration describes its own log."""

    @property
    def size(self) -> int:
        """Nodes of the configurable model."""
        return self.union.size

    @property
    def f(self) -> float | None:
        """Mean F of the configurations on their own logs, each organisation counted once."""
        return mean_f(dict(self.scores))

    def configured(self, organisation: str) -> Bpmn:
        """The model of one organisation, proved sound; ModelError for one without a configuration."""
        if organisation not in self.configurations:
            raise ModelError(
                f"There is no configuration for {organisation!r}.",
                fix=f"Derive one from its log, or choose one of: {', '.join(self.configurations)}.",
                organisation=organisation,
            )
        return proved(self.configurations[organisation])

    def to_dict(self) -> dict[str, Any]:
        """The configurable model as JSON-ready values; `configurable_from` reads them."""
        return {
            "steps": [{"number": number, "label": label} for number, label in self.union.labels],
            "core": _numbers(self.core),
            "configurations": {name: _numbers(one) for name, one in self.configurations.items()},
        }


def _numbers(given: Routes) -> list[list[int]]:
    return [list(edge) for edge in sorted(given.edges)]


def configurable_from(facts: Mapping[str, Any]) -> Configurable:
    """The configurable model written by `to_dict`; ModelError when it is not one."""
    try:
        labels = {int(step["number"]): str(step["label"]) for step in facts["steps"]}
        core = routes(labels, [(int(a), int(b)) for a, b in facts["core"]])
        found = {
            str(name): routes(labels, [(int(a), int(b)) for a, b in pairs])
            for name, pairs in facts["configurations"].items()
        }
    except (KeyError, TypeError, ValueError) as exc:
        raise ModelError("This is not a configurable model.", fix="Give the file written by `harmonise`.") from exc
    kept = {name: one for name, one in found.items() if one is not None}
    if core is None or len(kept) < len(found):
        raise ModelError("A configuration has no way to its end.", fix="Make the configurable model anew.")
    return Configurable(core, _union(core, kept), kept)


def proved(given: Routes) -> Bpmn:
    """The BPMN of routes, with its soundness proved rather than assumed."""
    require_sound(given.bpmn, name="configured")
    return given.bpmn


def core_of(unified: Bpmn) -> Routes:
    """The unified model as routes; ModelError when it is not sound or too large to be read so.

    Parallel steps become every order of them that the model allows.
    """
    require_sound(unified, name="unified")
    graph = state_graph(to_petri(unified))
    made = None if graph is None else routes_of(graph)
    if made is None:
        raise ModelError("The unified model has too many states to be configured.", fix="Use a simpler model.")
    return made


def make_configurable(
    logs: OrganisationLogs,
    unified: Bpmn,
    *,
    seed: int = 1,
    seconds: float = SECONDS,
    evaluations: int = EACH,
    price: float = PRICE,
    novelty: float = NOVELTY,
    progress: Progress = silent,
) -> Configurable:
    """The configurable model of some organisations around a unified one.

    Organisations are taken by size; each is searched from the core and from what was found for the others, and pays
    `novelty` for every step and flow nobody before it needed. `evaluations` is the budget of each, `seconds` an upper limit for all of them together.
    """
    core = core_of(unified)
    made: dict[str, Routes] = {}
    union = core
    order = sorted(logs.names, key=lambda name: (-logs.dossiers[name], name))
    for done, name in enumerate(order):
        progress("configure", done, len(order))
        judge = Judge(logs.part((name,)))
        starts = [core, union, *_nearest(judge, name, list(made.values()))]
        found = search(
            judge,
            starts,
            seed=seed,
            seconds=seconds / len(order),
            evaluations=evaluations,
            price=price,
            penalty=partial(_newness, union=union, novelty=novelty),
            proposals=partial(_around, union=union),
        )
        made[name] = _numbered(found.routes, union)
        union = _union(union, {name: made[name]})
    progress("configure", len(order), len(order))
    configurations = {name: made[name] for name in logs.names}
    scores = {name: scores_of(logs, name, configurations[name]) for name in logs.names}
    return Configurable(core, _union(core, configurations), configurations, scores)


def scores_of(logs: OrganisationLogs, name: str, given: Routes) -> Score:
    """How well routes describe one organisation's log, by the net of their BPMN."""
    return Judge(logs.part((name,))).scores(to_petri(given.bpmn))[name]


def derive(
    configurable: Configurable,
    logs: OrganisationLogs,
    organisation: str,
    *,
    seed: int = 1,
    seconds: float = SECONDS,
    evaluations: int = EACH,
    price: float = PRICE,
) -> Routes:
    """The configuration of an organisation that has none, from its log: a choice among the options there are."""
    judge = Judge(logs.part((organisation,)))
    union = configurable.union
    starts = [configurable.core, *_nearest(judge, organisation, list(configurable.configurations.values()))]
    starts += _by_use(judge, union)
    found = search(
        judge,
        starts,
        seed=seed,
        seconds=seconds,
        evaluations=evaluations,
        price=price,
        proposals=partial(_inside, union=union),
    )
    return found.routes


def _newness(given: Routes, union: Routes, novelty: float) -> float:
    """The price of steps and flows that are not in the configurable model yet."""
    fresh = sum(label not in union.numbers for _, label in given.labels)
    return novelty * (fresh + len(given.edges - union.edges))


def _around(here: Routes, used: Usage, union: Routes) -> list[Edit]:
    return [*propose(here, used, most=25), *_inside(here, used, union)]


def _inside(here: Routes, used: Usage, union: Routes) -> list[Edit]:
    """Edits that stay inside the configurable model: flows and steps on or off."""
    known = {START, *here.label}
    out = [Edit("drop_flow", edge=edge) for edge in sorted(here.edges, key=lambda edge: (used.flows[edge], edge))[:40]]
    out += [Edit("add_flow", edge=edge) for edge in sorted(union.edges - here.edges) if _fits(edge, known)]
    for number, label in union.labels:
        if number not in here.label:
            ways = [(a, b) for a in union.before.get(number, []) for b in union.after.get(number, [])]
            for way in [way for way in ways if _fits(way, known)][:10]:
                out.append(Edit("add_steps", edge=way, steps=(label,)))
                if way in here.edges:
                    out.append(Edit("insert_steps", edge=way, steps=(label,)))
    return out


def _fits(edge: Edge, known: set[int]) -> bool:
    return edge[0] in known and (edge[1] in known or edge[1] == END)


def _by_use(judge: Judge, union: Routes) -> list[Routes]:
    """The parts of the configurable model that at least some share of the dossiers uses."""
    logs = judge.logs
    weights = np.array([count for _, count in logs.pooled], dtype=float)
    walked = walking.walk(union.graph, judge.tree)
    used = usage(union, walked, [variant for variant, _ in logs.pooled], weights / weights.sum())
    out = []
    for least in (0.0, 0.005, 0.02, 0.05, 0.1):
        made = routes(union.label, [edge for edge in union.edges if used.flows[edge] > least])
        if made is not None:
            out.append(made)
    return out


def _nearest(judge: Judge, name: str, found: list[Routes], most: int = 2) -> list[Routes]:
    """Those of the latest configurations found that describe the organisation best."""
    found = list(dict.fromkeys(reversed(found)))[:10]
    values = [(judge.scores_of_graph(one.graph)[name].f or 0.0, -place) for place, one in enumerate(found)]
    return [found[-place] for _, place in sorted(values, reverse=True)[:most]]


def _numbered(given: Routes, union: Routes) -> Routes:
    """The routes with the numbers of the union: same number and label, else a free step of that label, else new."""
    new: dict[int, int] = {START: START, END: END}
    taken: set[int] = set()
    for number, label in given.labels:
        if union.label.get(number) == label:
            new[number] = number
            taken.add(number)
    following = max([*union.label, *new, 0]) + 1
    for number, label in given.labels:
        if number in new:
            continue
        free = [one for one in union.numbers.get(label, []) if one not in taken]
        new[number] = free[0] if free else following
        following += not free
        taken.add(new[number])
    made = routes({new[number]: label for number, label in given.labels}, [(new[a], new[b]) for a, b in given.edges])
    assert made is not None  # the same graph under other numbers
    return made


def _union(first: Routes, others: Mapping[str, Routes]) -> Routes:
    labels, edges = dict(first.label), set(first.edges)
    for one in others.values():
        labels |= one.label
        edges |= one.edges
    made = routes(labels, edges)
    assert made is not None  # `first` has a way to the end
    return made
