"""Candidates for the unified procedure, each from another idea of what is best."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal

from workbench.errors import ModelError
from workbench.harmonise.comparison import clustering, distances
from workbench.harmonise.comparison.punctuality import MEDIAN, durations_by, on_time_by
from workbench.harmonise.conformance.judge import Judge, mean_f
from workbench.harmonise.discovery.models import sound_model
from workbench.harmonise.organisations import OrganisationLogs, balanced
from workbench.harmonise.vocabulary.vocabulary_text import text_similarity
from workbench.mining.durations import TOO_FEW
from workbench.mining.internal_process import internal_processes
from workbench.mining.model import Bpmn, Flow, Node, Variant, VariantCounts
from workbench.mining.variants import ranked
from workbench.progress import Progress, silent, track
from workbench.reference import reference_processes
from workbench.reference.processes import InternalProcess
from workbench.selection import Selection
from workbench.store import LogStore

Kind = Literal["medoid", "best_single", "pooled", "common", "best_performers", "published", "given", "searched"]
LIKE = 0.8
"""Text similarity from which a published step is taken to be a step of the log."""
USED = 0.1
"""Share of its dossiers from which an organisation is said to take a step."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One proposal for the unified procedure."""

    name: str
    kind: Kind
    model: Bpmn
    organisations: tuple[str, ...] = ()
    """Whose practice it comes from; empty for all of them."""
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Candidates:
    """The candidates, and the ideas that could not be tried with the code of the reason."""

    items: tuple[Candidate, ...]
    missing: tuple[tuple[str, str], ...]
    """(kind, code); texts under `harmonise.missing.`."""


def make_candidates(
    store: LogStore,
    selection: Selection,
    judge: Judge,
    *,
    by: str = "province_code",
    given: Mapping[str, Bpmn] | None = None,
    published: Iterable[InternalProcess] | None = None,
    progress: Progress = silent,
) -> Candidates:
    """Candidates from the organisations' logs, from published processes and from models `given` by name."""
    logs = judge.logs
    items: list[Candidate] = []
    missing: list[tuple[str, str]] = []
    items += _single_models(judge, progress)
    items.append(Candidate("pooled", "pooled", sound_model(logs.pooled).bpmn))
    common = common_behaviour(logs)
    if common:
        items.append(Candidate("common", "common", sound_model(common).bpmn))
    else:
        missing.append(("common", "no_shared_step"))
    best = best_performers(store, selection, logs, by)
    if best:
        chosen = balanced(logs.part(best).counts)
        items.append(Candidate("best_performers", "best_performers", sound_model(chosen).bpmn, best))
    else:
        missing.append(("best_performers", "no_ranking"))
    if published is None:
        kept = internal_processes(store, procedure=selection.procedure) if selection.procedure else ()
        published = (*(process for process in kept if process.province is None), *reference_processes())
    found = published_models(published, selection.procedure, logs)
    items += [item for item in found if 2 * item.facts["matched"] >= item.facts["steps"]]
    if not found:
        missing.append(("published", "none_published"))
    elif any(2 * item.facts["matched"] < item.facts["steps"] for item in found):
        missing.append(("published", "names_unlike"))
    items += [Candidate(f"given:{name}", "given", model) for name, model in (given or {}).items()]
    return Candidates(tuple(items), tuple(missing))


def _single_models(judge: Judge, progress: Progress) -> list[Candidate]:
    """The medoid's model, and the one organisation's model that describes all best, when it is another."""
    logs = judge.logs
    flow = distances.control_flow(distances.NgramTable(logs).frequencies())
    medoid = logs.names[clustering.medoid(flow)]
    values: dict[str, float] = {}
    for name in track(logs.names, "candidates", progress, len(logs.names)):
        values[name] = mean_f(judge.scores(sound_model(logs.counts[name]).net)) or 0.0
    best = max(logs.names, key=lambda name: values[name])
    out = [Candidate("medoid", "medoid", sound_model(logs.counts[medoid]).bpmn, (medoid,))]
    if best != medoid:
        out.append(Candidate("best_single", "best_single", sound_model(logs.counts[best]).bpmn, (best,)))
    return out


def step_shares(logs: OrganisationLogs) -> dict[str, dict[str, float]]:
    """Per organisation the share of dossiers that take each step at least once."""
    out: dict[str, dict[str, float]] = {}
    for name in logs.names:
        found: dict[str, int] = {}
        for variant, count in logs.counts[name]:
            for step in set(variant):
                found[step] = found.get(step, 0) + count
        out[name] = {step: count / logs.dossiers[name] for step, count in found.items()}
    return out


def project(counts: VariantCounts, keep: set[str]) -> VariantCounts:
    """A log without the steps that are not to be kept; dossiers left without a step are dropped."""
    total: dict[Variant, int] = {}
    for variant, count in counts:
        short = tuple(step for step in variant if step in keep)
        if short:
            total[short] = total.get(short, 0) + count
    return ranked(list(total.items()))


def frequent_steps(logs: OrganisationLogs, least: float) -> set[str]:
    """Steps that on average over organisations at least the share `least` of dossiers take."""
    total: dict[str, float] = {}
    for shares in step_shares(logs).values():
        for step, share in shares.items():
            total[step] = total.get(step, 0.0) + share / len(logs.names)
    return {step for step, share in total.items() if share >= least}


def common_behaviour(logs: OrganisationLogs) -> VariantCounts:
    """What at least half of the organisations do: their steps, and the dossiers that only go the ways they share.

    When hardly any dossier goes shared ways only, all dossiers are kept, with the shared steps.
    """
    shares = step_shares(logs)
    half = len(logs.names) / 2
    users: dict[str, int] = {}
    for own in shares.values():
        for step, share in own.items():
            users[step] = users.get(step, 0) + (share >= USED)
    keep = {step for step, n in users.items() if n >= half}
    projected = {name: project(logs.counts[name], keep) for name in logs.names}
    ways: dict[tuple[str, str], int] = {}
    for counts in projected.values():
        own_ways = {pair for variant, _ in counts for pair in pairwise(("", *variant, ""))}
        for pair in own_ways:
            ways[pair] = ways.get(pair, 0) + 1
    pooled = balanced({name: counts for name, counts in projected.items() if counts})
    shared = tuple(
        (variant, n) for variant, n in pooled if all(ways[pair] >= half for pair in pairwise(("", *variant, "")))
    )
    enough = sum(n for _, n in shared) >= sum(n for _, n in pooled) / 10
    return shared if enough else pooled


def best_performers(store: LogStore, selection: Selection, logs: OrganisationLogs, by: str) -> tuple[str, ...]:
    """The best third of organisations with enough dossiers: by on-time rate (portal clock), else by median time.

    Empty when neither can be said or fewer than three organisations have enough dossiers.
    """
    rates = on_time_by(store, selection, by, "portal")
    rates = rates[rates["on_time_dossiers"] >= TOO_FEW]
    rate = dict(zip(rates["organisation"], rates["on_time"].astype(float), strict=True))
    values = {name: -rate[name] for name in logs.names if name in rate}
    if len(values) < 3:
        spans = durations_by(store, selection, by, seed=1)
        spans = spans[spans["closed"] >= TOO_FEW].dropna(subset=[MEDIAN])
        median = dict(zip(spans["organisation"], spans[MEDIAN].astype(float), strict=True))
        values = {name: median[name] for name in logs.names if name in median}
    if len(values) < 3:
        return ()
    ordered = sorted(values, key=lambda name: (values[name], name))
    return tuple(sorted(ordered[: max(1, len(ordered) // 3)]))


def published_models(
    processes: Iterable[InternalProcess], procedure: str | None, logs: OrganisationLogs
) -> list[Candidate]:
    """The published step tables of a procedure as models, their steps named as in the log where alike."""
    steps = sorted({step for name in logs.names for step in logs.steps(name)})
    out: list[Candidate] = []
    for process in processes:
        if procedure is None or process.procedure_code != procedure or not process.steps:
            continue
        names = named_as([step.name for step in sorted(process.steps, key=lambda step: step.order)], steps)
        known = sum(name in steps for name in names)
        facts = {
            "source": process.source,
            "declared_days": process.declared_days,
            "matched": known,
            "steps": len(names),
        }
        place = f"published:{process.province or process.code}"
        number = sum(item.name.split("#")[0] == place for item in out)
        label = f"{place}#{number + 1}" if number else place
        out.append(Candidate(label, "published", sequence(names), process.h_codes, facts))
    return out


def named_as(names: list[str], steps: list[str]) -> list[str]:
    """Each name replaced by the step that reads most like it, where one reads alike enough."""
    if not steps:
        return names
    alike = text_similarity([*names, *steps])[: len(names), len(names) :]
    best = alike.argmax(axis=1)
    return [steps[best[i]] if alike[i, best[i]] >= LIKE else name for i, name in enumerate(names)]


def sequence(steps: list[str]) -> Bpmn:
    """The model of some steps one after the other."""
    if not steps:
        raise ModelError("A model needs at least one step.", fix="Give the steps.")
    nodes = [Node("n0", "start"), *(Node(f"n{i}", "task", step) for i, step in enumerate(steps, 1))]
    nodes.append(Node(f"n{len(nodes)}", "end"))
    return Bpmn(tuple(nodes), tuple(Flow(a.id, b.id) for a, b in pairwise(nodes)))
