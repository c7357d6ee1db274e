"""A selection as one file: its format follows from the name."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from workbench.errors import WorkbenchError
from workbench.export.event_log import EVENT_FACTS
from workbench.export.ocel import write_ocel
from workbench.export.tables import write_table
from workbench.export.xes import write_xes
from workbench.mining.grouping import label_columns
from workbench.progress import Progress, silent
from workbench.selection import Selection
from workbench.store import LogStore

FORMATS = (".xes", ".xes.gz", ".jsonocel", ".csv", ".xlsx", ".parquet")


def write_selection(
    store: LogStore,
    path: Path | str,
    selection: Selection | None = None,
    *,
    steps: bool = True,
    progress: Progress = silent,
) -> Path:
    """Write the dossiers of a selection as XES, OCEL 2.0 or a table of events; the path written.

    `steps` writes reviewed step names where a vocabulary is in force, else local labels. An unknown ending
    raises WorkbenchError naming the known ones.
    """
    target = Path(path)
    name = target.name.lower()
    if name.endswith((".xes", ".xes.gz")):
        return write_xes(store, target, selection, steps=steps, progress=progress)
    if name.endswith(".jsonocel"):
        return write_ocel(store, target, selection, steps=steps, progress=progress)
    if name.endswith((".csv", ".xlsx", ".parquet")):
        return write_table(event_table(store, selection, steps=steps), target, title="events")
    raise WorkbenchError(
        f"{target.name} has no known format.", fix=f"End it in {', '.join(FORMATS)}.", path=str(target)
    )


def event_table(store: LogStore, selection: Selection | None = None, *, steps: bool = True) -> pd.DataFrame:
    """The chained events of a selection, one row each, in the order of dossiers and their chains."""
    chosen = selection or Selection()
    store.check(chosen)
    events = store.events(chosen, steps=steps)
    codes = store.table("dossier").select("dossier_key", "dossier_code")
    joined = events.join(codes, "dossier_key").order_by("dossier_key", "position")
    rows = store.fetch(
        joined.select("procedure_code", "province_code", "dossier_code", "position", "step_id", *EVENT_FACTS)
    )
    named = label_columns(store, rows, label="step_id")
    return named[["procedure_code", "province_code", "dossier_code", "position", "label", *EVENT_FACTS]]
