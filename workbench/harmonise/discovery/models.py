"""Models of one log that are proved sound."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from workbench.errors import ModelError
from workbench.harmonise.discovery.routing import END, START, routes
from workbench.mining.model import Bpmn, PetriNet, VariantCounts
from workbench.mining.pm4py_door import discover_split, split_pairs, to_petri
from workbench.mining.states import prove_soundness

Miner = Literal["split", "split_sequential"]
MANY_STEPS = 150
"""Steps beyond which no parallel model is tried: finding one takes minutes, and in logs of that many steps it is unsound."""


@dataclass(frozen=True, slots=True)
class SoundModel:
    """A model that is proved sound, as BPMN and as Petri net, and how it was found."""

    bpmn: Bpmn
    net: PetriNet
    miner: Miner


@lru_cache(maxsize=512)
def sound_model(counts: VariantCounts, *, epsilon: float = 0.1, eta: float = 0.4) -> SoundModel:
    """Split Miner's model of a log; without parallel steps when the parallel one is not sound.

    Without parallel gateways every step lies between the start and the end, which is sound by construction.
    """
    if len({step for variant, _ in counts for step in variant}) <= MANY_STEPS:
        bpmn = discover_split(counts, epsilon=epsilon, eta=eta)
        net = to_petri(bpmn)
        if prove_soundness(net).sound:
            return SoundModel(bpmn, net, "split")
    bpmn = _sequential(counts, eta)
    net = to_petri(bpmn)
    if prove_soundness(net).sound:
        return SoundModel(bpmn, net, "split_sequential")
    raise ModelError("No sound model was found for the log.", fix="Choose other dossiers or review the step names.")


def _sequential(counts: VariantCounts, eta: float) -> Bpmn:
    """The model of the pairs Split Miner keeps, with as few gateways as sharing gives."""
    pairs = split_pairs(counts, eta=eta)
    steps = sorted({step for pair in pairs for step in pair if step is not None})
    number = {step: place for place, step in enumerate(steps, 1)}
    made = routes(
        {place: step for step, place in number.items()},
        [(START if a is None else number[a], END if b is None else number[b]) for a, b in pairs],
    )
    if made is None:
        raise ModelError("The log has no way from a start to an end.", fix="Choose other dossiers.")
    return made.bpmn
