"""A national log on one machine: the load by stages, the file, a daily delta, and the questions of a page.

`python -m tests.bench scale --log FOLDER` loads a synthetic log (made by `workbench synth`, any size) into a store in
`--keep`, adds a delta of 50,000 dossiers of another seed, and asks each question about 20 different selections in a
process that has just opened the store. Clocks are wall seconds beside processor seconds; read them with the load average.
"""

from __future__ import annotations

import json
import os
import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import workbench as wb
from tests.bench.speed import machine
from workbench.clock import on_time_rates, prepare_clocks
from workbench.intake import load
from workbench.mining.dfg import discover_dfg
from workbench.mining.performance import performance
from workbench.mining.variants import variant_counts_by, variants
from workbench.selection import Selection
from workbench.store import LogStore, open_store

DELTA = 50_000
SELECTIONS = 20
_NOW = datetime(2026, 11, 1)


def measure(log: Path, keep: Path) -> dict[str, Any]:
    """Load, delta and questions; the store stays in `keep`."""
    store = keep / "scale.duckdb"
    for suffix in ("", ".wal", ".key"):
        store.with_name(store.name + suffix).unlink(missing_ok=True)
    delta = keep / "delta"
    if not delta.exists():
        wb.synthesise(delta, dossiers=DELTA, seed=4711)
    out: dict[str, Any] = {"machine": machine(), "load": _own("load", store, log)}
    out["file_bytes"] = store.stat().st_size
    out["questions"] = _own("ask", store, log)["questions"]
    out["delta"] = _own("load", store, delta)
    return out


def _own(part: str, store: Path, log: Path) -> dict[str, Any]:
    """One part in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.scale", part, str(store), str(log)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def load_log(path: Path, log: Path) -> dict[str, Any]:
    """Seconds by stage, of the verdicts and in all, and the most memory."""
    begun: list[tuple[str, float]] = []

    def note(stage: str, done: float, total: float) -> None:
        if not begun or begun[-1][0] != stage:
            begun.append((stage, time.perf_counter()))

    began = time.perf_counter()
    with open_store(path) as store:
        report = load(store, [log], now=_NOW, progress=note)
        loaded = time.perf_counter()
        prepare_clocks(store)
    ended = time.perf_counter()
    ends = [*(moment for _, moment in begun[1:]), loaded]
    stages: dict[str, float] = {}
    for (stage, start), end in zip(begun, ends, strict=True):
        stages[stage] = round(stages.get(stage, 0.0) + end - start, 1)
    return {
        "events": report.events,
        "dossiers": report.dossiers,
        "seconds": round(ended - began, 1),
        "verdict_seconds": round(ended - loaded, 1),
        "cpu_seconds": round(time.process_time(), 1),
        "peak_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2),
        "stages": stages,
    }


def ask(path: Path) -> dict[str, Any]:
    """The median and the longest of each question, in milliseconds, over different selections."""
    with open_store(path, read_only=True) as store:
        return {"questions": {name: _timed(calls) for name, calls in _questions(store).items()}}


def _questions(store: LogStore) -> dict[str, list[Callable[[], Any]]]:
    pairs = store.sql("select procedure_code, province_code from dossier group by all order by all")
    procedures = sorted(pairs["procedure_code"].unique())
    some = random.Random(1).sample(list(zip(pairs["procedure_code"], pairs["province_code"], strict=True)), SELECTIONS)
    places = [Selection(procedure=code, provinces=(place,)) for code, place in some]
    each = [Selection(procedure=code) for code in procedures]
    return {
        "country graph": [lambda: discover_dfg(store)] * 5,
        "procedure graph": [lambda s=one: discover_dfg(store, s) for one in each],
        "procedure and province: graph": [lambda s=one: discover_dfg(store, s) for one in places],
        "procedure and province: variants": [lambda s=one: variants(store, s, limit=100) for one in places],
        "procedure and province: durations": [lambda s=one: performance(store, s) for one in places],
        "variants of every province, one procedure": [lambda s=one: variant_counts_by(store, s) for one in each],
        "four clocks by province, one procedure": [
            lambda s=one: on_time_rates(store, s, by="province_code") for one in each
        ],
        "four clocks by province, all": [lambda: on_time_rates(store, by="province_code")] * 5,
    }


def _timed(calls: list[Callable[[], Any]]) -> dict[str, float]:
    spent = []
    for call in calls:
        began = time.perf_counter()
        call()
        spent.append((time.perf_counter() - began) * 1000)
    return {"first": round(spent[0]), "median": round(statistics.median(spent)), "most": round(max(spent))}


def write(found: dict[str, Any], out: Path) -> str:
    """The figures as JSON and a page; returns the page."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "scale.json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    where, loaded, delta = found["machine"], found["load"], found["delta"]
    lines = [
        "# A national log on one machine",
        "",
        f"{loaded['dossiers']:,} synthetic dossiers with {loaded['events']:,} events from Parquet, `memory_limit` 6 GB; "
        f"{where['cores']} cores, {where['memory_gb']} GB, load {where['load_average']} at the start, {where['system']}.",
        "",
        "| | |",
        "|---|---|",
        f"| load and prepare, with the verdicts of the four clocks | {loaded['seconds']} s |",
        f"| of it the verdicts | {loaded['verdict_seconds']} s |",
        f"| processor time | {loaded['cpu_seconds']} s |",
        f"| most memory | {loaded['peak_gb']} GB |",
        f"| file | {found['file_bytes'] / 1e9:.2f} GB |",
        f"| a delta of {DELTA:,} dossiers, {delta['events']:,} events | {delta['seconds']} s |",
        "",
        "Stages of the load in seconds: "
        + ", ".join(f"{name} {spent}" for name, spent in loaded["stages"].items())
        + ".",
        "",
        f"Questions in a process that has just opened the store, {SELECTIONS} different selections where there are so many:",
        "",
        "| question | first, ms | median, ms | longest, ms |",
        "|---|---:|---:|---:|",
        *(f"| {name} | {one['first']} | {one['median']} | {one['most']} |" for name, one in found["questions"].items()),
        "",
        "`python -m tests.bench scale --log FOLDER --keep FOLDER`",
        "",
    ]
    text = "\n".join(lines)
    (out / "scale.md").write_text(text, "utf-8")
    return text


if __name__ == "__main__":
    kind, store_path, log_path = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    print(json.dumps(load_log(store_path, log_path) if kind == "load" else ask(store_path)))  # noqa: T201
    sys.stdout.flush()
    os._exit(0)
