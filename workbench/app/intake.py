"""The steps behind the data page: looking into uploaded files, loading them, the ledger, the quarantine."""

from __future__ import annotations

from collections.abc import Mapping as AnyMapping
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ibis
import pandas as pd

from workbench.clock import prepare_clocks
from workbench.intake import LoadReport, load, preview
from workbench.intake.preview import Preview, TablePreview
from workbench.intake.quality import QualityReport, quality
from workbench.progress import Progress, silent
from workbench.results import Result
from workbench.simulate import load_scenario, synthesise
from workbench.sources.mapping import TARGETS, Mapping
from workbench.sources.profiles import profile_of
from workbench.store import LogStore, open_store
from workbench.store.ledger import LedgerReport
from workbench.store.loading import retract


def inspect(paths: Sequence[Path], constants: AnyMapping[str, str] | None = None) -> Preview:
    """The tables of uploaded files with the mapping proposed for each; only the first rows are read.

    `constants` may hold options of reading: encoding, date_order, object_type.
    """
    return preview(paths, constants=constants, rows=50)


def as_role(table: TablePreview, role: str | None) -> TablePreview:
    """The table taken as event, dossier or pause by a person; choices that role cannot carry are dropped."""
    mapping = table.mapping
    if role not in TARGETS or role == mapping.role:
        return table
    kept = tuple(choice for choice in mapping.choices if choice.target in TARGETS[role])
    return replace(table, mapping=replace(mapping, role=role, choices=kept))


def edited(table: TablePreview, chosen: AnyMapping[str, str]) -> Mapping:
    """The table's mapping with a person's choices: source column to canonical column, `extra`, or nothing."""
    mapping = table.mapping
    wanted = {target: column for column, target in chosen.items() if target and target != "extra"}
    for choice in mapping.choices:
        if choice.column in chosen and wanted.get(choice.target) != choice.column:
            mapping = mapping.with_column(choice.target, None)
    for target, column in wanted.items():
        if mapping.column(target) != column:
            mapping = mapping.with_column(target, column)
    extra = tuple(column for column, target in chosen.items() if target == "extra")
    return replace(mapping, extra=extra) if chosen else mapping


def load_batch(
    store: LogStore,
    paths: Sequence[Path],
    mappings: Sequence[Mapping],
    *,
    constants: AnyMapping[str, str],
    now: datetime,
    progress: Progress = silent,
) -> LoadReport:
    """Load uploaded files with the mappings a person saw."""
    profile = profile_of(mappings, constants)
    return _with_clocks(store, load(store, list(paths), profile=profile, now=now, progress=progress))


@dataclass(frozen=True, slots=True)
class Tried(Result):
    """What a load would bring."""

    report: LoadReport
    quality: QualityReport


def try_batch(
    settings: AnyMapping[str, Any],
    paths: Sequence[Path],
    mappings: Sequence[Mapping],
    *,
    constants: AnyMapping[str, str],
    now: datetime,
    progress: Progress = silent,
) -> Tried:
    """Load uploaded files into a store of their own that is thrown away: its counts, remarks and quality report."""
    with TemporaryDirectory(prefix="workbench-try-") as folder:
        limits = {name: settings[name] for name in ("memory_limit", "threads")}
        with open_store(Path(folder) / "try.duckdb", **limits) as store:
            report = load_batch(store, paths, mappings, constants=constants, now=now, progress=progress)
            return Tried(report, quality(store, progress=progress))


def load_synthetic(
    store: LogStore, folder: Path, *, dossiers: int, seed: int, now: datetime, progress: Progress = silent
) -> LoadReport:
    """Make the synthetic country and load it."""
    synthesise(load_scenario(None), dossiers=dossiers, seed=seed, out=folder, progress=progress)
    return _with_clocks(store, load(store, [folder], now=now, progress=progress))


def take_back(store: LogStore, load_id: int, *, progress: Progress = silent) -> LedgerReport:
    """Take a load back."""
    report = retract(store, load_id, progress=progress)
    prepare_clocks(store)
    return report


def _with_clocks(store: LogStore, report: LoadReport) -> LoadReport:
    """Keep the verdicts of the dossiers, without progress: what was loaded stands, nothing is left to cancel."""
    if report.load_id is not None:
        prepare_clocks(store)
    return report


@dataclass(frozen=True, slots=True)
class Ledger(Result):
    """What was loaded, newest first."""

    loads: pd.DataFrame
    """The columns of the load table and `files`, their names in one text."""


def ledger(store: LogStore) -> Ledger:
    """The ledger of the store."""
    loads = store.fetch(store.table("load").order_by(ibis.desc("load_id")))
    files = store.fetch(store.table("load_file").select("load_id", "path").order_by("load_id", "path"))
    names = files.assign(path=[Path(path).name for path in files["path"]]).groupby("load_id")["path"].agg(", ".join)
    return Ledger(loads.assign(files=loads["load_id"].map(names).fillna("")))


@dataclass(frozen=True, slots=True)
class Quarantine(Result):
    """Rows that were refused."""

    reasons: pd.DataFrame
    """load_id, reason, n; most frequent first."""
    rows: pd.DataFrame
    """The refused rows, at most `limit`."""
    n: int


def quarantine(store: LogStore, *, limit: int = 2000) -> Quarantine:
    """The refused rows of the loads that stand."""
    q = store.table("quarantine")
    standing = store.table("load").filter(lambda t: t.status == "loaded").load_id
    kept = q.filter(q.load_id.isin(standing))
    reasons = store.fetch(kept.group_by("reason").aggregate(n=kept.count()).order_by(ibis.desc("n"), "reason"))
    rows = store.fetch(kept.order_by("load_id", "source", "line").limit(limit))
    return Quarantine(reasons, rows, int(reasons["n"].sum()))
