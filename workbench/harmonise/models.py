"""Models of one log that are proved sound."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from workbench.errors import ModelError
from workbench.mining.model import Bpmn, PetriNet, VariantCounts
from workbench.mining.pm4py_door import discover_split, to_petri
from workbench.mining.states import prove_soundness

Miner = Literal["split", "split_sequential"]


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
    tries: tuple[tuple[Miner, float], ...] = (("split", epsilon), ("split_sequential", 0.0))
    for miner, balance in tries:
        bpmn = discover_split(counts, epsilon=balance, eta=eta)
        net = to_petri(bpmn)
        if prove_soundness(net).sound:
            return SoundModel(bpmn, net, miner)
    raise ModelError("No sound model was found for the log.", fix="Choose other dossiers or review the step names.")
