"""The rows of a whole store as Parquet files, as a Spark cluster (or another store) reads them."""

from __future__ import annotations

from pathlib import Path

from workbench.progress import Progress, silent
from workbench.store import LogStore
from workbench.store.schema import DOSSIER_GIVEN, EVENT_GIVEN, PAUSE_GIVEN, quote

SMALL = ("calendar_day", "calendar_rule", "internal_process")


def write_rows(store: LogStore, folder: Path | str, *, progress: Progress = silent) -> int:
    """Write dossiers, events, pauses, calendars and published processes of `store`; the number of rows.

    Names of people are keyed hashes as in the store. The files take the place of earlier ones of the same names.
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    queries = {**_queries(), **{name: f"select * from {name}" for name in SMALL}}
    rows = 0
    for done, (name, query) in enumerate(queries.items()):
        progress("export", done, len(queries))
        aside = target / f".{name}.part"
        path = str(aside).replace("'", "''")
        rows += int(store.con.execute(f"copy ({query}) to '{path}' (format parquet)").fetchall()[0][0])
        aside.replace(target / f"{name}.parquet")
    progress("export", len(queries), len(queries))
    return rows


def _queries() -> dict[str, str]:
    identity = "d.province_code, d.dossier_code"
    dossier = ", ".join(
        "d.outcome_given as outcome" if name == "outcome" else f"d.{quote(name)}" for name in DOSSIER_GIVEN
    )
    event = ", ".join(f"e.{quote(name)}" for name in EVENT_GIVEN)
    pause = ", ".join(f"p.{quote(name)}" for name in PAUSE_GIVEN)
    return {
        "dossiers": f"select {identity}, {dossier} from dossier d order by d.dossier_key",
        "events": f"select {identity}, a.label, {event} from event e join dossier d using (dossier_key) "
        "join activity a using (activity_id) order by e.dossier_key, e.completed_at, e.source_order",
        "pauses": f"select {identity}, {pause} from pause p join dossier d using (dossier_key) "
        "order by p.dossier_key, p.paused_from",
    }
