"""Step names for looking around: reviewed ones first, unreviewed proposals where nobody has decided yet.

Offices write one step in many ways; without common names a map of many offices shows spellings, not work. The
proposals are tried on a handle of the store and change nothing in the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from workbench.charts.records import records
from workbench.harmonise.vocabulary.vocabulary import propose_vocabulary
from workbench.results import Result
from workbench.selection import Selection
from workbench.store import LogStore
from workbench.store.trial import trying
from workbench.store.vocabulary import EVERYWHERE, Judgement, read_vocabulary


@dataclass(frozen=True, slots=True)
class Naming(Result):
    """Unreviewed proposals that are tried, and what they do."""

    tried: tuple[Judgement, ...] = ()
    labels: int = 0
    """Different labels in the procedure."""
    steps: int = 0
    """Different steps they are taken for."""


def proposed_names(store: LogStore, procedure: str) -> Naming:
    """Proposals for the labels of a procedure that nobody has reviewed."""
    reviewed = read_vocabulary(store)
    reviewed = reviewed[reviewed["reviewed_by"].notna()]
    decided = set(zip(reviewed["province_code"], reviewed["label"], strict=True))
    proposals = propose_vocabulary(store, Selection(procedure=procedure)).proposals
    tried = tuple(
        Judgement(row.organisation, row.label, row.step)
        for row in records(proposals)
        if row.label != row.step and (row.organisation, row.label) not in decided
        and (EVERYWHERE, row.label) not in decided
    )  # fmt: skip
    return Naming(tried, int(proposals["label"].nunique()), int(proposals["step"].nunique()))


@contextmanager
def step_names(store: LogStore, naming: Naming) -> Iterator[None]:
    """Inside, the store answers in these names."""
    if not naming.tried or store.trial:
        yield
        return
    with trying(store, naming.tried):
        yield
