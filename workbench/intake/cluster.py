"""A folder of Parquet files on a cluster as a log that can be asked: prepared once, then found again.

What is prepared lies under a work folder in a sub-folder named after the content's fingerprint (names, sizes and times
of the files, calendars, version of the workbench). `prepared.json` is written last and marks it whole.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib import metadata
from pathlib import Path

import duckdb
import ibis.expr.types as ir
import pandas as pd

from workbench.clock import ensure_calendars
from workbench.clock.legal import latest_event
from workbench.clock.prepared import mark_kept, verdict_sums, verdicts
from workbench.intake.cluster_rows import Read, read
from workbench.intake.companions import CALENDARS, PROCESSES, TRUTH, install_companions
from workbench.progress import Progress, silent
from workbench.results import Result
from workbench.store.schema import quote
from workbench.store.spark.engine import Engine
from workbench.store.spark.files import Item, Storage, fingerprint, location, log_files
from workbench.store.spark.prepared import BIG, Counts, write
from workbench.store.spark.session import connect
from workbench.store.spark.spark_store import ON_CLUSTER, SparkStore, small_database

FORM = "4"
"""Changes when what is prepared changes, so that older folders are not taken for it."""
MARK = "prepared.json"
WORK = "_workbench"
KEPT = ("calendar_day", "calendar_rule", "internal_process")
"""Small tables that may lie beside the rows as Parquet, as `workbench export --table rows` writes them."""


@dataclass(frozen=True, slots=True)
class Prepared(Result):
    """What a preparation did."""

    folder: str
    """Where the prepared tables lie."""
    fresh: bool
    """False when they were there already."""
    dossiers: int
    events: int
    pauses: int
    repeated_events: int
    events_without_dossier: int
    refused: Mapping[str, int]
    """Rows that could not be used, by `table.reason`."""


def open_cluster_log(
    folder: str | Path,
    master: str,
    *,
    options: Mapping[str, str] | None = None,
    work: str | None = None,
    now: datetime,
    progress: Progress = silent,
) -> SparkStore:
    """The log in `folder` on the Spark cluster `master`, prepared if it is not yet.

    `folder` and `work` (default: `_workbench` in the folder) are paths all machines of the cluster see: file:, hdfs:, s3a:
    or abfs:. Raises StoreError when Spark cannot be used or the folder holds no events, MappingError when a needed
    column is missing.
    """
    return prepare_cluster_log(folder, master, options=options, work=work, now=now, progress=progress)[0]


def prepare_cluster_log(
    folder: str | Path,
    master: str,
    *,
    options: Mapping[str, str] | None = None,
    work: str | None = None,
    now: datetime,
    progress: Progress = silent,
) -> tuple[SparkStore, Prepared]:
    """The same, with what was done."""
    engine = Engine(connect(master, options))
    storage = Storage(engine.session)
    source = location(folder)
    files = log_files(storage, source)
    beside = _beside(storage, source)
    key = fingerprint([one for items in files.values() for one in items] + beside, FORM, _version())
    there = f"{location(work) if work else f'{source}/{WORK}'}/{key}"
    con = small_database()
    store = SparkStore(engine, source, key, con, progress=progress)
    _install(store, storage, beside)
    mark = next((one for one in storage.items(there) if one.name == MARK), None)
    if mark is not None:
        done, as_of = _recall(storage, con, there, mark)
        for name in ON_CLUSTER:
            _show(store, there, name)
    else:
        done, as_of = _prepare(store, storage, files, there, progress)
    _enter(con, done, files, now)
    mark_kept(store, as_of)
    return store, done


def _save(store: SparkStore, rows: ir.Table, path: str, progress: Progress) -> None:
    frame = store.engine.frame(rows)
    store.engine.watched(lambda: frame.write.mode("overwrite").parquet(path), progress)


def _show(store: SparkStore, there: str, name: str) -> None:
    store.engine.view(f"wb_{store.key}_{name}", store.engine.session.read.parquet(f"{there}/{name}"))


def _version() -> str:
    return metadata.version("workbench")


def _beside(storage: Storage, source: str) -> list[Item]:
    names = {CALENDARS, PROCESSES, TRUTH, *(f"{name}.parquet" for name in KEPT)}
    return [one for one in storage.items(source) if one.name in names]


def _install(store: SparkStore, storage: Storage, beside: list[Item]) -> None:
    """Calendars, published processes and the mark of a synthetic log, as `workbench load` takes them."""
    store.read_only = False
    with tempfile.TemporaryDirectory() as made:
        copies = [storage.fetch(one, Path(made)) for one in beside]
        for copy in copies:
            if copy.suffix == ".parquet":
                store.con.execute(f"insert into {quote(copy.stem)} by name select * from read_parquet(?)", [str(copy)])
        install_companions(store, [Path(made)])
    ensure_calendars(store)
    store.read_only = True


def _prepare(
    store: SparkStore, storage: Storage, files: Mapping[str, list[Item]], there: str, progress: Progress
) -> tuple[Prepared, datetime]:
    """Write everything under `there`; what was done, and the moment open dossiers are judged at."""
    engine, con = store.engine, store.con
    found = read(engine, files, progress=progress)
    counts = write(engine, found.rows, con, there, progress=progress)
    _fill(con, found, engine)
    for name in BIG:
        _show(store, there, name)
    for name, rows in (("clock_verdict", verdicts), ("summary_clock", verdict_sums)):
        _save(store, rows(store), f"{there}/{name}", progress)
        _show(store, there, name)
    as_of = latest_event(store)
    done = _report(there, found, counts)
    facts = {
        **asdict(done),
        "as_of": as_of.isoformat(),
        "activities": found.activities.to_pylist(),
        "pairs": con.execute("select province_code, activity_id from label_pair").fetchall(),
    }
    for name in ("rows", "again", "base", "keyed", "facts", "bounded", "calendar_day"):
        storage.remove(f"{there}/{name}")
    storage.write(f"{there}/{MARK}", json.dumps(facts, ensure_ascii=False))
    return done, as_of


def _fill(con: duckdb.DuckDBPyConnection, found: Read, engine: Engine) -> None:
    event = engine.backend.table("wb_prepare_event")
    pairs = engine.fetch(event.select("province_code", "activity_id").distinct())
    con.register("new_activity", found.activities)
    con.execute("insert into activity by name select * from new_activity")
    con.unregister("new_activity")
    _pairs(con, list(pairs.itertuples(index=False, name=None)))


def _pairs(con: duckdb.DuckDBPyConnection, pairs: list[tuple[str, int]]) -> None:
    frame = pd.DataFrame(pairs, columns=["province_code", "activity_id"])
    con.register("new_pair", frame)
    con.execute("insert into label_pair select province_code::varchar, activity_id::integer from new_pair")
    con.unregister("new_pair")


def _report(there: str, found: Read, counts: Counts) -> Prepared:
    refused = {f"{table}.{reason}": rows for (table, reason), rows in sorted(found.refused.items())}
    return Prepared(
        there, True, counts.dossiers, counts.events, counts.pauses, counts.repeated_events,
        counts.events_without_dossier, refused,
    )  # fmt: skip


def _recall(storage: Storage, con: duckdb.DuckDBPyConnection, there: str, mark: Item) -> tuple[Prepared, datetime]:
    with tempfile.TemporaryDirectory() as made:
        facts = json.loads(storage.fetch(mark, Path(made)).read_text("utf-8"))
    rows = [(one["activity_id"], one["label"]) for one in facts["activities"]]
    if rows:
        con.executemany("insert into activity values (?, ?)", rows)
    _pairs(con, [tuple(pair) for pair in facts["pairs"]])
    known = {name: facts[name] for name in Prepared.__dataclass_fields__}
    return Prepared(**{**known, "fresh": False, "folder": there}), datetime.fromisoformat(facts["as_of"])


def _enter(con: duckdb.DuckDBPyConnection, done: Prepared, files: Mapping[str, list[Item]], now: datetime) -> None:
    """The one line of the ledger, so that figures can name what they rest on."""
    refused = sum(done.refused.values()) + done.events_without_dossier
    loaded = done.dossiers + done.events + done.pauses
    con.execute(
        "insert into load by name select 1::integer as load_id, ?::timestamp as loaded_at, 'loaded' as status, "
        "'spark' as format, ? as profile, ?::bigint as rows_in, ?::bigint as rows_loaded, ?::bigint as rows_quarantined, "
        "?::bigint as rows_duplicate, ?::bigint as dossiers, ?::bigint as events, ? as software",
        [now, json.dumps({}), loaded + refused + done.repeated_events, loaded, refused, done.repeated_events,
         done.dossiers, done.events, _version()],
    )  # fmt: skip
    rows = [[1, one.path, "", one.bytes, table.removesuffix("s"), 0] for table, items in files.items() for one in items]
    con.executemany("insert into load_file values (?, ?, ?, ?, ?, ?)", rows)
