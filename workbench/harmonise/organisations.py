"""The logs of many organisations that run one procedure, ready to be compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from workbench.errors import TooFewCases
from workbench.mining.model import Variant, VariantCounts
from workbench.mining.variants import ranked, variant_counts_by
from workbench.selection import Selection
from workbench.store import LogStore

MAX_EVENTS = 1_000_000
"""Events of distinct variants judged at once; beyond, dossiers are sampled and the result says so."""


@dataclass(frozen=True)
class OrganisationLogs:
    """Variants with counts per organisation, in code order; `shares` says what part of its dossiers is here."""

    counts: Mapping[str, VariantCounts]
    shares: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The organisations."""
        return tuple(self.counts)

    @cached_property
    def dossiers(self) -> dict[str, int]:
        """Dossiers per organisation."""
        return {name: sum(n for _, n in counts) for name, counts in self.counts.items()}

    @cached_property
    def pooled(self) -> VariantCounts:
        """All organisations as one log."""
        return merged(self.counts)

    @cached_property
    def places(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Per organisation, the places of its variants in `pooled` and their counts."""
        place = {variant: number for number, (variant, _) in enumerate(self.pooled)}
        return {
            name: (
                np.array([place[variant] for variant, _ in counts], dtype=np.int64),
                np.array([n for _, n in counts], dtype=np.int64),
            )
            for name, counts in self.counts.items()
        }

    @property
    def sampled(self) -> bool:
        """Whether some organisation is represented by a sample."""
        return any(share < 1 for share in self.shares.values())

    def steps(self, name: str) -> set[str]:
        """The steps one organisation's dossiers take."""
        return {step for variant, _ in self.counts[name] for step in variant}

    def part(self, names: tuple[str, ...]) -> OrganisationLogs:
        """Some of the organisations."""
        return OrganisationLogs({n: self.counts[n] for n in names}, {n: self.shares.get(n, 1.0) for n in names})


def merged(counts: Mapping[str, VariantCounts]) -> VariantCounts:
    """Several logs as one."""
    total: dict[Variant, int] = {}
    for one in counts.values():
        for variant, n in one:
            total[variant] = total.get(variant, 0) + n
    return ranked(list(total.items()))


def balanced(counts: Mapping[str, VariantCounts], weight: int = 1_000) -> VariantCounts:
    """Several logs as one in which every organisation weighs about `weight` dossiers, whatever its size.

    Counts are rounded up, so that no variant is lost.
    """
    scaled = {}
    for name, one in counts.items():
        total = sum(n for _, n in one)
        scaled[name] = tuple((variant, max(1, round(n * weight / total))) for variant, n in one)
    return merged(scaled)


def organisation_logs(
    store: LogStore,
    selection: Selection,
    *,
    by: str = "province_code",
    at_least: int = 2,
    seed: int = 1,
    max_events: int = MAX_EVENTS,
) -> OrganisationLogs:
    """The logs per organisation of a selection; TooFewCases with fewer than `at_least` organisations.

    When the distinct variants hold more than `max_events` events, each organisation is represented by a random
    sample of its dossiers (by `seed`).
    """
    counts = variant_counts_by(store, selection, by=by)
    if not counts:
        raise TooFewCases(
            "The selection holds no dossier with events and an organisation.",
            fix="Choose another procedure, period or grouping.",
            by=by,
        )
    if len(counts) < at_least:
        raise TooFewCases(
            f"The selection holds one organisation only: {next(iter(counts))}.",
            fix="Choose dossiers of at least two organisations, or group by something else.",
            by=by,
            organisations=list(counts),
        )
    return sample(counts, seed=seed, max_events=max_events)


def comparable_logs(
    store: LogStore, selection: Selection, *, by: str, seed: int = 1, max_events: int = MAX_EVENTS
) -> OrganisationLogs:
    """The logs of at least two organisations; TooFewCases when none of them has two dossiers."""
    logs = organisation_logs(store, selection, by=by, seed=seed, max_events=max_events)
    if max(logs.dossiers.values()) < 2:
        raise TooFewCases(
            "No organisation has more than one dossier with events.", fix="Choose a longer period.", by=by
        )
    return logs


def sample(counts: Mapping[str, VariantCounts], *, seed: int, max_events: int) -> OrganisationLogs:
    """The logs themselves, or a random sample of dossiers of each when they are too large together."""
    events = {name: sum(len(variant) for variant, _ in one) for name, one in counts.items()}
    if sum(events.values()) <= max_events:
        return OrganisationLogs(dict(counts), dict.fromkeys(counts, 1.0))
    random = np.random.default_rng(seed)
    budget = _shared_out(events, max_events)
    chosen: dict[str, VariantCounts] = {}
    shares: dict[str, float] = {}
    for name, one in counts.items():
        chosen[name], shares[name] = _drawn(one, budget[name], events[name], random)
    return OrganisationLogs(chosen, shares)


def _shared_out(events: dict[str, int], total: int) -> dict[str, int]:
    """A budget per organisation: small ones keep all, the rest share what is left evenly."""
    left, open_names, budget = total, sorted(events, key=lambda name: events[name]), {}
    while open_names:
        name = open_names.pop(0)
        budget[name] = min(events[name], left // (len(open_names) + 1))
        left -= budget[name]
    return budget


def _drawn(counts: VariantCounts, budget: int, events: int, random: np.random.Generator) -> tuple[VariantCounts, float]:
    if events <= budget:
        return counts, 1.0
    numbers = np.array([n for _, n in counts], dtype=np.int64)
    total, size = int(numbers.sum()), int(numbers.sum())
    draw = numbers
    while size > 1:
        size = max(1, size // 2)
        draw = random.multivariate_hypergeometric(numbers, size, method="marginals")
        if sum(len(counts[i][0]) for i in np.flatnonzero(draw)) <= budget:
            break
    return ranked([(counts[i][0], int(draw[i])) for i in np.flatnonzero(draw)]), size / total
