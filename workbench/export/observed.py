"""What the log adds to a model: who does the steps, how often, and which way dossiers take at a choice."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

import ibis

from workbench.export.bpmn_graph import standardise
from workbench.export.facts import HOURS_A_DAY, ProcedureFacts, StepFacts, messages_by_label
from workbench.export.internal_process import Procedure
from workbench.mining.grouping import label_columns
from workbench.mining.internal_process import internal_processes, match_steps
from workbench.mining.model import Bpmn, VariantCounts
from workbench.mining.variants import variant_counts
from workbench.selection import Selection
from workbench.store import LogStore

_END = "\0end"
_LEVEL = re.compile(r"\s+(cấp\s+)?(xã|phường|huyện|quận|tỉnh|thành phố)\s*$", re.IGNORECASE)
_DESK = re.compile(r"một cửa|phục vụ hành chính công|tiếp nhận và trả kết quả", re.IGNORECASE)
DESK = "Bộ phận Một cửa"
"""Lane of the one-stop desk, whatever a level of government calls it."""


def unit_group(unit: str) -> str:
    """The kind of unit behind a local name: its level left out, all one-stop desks together."""
    if _DESK.search(unit):
        return DESK
    return _LEVEL.sub("", unit).strip() or unit


def observed_lanes(store: LogStore, selection: Selection | None = None) -> dict[str, str]:
    """Step to the kind of unit that does it most often; steps without a recorded unit are left out."""
    events = store.events(selection)
    known = events.filter(events.unit.notnull(), events.unit.strip() != "")
    rows = store.fetch(known.group_by("step_id", "unit").aggregate(n=known.count()))
    named = label_columns(store, rows, step="step_id")
    totals: dict[str, Counter[str]] = {}
    for step, unit, n in zip(named["step"], named["unit"], named["n"], strict=True):
        totals.setdefault(step, Counter())[unit_group(unit)] += int(n)
    return {step: min((-n, unit) for unit, n in units.items())[1] for step, units in sorted(totals.items())}


def observed_statistics(
    store: LogStore, selection: Selection | None = None
) -> dict[str, dict[str, float | int | None]]:
    """Step to its figures: events, dossiers, share_of_dossiers, median_working_seconds since the step before."""
    events = store.events(selection)
    before = events.gap_working_seconds.lag().over(ibis.window(group_by=events.dossier_key, order_by=events.position))
    timed = events.mutate(before=before)
    rows = store.fetch(
        timed.group_by("step_id").aggregate(
            events=timed.count(), dossiers=timed.dossier_key.nunique(), median=timed.before.quantile(0.5)
        )
    )
    total = store.basis(selection).n_dossiers
    named = label_columns(store, rows, step="step_id")
    return {
        step: {
            "events": int(n),
            "dossiers": int(d),
            "share_of_dossiers": round(int(d) / total, 6) if total else None,
            "median_working_seconds": None if median != median else float(median),  # noqa: PLR0124 - NaN
        }
        for step, n, d, median in zip(
            named["step"], named["events"], named["dossiers"], named["median"].astype(float), strict=True
        )
    }


def with_shares(bpmn: Bpmn, counts: VariantCounts) -> Bpmn:
    """The graph in standard form with the observed share of every flow out of a choice.

    After each step that leads to the gateway, the next event that begins one of its branches tells which was
    taken; a share counts dossiers' passages. Where branches begin with the same step the log cannot tell them
    apart, and the flows keep no share. Choices nobody passed keep none either.
    """
    graph = standardise(bpmn)
    kinds = {n.id: n.kind for n in graph.nodes}
    labels = {n.id: n.label for n in graph.nodes if n.kind == "task"}
    onward: dict[str, list[str]] = {}
    backward: dict[str, list[str]] = {}
    for flow in graph.flows:
        onward.setdefault(flow.source, []).append(flow.target)
        backward.setdefault(flow.target, []).append(flow.source)
    shares: dict[tuple[str, str], float] = {}
    for node in graph.nodes:
        branches = onward.get(node.id, [])
        if node.kind != "xor" or len(branches) < 2:
            continue
        first = {target: _met(target, onward, kinds, labels) for target in branches}
        before = _met(node.id, backward, kinds, labels)
        everything = [step for steps in first.values() for step in steps]
        if len(everything) != len(set(everything)):
            continue
        taken = _taken(counts, before, {step: target for target, steps in first.items() for step in steps})
        whole = sum(taken.values())
        if whole:
            shares.update({(node.id, target): taken[target] / whole for target in branches})
    return Bpmn(graph.nodes, tuple(replace(f, share=shares.get((f.source, f.target))) for f in graph.flows))


def _met(node: str, onward: Mapping[str, list[str]], kinds: Mapping[str, str], labels: Mapping[str, str]) -> set[str]:
    """Labels of the first steps met from a node on through gateways; `_END` stands for start and end."""
    out: set[str] = set()
    seen, stack = {node}, [node]
    while stack:
        here = stack.pop()
        if here in labels:
            out.add(labels[here])
            continue
        if kinds[here] in ("start", "end"):
            out.add(_END)
        for other in onward.get(here, ()):
            if other not in seen:
                seen.add(other)
                stack.append(other)
    return out


def _taken(counts: VariantCounts, before: set[str], branch: Mapping[str, str]) -> Counter[str]:
    taken: Counter[str] = Counter()
    for variant, n in counts:
        waiting = _END in before
        for step in (*variant, _END):
            if waiting and step in branch:
                taken[branch[step]] += n
                waiting = False
            if step in before and step != _END:
                waiting = True
    return taken


def observed_procedure(
    store: LogStore,
    selection: Selection,
    bpmn: Bpmn,
    *,
    name: str = "",
    lanes: Mapping[str, str] | None = None,
) -> Procedure:
    """A model with what the store knows of its steps: units, figures, shares, published limits.

    Limits come only from an internal process that is kept in the store for this procedure and whose steps
    have the same names; nothing is estimated.
    """
    counts = variant_counts(store, selection)
    units = dict(lanes) if lanes is not None else observed_lanes(store, selection)
    figures = observed_statistics(store, selection)
    limits, declared = published_limits(store, selection.procedure, bpmn.steps)
    messages = messages_by_label(bpmn.steps)
    steps = {
        step: StepFacts(limit_hours=limits.get(step), statistics=figures.get(step, {}), message=messages.get(step, ""))
        for step in bpmn.steps
    }
    found = store.scalar(
        "select any_value(procedure_name) from dossier where procedure_code = ?", [selection.procedure]
    )
    facts = ProcedureFacts(code=selection.procedure or "", limit_hours=declared, steps=steps)
    kept = {step: unit for step, unit in units.items() if step in set(bpmn.steps)}
    return Procedure(name or found or selection.procedure or "", with_shares(bpmn, counts), kept, facts)


def published_limits(
    store: LogStore, procedure: str | None, steps: Iterable[str]
) -> tuple[dict[str, float], float | None]:
    """Working hours per step and of the whole procedure, when exactly one published process is known (the national one before provinces')."""
    known = internal_processes(store, procedure=procedure) if procedure else ()
    known = tuple(process for process in known if process.province is None) or known
    if len(known) != 1:
        return {}, None
    process = known[0]
    names = match_steps(process, steps)
    limits = {names[s.name]: s.days * HOURS_A_DAY for s in process.steps if s.days is not None and s.name in names}
    declared = None if process.declared_days is None else process.declared_days * HOURS_A_DAY
    return limits, declared
