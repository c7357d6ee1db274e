"""What the units and officers around a step tell about the move it calls for, whatever the step is named.

- merge: the same officer of the same unit does the step right before or after; elsewhere it is no step of its own (task
  composition of Reijers and Liman Mansar 2005);
- cut_handover: the dossier leaves a unit for the step and comes back to the same unit (A, B, A).

A kind of evidence counts from MOSTLY of the passes whose units (and officers) are recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import ibis
import ibis.expr.types as ir

from workbench.results import records
from workbench.selection import Selection
from workbench.store import LogStore

MOSTLY = 0.8
LEAST = 5
"""Passes with recorded units needed."""


@dataclass(frozen=True, slots=True)
class ChainEvidence:
    """Passes of one step in one organisation, by who acts around it."""

    passes: int
    """Passes with the units before and after recorded, or the officers of the step and a neighbour."""
    same_officer: float | None
    """Share in which the officer of a neighbouring step, of the same unit, also does this one; None: not recorded."""
    returned: float | None
    """Share in which the dossier comes from a unit, is in another for the step, and goes back; None: not recorded."""

    @property
    def move(self) -> Literal["merge", "cut_handover"] | None:
        """merge, cut_handover, or None where who acts around the step tells nothing."""
        if self.passes < LEAST:
            return None
        if self.same_officer is not None and self.same_officer >= MOSTLY:
            return "merge"
        if self.returned is not None and self.returned >= MOSTLY:
            return "cut_handover"
        return None


def chain_evidence(store: LogStore, selection: Selection, *, by: str) -> dict[tuple[str, str], ChainEvidence]:
    """(organisation, step) to the evidence, over the closed dossiers of a selection."""
    closed = selection.with_(closed=True)
    e, d = store.events(closed), store.dossiers(closed)
    window = ibis.window(group_by="dossier_key", order_by="position")
    around = e.mutate(
        unit_before=e.unit.lag().over(window),
        unit_after=e.unit.lead().over(window),
        officer_before=e.officer_key.lag().over(window),
        officer_after=e.officer_key.lead().over(window),
    )
    known = around.unit.notnull() & around.officer_key.notnull()
    before = known & (around.officer_key == around.officer_before) & (around.unit == around.unit_before)
    after = known & (around.officer_key == around.officer_after) & (around.unit == around.unit_after)
    units = around.unit.notnull() & around.unit_before.notnull() & around.unit_after.notnull()
    back = units & (around.unit_before == around.unit_after) & (around.unit != around.unit_before)
    officers = known & (around.officer_before.notnull() | around.officer_after.notnull())
    marked = around.select(
        "dossier_key", "step_id", officers=officers.fill_null(False), same=(before | after).fill_null(False),
        units=units.fill_null(False), back=back.fill_null(False),
    )  # fmt: skip
    whose = d.select("dossier_key", organisation=d[by])
    counted = marked.join(whose, "dossier_key").group_by(["organisation", "step_id"])
    table = store.fetch(counted.aggregate(**{name: _count(name) for name in ("officers", "same", "units", "back")}))
    labels = store.labels()
    return {(row["organisation"], labels[row["step_id"]]): _evidence(row) for row in records(table)}


def _count(name: str) -> Callable[[ir.Table], Any]:
    return lambda t: t[name].cast("int64").sum()


def _evidence(row: dict[str, Any]) -> ChainEvidence:
    return ChainEvidence(
        passes=max(int(row["officers"]), int(row["units"])),
        same_officer=row["same"] / row["officers"] if row["officers"] else None,
        returned=row["back"] / row["units"] if row["units"] else None,
    )
