"""A load in which one row of a hundred is broken beside the same load without faults: what becomes of the rows, and the time.

Both logs are loaded into fresh stores in one run, in turn, so that the ratio of their times means something on a machine
that others use.
"""

from __future__ import annotations

import json
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

import workbench as wb
from tests.bench.speed import EVENTS_PER_DOSSIER, machine
from workbench.intake import LoadReport, load
from workbench.store import open_store

EVERY = 100
"""One event of so many is broken."""
_NOW = datetime(2026, 11, 1)
_FAULTS = (
    ("completed_at", "null"),
    ("dossier_code", "null"),
    ("started_at", "completed_at + interval 1 day"),
)
"""Column and what stands there instead; each fault hits a third of the broken rows."""


def measure(events: int = 10_000_000) -> dict[str, Any]:
    """Seconds of both loads and where the rows went."""
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        clean, broken = place / "clean", place / "broken"
        wb.synthesise(clean, dossiers=round(events / EVENTS_PER_DOSSIER), seed=1)
        rows = _break(clean, broken)
        (first, took, cpu), (second, took_broken, cpu_broken) = (_loaded(folder) for folder in (clean, broken))
    return {
        "machine": machine(),
        "events": first.events,
        "broken_rows": rows,
        "quarantined": second.rows_quarantined - first.rows_quarantined,
        "loaded_clean": first.rows_loaded,
        "loaded_broken": second.rows_loaded,
        "read_alike": first.rows_in == second.rows_in,
        "reasons": second.reasons,
        "seconds_clean": round(took, 1),
        "seconds_broken": round(took_broken, 1),
        "ratio": round(took_broken / took, 3),
        "cpu_seconds_clean": round(cpu, 1),
        "cpu_seconds_broken": round(cpu_broken, 1),
        "cpu_ratio": round(cpu_broken / cpu, 3),
    }


def _break(clean: Path, broken: Path) -> int:
    """A copy of a log with faults in one event of EVERY; the number of broken rows."""
    broken.mkdir()
    total = 0
    con = duckdb.connect()
    for file in sorted(clean.iterdir()):
        target = broken / file.name
        if not file.name.startswith("events"):
            target.hardlink_to(file)
            continue
        replaced = ", ".join(
            f"case when place % {EVERY * len(_FAULTS)} = {EVERY * number} then {value} else {column} end as {column}"
            for number, (column, value) in enumerate(_FAULTS)
        )
        rows = f"(select *, file_row_number as place from read_parquet('{file}', file_row_number = true))"
        con.execute(
            f"copy (select * exclude (place, file_row_number) replace ({replaced}) from {rows}) to '{target}' (format parquet)"
        )
        found = con.execute(f"select count(*) filter (place % {EVERY} = 0) from {rows}").fetchall()
        total += int(found[0][0])
    return total


def _loaded(folder: Path) -> tuple[LoadReport, float, float]:
    """The report, wall seconds and processor seconds of all threads."""
    with open_store(folder.with_suffix(".duckdb")) as store:
        began, cpu = time.perf_counter(), time.process_time()
        report = load(store, [folder], now=_NOW)
        return report, time.perf_counter() - began, time.process_time() - cpu


def write(found: dict[str, Any], out: Path) -> str:
    """The figures as JSON and a short page; returns the page."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "broken.json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    where = found["machine"]
    reasons = ", ".join(f"{name} {count:,}" for name, count in found["reasons"].items())
    text = (
        "# A load with one broken row in a hundred\n\n"
        f"{found['events']:,} events: clean {found['seconds_clean']} s, with {found['broken_rows']:,} broken rows "
        f"{found['seconds_broken']} s, ratio {found['ratio']} (processor time {found['cpu_seconds_clean']} and "
        f"{found['cpu_seconds_broken']} s, ratio {found['cpu_ratio']}). Of the broken rows {found['quarantined']:,} are in quarantine "
        f"({reasons}); {found['loaded_broken']:,} of {found['loaded_clean']:,} rows were loaded.\n\n"
        f"{where['cores']} cores, {where['memory_gb']} GB, load {where['load_average']} at the start, {where['system']}.\n\n"
        "`python -m tests.bench broken`\n"
    )
    (out / "broken.md").write_text(text, "utf-8")
    return text
