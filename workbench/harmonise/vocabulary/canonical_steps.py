"""The steps harmonising works with: the reviewed vocabulary, and proposals for labels nobody has reviewed yet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from workbench.harmonise.vocabulary.vocabulary import propose_vocabulary
from workbench.mining.internal_process import internal_processes
from workbench.selection import Selection
from workbench.store import LogStore
from workbench.store.trial import trying
from workbench.store.vocabulary import EVERYWHERE, Judgement, read_vocabulary

State = Literal["reviewed", "mixed", "proposed", "labels"]
"""Where step names come from: people's decisions, both, unreviewed proposals, or the labels as they are."""


@contextmanager
def canonical_steps(store: LogStore, selection: Selection, *, known: tuple[str, ...] = ()) -> Iterator[State]:
    """Inside, the store answers in canonical steps; the state says who decided them.

    `known` are step names to propose before all others: those of a model the log is held against.

    A reviewed line is never overruled. Inside a trial, or where proposals would change nothing, the store stays as it is.
    """
    if store.trial:
        yield "proposed"
        return
    reviewed = read_vocabulary(store)
    reviewed = reviewed[reviewed["reviewed_by"].notna()]
    decided = set(zip(reviewed["province_code"], reviewed["label"], strict=True))
    names = tuple(dict.fromkeys((*known, *published_steps(store, selection))))
    proposals = propose_vocabulary(store, selection, known=names).proposals
    open_lines = [
        Judgement(organisation, label, step)
        for organisation, label, step in proposals[["organisation", "label", "step"]].itertuples(index=False)
        if (organisation, label) not in decided and (EVERYWHERE, label) not in decided
    ]
    some_reviewed = len(open_lines) < len(proposals)
    changes = [line for line in open_lines if line.label != line.step]
    if not changes:
        yield "reviewed" if some_reviewed else "labels"
        return
    with trying(store, changes):
        yield "mixed" if some_reviewed else "proposed"


def published_steps(store: LogStore, selection: Selection) -> tuple[str, ...]:
    """Step names of the published processes of the selection's procedure kept in the store, the national one first."""
    if selection.procedure is None:
        return ()
    kept = sorted(internal_processes(store, procedure=selection.procedure), key=lambda one: one.province is not None)
    return tuple(dict.fromkeys(step.name for process in kept for step in process.steps))
