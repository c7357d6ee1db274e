"""Discovery: a process model made from variants and how many dossiers follow each, never from single events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from workbench.errors import SettingError
from workbench.mining.model import Bpmn, VariantCounts
from workbench.mining.pm4py_door import (
    Soundness,
    discover_heuristics,
    discover_inductive,
    discover_split,
    prove_soundness,
    to_petri,
)
from workbench.results import Basis, Result

Algorithm = Literal["split", "inductive", "heuristics"]
ALGORITHMS: tuple[Algorithm, ...] = ("split", "inductive", "heuristics")
"""Split Miner (Augusto et al. 2019), Inductive Miner infrequent (Leemans et al. 2014), heuristics miner (Weijters
and Ribeiro 2011)."""

OPTIONS: Mapping[str, Mapping[str, float]] = {
    "split": {"epsilon": 0.1, "eta": 0.4},
    "inductive": {"noise": 0.2},
    "heuristics": {"dependency": 0.5},
}
"""Options of each algorithm with their defaults, all between 0 and 1.

`epsilon`: how balanced the two orders of two steps must be to count as parallel. `eta`: percentile of the edge
filter. `noise`: edges rarer than this share of the strongest are set aside. `dependency`: least strength of an edge.
"""

_MINERS: Mapping[str, Callable[..., Bpmn]] = {
    "split": discover_split,
    "inductive": discover_inductive,
    "heuristics": discover_heuristics,
}


@dataclass(frozen=True, slots=True)
class Discovery(Result):
    """A discovered model and what is known of it."""

    model: Bpmn
    algorithm: str
    options: dict[str, float]
    soundness: Soundness
    """Proved sound or unsound with the reason; `sound` None when the search limit came first."""
    sequential: bool
    """Whether parallel gateways were given up because Split Miner's parallel model was not sound."""
    n_variants: int
    basis: Basis

    @property
    def size(self) -> int:
        """Number of nodes of the model."""
        return self.model.size


def discover_model(counts: VariantCounts, *, algorithm: str = "split", sound: bool = True, **options: float) -> Bpmn:
    """The model an algorithm finds in variants with counts; equal input gives an equal model.

    See `discover`, which also says what is known of the model.
    """
    return discover(counts, algorithm=algorithm, sound=sound, **options).model


def discover(counts: VariantCounts, *, algorithm: str = "split", sound: bool = True, **options: float) -> Discovery:
    """The discovered model together with the proof of its soundness.

    Split Miner can give an unsound model where steps seem parallel. With `sound` it is then run again without
    parallel relations (epsilon 0): every node lies between start and end and only choices and loops are left, which
    is sound by construction. The heuristics miner has no such way out; the result says so. Raises ModelError when no
    variant has a step, SettingError for an unknown algorithm or option.
    """
    chosen = _options(algorithm, options)
    model = _MINERS[algorithm](counts, **chosen)
    proof = prove_soundness(to_petri(model))
    sequential = sound and algorithm == "split" and proof.sound is not True
    if sequential:
        chosen["epsilon"] = 0.0
        model = discover_split(counts, **chosen)
        proof = prove_soundness(to_petri(model))
    return Discovery(
        model=model,
        algorithm=algorithm,
        options=chosen,
        soundness=proof,
        sequential=sequential,
        n_variants=len(counts),
        basis=Basis(n_dossiers=sum(n for _, n in counts), n_events=sum(len(v) * n for v, n in counts)),
    )


def _known(algorithm: str) -> str:
    if algorithm not in _MINERS:
        raise SettingError(
            f"There is no discovery algorithm {algorithm!r}.",
            fix=f"Use one of: {', '.join(ALGORITHMS)}.",
            name="algorithm",
            value=algorithm,
        )
    return algorithm


def _options(algorithm: str, given: Mapping[str, float]) -> dict[str, float]:
    out = dict(OPTIONS[_known(algorithm)])
    for name, value in given.items():
        if name not in out:
            raise SettingError(
                f"The algorithm {algorithm!r} has no option {name!r}.",
                fix=f"It has: {', '.join(out)}.",
                name=name,
            )
        if not 0 <= value <= 1:
            raise SettingError(f"{name} is {value!r}.", fix="Give a number between 0 and 1.", name=name, value=value)
        out[name] = float(value)
    return out
