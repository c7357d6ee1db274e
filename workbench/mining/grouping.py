"""Grouping dossiers and events by what a dossier is: organisation, agency, level, channel and the like."""

from __future__ import annotations

import ibis.expr.types as ir
import pandas as pd

from workbench.errors import SelectionError
from workbench.selection import Selection
from workbench.store import LogStore

GROUPS = (
    "province_code",
    "province_2025",
    "agency_code",
    "level",
    "channel",
    "service_level",
    "applicant_type",
    "procedure_code",
    "procedure_variant",
    "outcome",
)
"""Dossier columns by which figures may be split."""

_ON_EVENT = ("province_code", "procedure_code")


def check_by(by: str) -> str:
    """`by` itself; SelectionError when dossiers are not grouped by it."""
    if by not in GROUPS:
        raise SelectionError(
            f"Dossiers cannot be grouped by {by!r}.", fix=f"Use one of: {', '.join(GROUPS)}.", by=by, choices=GROUPS
        )
    return by


def events_by(store: LogStore, selection: Selection, by: str) -> ir.Table:
    """The chained events of a selection with the dossier's `by` in the column `organisation`."""
    check_by(by)
    events = store.events(selection)
    if by in _ON_EVENT:
        return events.mutate(organisation=events[by])
    d = store.dossiers(selection)
    keys = d.select(_key=d.dossier_key, organisation=d[by])
    return events.inner_join(keys, [events.dossier_key == keys["_key"]]).drop("_key")


def label_columns(store: LogStore, frame: pd.DataFrame, **columns: str) -> pd.DataFrame:
    """`frame` with id columns replaced by labels: label_columns(store, f, source="step_id") turns step_id to source."""
    labels = store.labels()
    out = frame.copy()
    for name, column in columns.items():
        out[column] = out[column].map(labels)
        out = out.rename(columns={column: name})
    return out
