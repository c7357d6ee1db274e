"""The only door to pm4py: its models and miners in, our results out."""

from __future__ import annotations

import contextlib
import io
from collections import Counter
from itertools import pairwise
from typing import Any

with contextlib.redirect_stdout(io.StringIO()):  # the import prints a banner; standard output is data
    import pm4py

from workbench.errors import ModelError
from workbench.mining.canonical import canonical
from workbench.mining.model import Bpmn, Flow, Node, NodeKind, PetriNet, Transition, VariantCounts
from workbench.mining.nets import arcs_of, to_petri
from workbench.mining.states import Soundness, prove_soundness

pm4py.util.constants.SHOW_PROGRESS_BAR = False

__all__ = [
    "Soundness",
    "bpmn_from_petri",
    "bpmn_from_pm4py",
    "bpmn_from_tree",
    "bpmn_to_pm4py",
    "discover_heuristics",
    "discover_inductive",
    "discover_inductive_tree",
    "discover_split",
    "is_sound",
    "petri_from_pm4py",
    "petri_to_pm4py",
    "pm4py",
    "prove_soundness",
    "to_petri",
]


def is_sound(net: PetriNet) -> bool:
    """Whether the net is proved sound; an unknown (`prove_soundness` says so) is False here."""
    return prove_soundness(net).sound is True


# conversions -----------------------------------------------------------------------------------------------
def _kind(node: Any) -> NodeKind:
    bpmn = pm4py.objects.bpmn.obj.BPMN
    kinds: tuple[tuple[Any, NodeKind], ...] = (
        (bpmn.Task, "task"),
        (bpmn.StartEvent, "start"),
        (bpmn.EndEvent, "end"),
        (bpmn.ParallelGateway, "and"),
        (bpmn.InclusiveGateway, "or"),
        (bpmn.Gateway, "xor"),
    )
    return next((kind for cls, kind in kinds if isinstance(node, cls)), "event")


def bpmn_from_pm4py(graph: Any) -> Bpmn:
    """Our graph of a pm4py BPMN; node ids are given anew, in an order that depends on the model alone."""
    ids = {node: f"x{i}" for i, node in enumerate(graph.get_nodes())}
    nodes = []
    for node, name in ids.items():
        kind = _kind(node)
        nodes.append(Node(name, kind, str(node.get_name() or "") if kind in ("task", "event") else ""))
    flows = [
        Flow(ids[flow.get_source()], ids[flow.get_target()])
        for flow in graph.get_flows()
        if flow.get_source() in ids and flow.get_target() in ids
    ]
    return canonical(Bpmn(tuple(nodes), tuple(flows)))


def bpmn_to_pm4py(bpmn: Bpmn) -> Any:
    """The pm4py BPMN of our graph."""
    classes = pm4py.objects.bpmn.obj.BPMN
    kinds = {
        "start": classes.StartEvent,
        "end": classes.NormalEndEvent,
        "task": classes.Task,
        "xor": classes.ExclusiveGateway,
        "and": classes.ParallelGateway,
        "or": classes.InclusiveGateway,
        "event": classes.NormalIntermediateThrowEvent,
    }
    graph = classes()
    made = {node.id: kinds[node.kind](id=node.id, name=node.label) for node in bpmn.nodes}
    for node in made.values():
        graph.add_node(node)
    for flow in bpmn.flows:
        graph.add_flow(classes.SequenceFlow(made[flow.source], made[flow.target]))
    return graph


def petri_from_pm4py(net: Any, initial: Any, final: Any) -> PetriNet:
    """Our net of a pm4py net with its markings; ids are pm4py's names."""
    places = sorted(place.name for place in net.places)
    transitions = sorted((t.name, t.label) for t in net.transitions)
    arcs: list[tuple[str, str]] = []
    for arc in net.arcs:
        arcs += [(arc.source.name, arc.target.name)] * arc.weight
    if len(set(places)) < len(places) or len({name for name, _ in transitions}) < len(transitions):
        raise ModelError("Two places or two transitions of the net share a name.", fix="Give each its own name.")
    return PetriNet(
        places=tuple(places),
        transitions=tuple(Transition(name, label) for name, label in transitions),
        arcs=tuple(sorted(arcs)),
        initial=tuple(sorted((place.name, count) for place, count in initial.items())),
        final=tuple(sorted((place.name, count) for place, count in final.items())),
    )


def petri_to_pm4py(net: PetriNet) -> tuple[Any, Any, Any]:
    """The pm4py net of ours, with its initial and final marking."""
    classes = pm4py.objects.petri_net.obj
    out = classes.PetriNet("net")
    places = {name: classes.PetriNet.Place(name) for name in net.places}
    transitions = {t.id: classes.PetriNet.Transition(t.id, t.label) for t in net.transitions}
    out.places.update(places.values())
    out.transitions.update(transitions.values())
    add = pm4py.objects.petri_net.utils.petri_utils.add_arc_from_to
    ins, outs = arcs_of(net)
    for name, transition in transitions.items():
        for place, weight in Counter(ins[name]).items():
            add(places[place], transition, out, weight=weight)
        for place, weight in Counter(outs[name]).items():
            add(transition, places[place], out, weight=weight)
    markings = []
    for marking in (net.initial, net.final):
        made = classes.Marking()
        for name, count in marking:
            made[places[name]] = count
        markings.append(made)
    return out, markings[0], markings[1]


def bpmn_from_tree(tree: Any) -> Bpmn:
    """The block-structured BPMN of a pm4py process tree."""
    return bpmn_from_pm4py(pm4py.convert_to_bpmn(tree))


def bpmn_from_petri(net: PetriNet) -> Bpmn:
    """A BPMN that allows what the net allows: places become XOR gateways, synchronising transitions AND."""
    from workbench.mining.canonical import tidy

    return canonical(tidy(bpmn_from_pm4py(pm4py.convert_to_bpmn(*petri_to_pm4py(net)))))


# miners ----------------------------------------------------------------------------------------------------
def _checked(counts: VariantCounts) -> Counter[tuple[str, ...]]:
    log: Counter[tuple[str, ...]] = Counter()
    for variant, count in counts:
        if variant:
            log[variant] += count
    if not log:
        raise ModelError("There is no event to discover a model from.", fix="Choose dossiers with events.")
    return log


def discover_split(counts: VariantCounts, *, epsilon: float = 0.1, eta: float = 0.4) -> Bpmn:
    """Split Miner's model (Augusto et al. 2019) of variants with their counts.

    `epsilon`: how balanced two orders must be to count as parallel; `eta`: percentile of the edge filter.
    """
    from pm4py.algo.discovery.split_miner.variants.classic import Parameters

    log = _checked(counts)
    miner = _split_miner(log)
    return bpmn_from_pm4py(miner.apply(list(log), {Parameters.EPSILON.value: epsilon, Parameters.ETA.value: eta}))


def split_pairs(counts: VariantCounts, *, eta: float = 0.4) -> frozenset[tuple[str | None, str | None]]:
    """The directly-follows pairs Split Miner keeps when no steps are taken to be parallel; None is the start or the end.

    Its model without parallel steps allows exactly these pairs; the filter alone takes seconds where the whole miner
    takes minutes.
    """
    from pm4py.algo.discovery.split_miner.dfg_discovery.classic import strip_self_loops
    from pm4py.algo.discovery.split_miner.dtypes.log import END_LABEL, START_LABEL
    from pm4py.algo.discovery.split_miner.variants.classic import Parameters

    miner = _split_miner(_checked(counts))
    given = {Parameters.EPSILON.value: 0.0, Parameters.ETA.value: eta}
    traces = miner.do_extract_traces([variant for variant, _ in counts if variant], given)
    edges, loops = miner.do_dfg_discovery(traces, given)
    oracle = miner.do_concurrency(strip_self_loops(edges), traces, loops, given)
    kept = set(miner.do_filter(oracle.pdfg, given).edges) | {(step, step) for step in loops.self_loops}
    ends = {START_LABEL: None, END_LABEL: None}
    return frozenset((ends.get(a, a), ends.get(b, b)) for a, b in kept)


def _split_miner(log: Counter[tuple[str, ...]]) -> Any:
    """pm4py's miner on variants with counts, and with edges in an order that does not change."""
    from pm4py.algo.discovery.split_miner.dfg_discovery.classic import _discover_loops
    from pm4py.algo.discovery.split_miner.dtypes.log import END_LABEL, START_LABEL
    from pm4py.algo.discovery.split_miner.variants.classic import ClassicSplitMiner

    class Miner(ClassicSplitMiner):  # type: ignore[misc]
        def do_extract_traces(self, log: Any, parameters: Any = None) -> Any:
            return [[START_LABEL, *variant, END_LABEL] for variant in log]

        def do_dfg_discovery(self, traces: Any, parameters: Any = None) -> Any:
            edges: Counter[tuple[str, str]] = Counter()
            for trace, count in zip(traces, log.values(), strict=True):
                for pair in pairwise(trace):
                    edges[pair] += count
            return dict(sorted(edges.items())), _discover_loops(edges, traces)

    return Miner()


def discover_inductive_tree(counts: VariantCounts, *, noise: float = 0.2) -> Any:
    """The Inductive Miner infrequent's process tree (Leemans et al. 2014), as pm4py's object."""
    from pm4py.algo.discovery.inductive.dtypes.im_ds import IMDataStructureUVCL
    from pm4py.algo.discovery.inductive.variants.imf import IMFUVCL, IMFParameters
    from pm4py.objects.process_tree.utils import generic

    parameters = {IMFParameters.NOISE_THRESHOLD: noise}
    log = Counter(dict(counts))
    if not any(log):
        _checked(counts)
    tree = generic.fold(IMFUVCL(parameters).apply(IMDataStructureUVCL(log), parameters))
    generic.tree_sort(tree)
    return tree


def discover_inductive(counts: VariantCounts, *, noise: float = 0.2) -> Bpmn:
    """The Inductive Miner infrequent's model: block-structured and sound."""
    return bpmn_from_tree(discover_inductive_tree(counts, noise=noise))


def discover_heuristics(counts: VariantCounts, *, dependency: float = 0.5) -> Bpmn:
    """The heuristics miner's model (Weijters and Ribeiro 2011); it may be unsound."""
    from pm4py.algo.discovery.heuristics.variants import classic

    log = _checked(counts)
    edges: Counter[tuple[str, str]] = Counter()
    starts: Counter[str] = Counter()
    ends: Counter[str] = Counter()
    steps: Counter[str] = Counter()
    for variant, count in log.items():
        starts[variant[0]] += count
        ends[variant[-1]] += count
        for step in variant:
            steps[step] += count
        for pair in pairwise(variant):
            edges[pair] += count
    net = classic.apply_heu_dfg(
        dict(edges),
        activities=sorted(steps),
        activities_occurrences=dict(steps),
        start_activities=dict(starts),
        end_activities=dict(ends),
        parameters={classic.Parameters.DEPENDENCY_THRESH: dependency},
    )
    from pm4py.objects.conversion.heuristics_net import converter

    return bpmn_from_petri(petri_from_pm4py(*_named(*converter.apply(net))))


def _named(net: Any, initial: Any, final: Any) -> tuple[Any, Any, Any]:
    for kind in (net.places, net.transitions):
        for number, item in enumerate(sorted(kind, key=lambda one: one.name)):
            item.name = f"{item.name}#{number}"
    return net, initial, final
