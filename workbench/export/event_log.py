"""A selection's dossiers and events, read piece by piece for the log formats."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from workbench.columns import DOSSIER, EVENT
from workbench.selection import Selection
from workbench.store import LogStore

_DOSSIERS = 5_000
"""Dossiers read at a time."""
_DERIVED = frozenset(
    ("dossier_key", "load_id", "variant_key", "calendar_id", "event_count", "first_at", "last_at", "province_2025",
     "received_at", "throughput_seconds", "throughput_working_seconds", "paused_seconds", "paused_working_seconds",
     "supplement_count", "extra")
)  # fmt: skip
DOSSIER_FACTS = tuple(name for name in DOSSIER if name not in _DERIVED)
EVENT_FACTS = ("status", "started_at", "completed_at", "unit", "role", "officer_key", "step_due_at")
ZONE = "+07:00"
"""Times of the store are local, Asia/Ho_Chi_Minh, which has had one offset since 1975."""

Row = dict[str, Any]


def dossiers_with_events(
    store: LogStore, selection: Selection | None = None, *, steps: bool = True
) -> Iterator[tuple[Row, list[Row]]]:
    """Each dossier of the selection with its events in order; only a piece of the log is in memory.

    An event carries `label`: the reviewed step where a vocabulary is in force and `steps` is True, else the
    local label. Artefacts left out of the chain are not here; empty values are left out of the rows.
    """
    chosen = selection or Selection()
    store.check(chosen)
    labels = store.labels()
    dossiers = store.dossiers(chosen).select("dossier_key", *DOSSIER_FACTS)
    events = store.events(chosen, steps=steps).select("dossier_key", "position", "step_id", *EVENT_FACTS)
    keys = [row["dossier_key"] for row in _rows(dossiers.select("dossier_key").order_by("dossier_key"))]
    for begin in range(0, len(keys), _DOSSIERS):
        low, high = keys[begin], keys[min(begin + _DOSSIERS, len(keys)) - 1]
        piece = events.filter(events.dossier_key.between(low, high)).order_by("dossier_key", "position")
        own: dict[int, list[Row]] = {}
        for event in _rows(piece):
            facts = {name: event[name] for name in EVENT_FACTS if name in event}
            own.setdefault(event["dossier_key"], []).append({"label": labels[event["step_id"]], **facts})
        heads = dossiers.filter(dossiers.dossier_key.between(low, high)).order_by("dossier_key")
        for head in _rows(heads):
            yield {k: v for k, v in head.items() if k != "dossier_key"}, own.get(head["dossier_key"], [])


def _rows(expression: Any) -> list[Row]:
    """Rows as plain dicts without empty values."""
    return [
        {name: value for name, value in row.items() if value is not None} for row in expression.to_pyarrow().to_pylist()
    ]


def iso(moment: datetime) -> str:
    """A store time with its zone, milliseconds only where there are any."""
    return moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds") + ZONE


assert set(EVENT_FACTS) <= set(EVENT)
