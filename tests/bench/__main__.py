"""The store beside pm4py on one synthetic log, in one run: ratios, not single times.

`python -m tests.bench [--dossiers N] [--runs K]` writes `reports/benchmark/benchmark.json` and `benchmark.md`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import workbench as wb
from workbench.mining.dfg import discover_dfg
from workbench.mining.pm4py_door import pm4py
from workbench.mining.variants import variants
from workbench.selection import Selection

OUT = Path(__file__).resolve().parents[2] / "reports" / "benchmark"


def timed(step: Callable[[], object], runs: int) -> float:
    """Median wall seconds of a step over some runs."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def measure(dossiers: int, runs: int) -> dict[str, object]:
    """Times of each step on each engine, and what they were measured on."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        wb.synthesise(path / "log", dossiers=dossiers, seed=1)
        start = time.perf_counter()
        log = wb.open(path / "s.duckdb")
        report = log.load(path / "log", now=datetime(2026, 1, 1))
        load = time.perf_counter() - start
        store, everything = log.store, Selection()
        frame = store.sql(
            'select d.dossier_key::varchar as "case:concept:name", a.label as "concept:name", '
            'e.completed_at as "time:timestamp" from event e join dossier d using (dossier_key) '
            "join activity a using (activity_id) where e.position is not null order by e.dossier_key, e.position"
        )
        steps: dict[str, dict[str, float]] = {
            "directly-follows graph with durations": {
                "store, prepared": timed(lambda: discover_dfg(store, everything), runs),
                "pm4py": timed(lambda: pm4py.discover_performance_dfg(frame), 1),
            },
            "variants with counts": {
                "store, prepared": timed(lambda: variants(store, everything, limit=100), runs),
                "pm4py": timed(lambda: pm4py.get_variants(frame), 1),
            },
            "case durations": {
                "store, prepared": timed(lambda: store.sql("select throughput_seconds from dossier"), runs),
                "pm4py": timed(lambda: pm4py.get_all_case_durations(frame), 1),
            },
        }
        size = (path / "s.duckdb").stat().st_size
        log.close()
    machine = {"cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()}
    return {"events": report.events, "dossiers": dossiers, "load_and_prepare_seconds": load, "file_bytes": size,
            "steps": steps, "machine": machine, "load_average": os.getloadavg()[0]}  # fmt: skip


def markdown(found: dict[str, object]) -> str:
    """The figures as a table, ratios first."""
    lines = [f"# Benchmark\n\n{found['events']:,} events, {found['dossiers']:,} dossiers (synthetic); {found['machine']}; "
             f"load average {found['load_average']:.1f}; load and prepare {found['load_and_prepare_seconds']:.1f} s.\n",
             "| step | pm4py / store | store, prepared (s) | pm4py (s) |", "|---|---|---|---|"]  # fmt: skip
    for step, times in found["steps"].items():
        ours, theirs = times["store, prepared"], times["pm4py"]
        lines.append(f"| {step} | {theirs / ours:,.1f} | {ours:.3f} | {theirs:.3f} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--dossiers", type=int, default=120_000)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    found = measure(given.dossiers, given.runs)
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "benchmark.json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    (OUT / "benchmark.md").write_text(markdown(found), "utf-8")
    print(markdown(found))  # noqa: T201


if __name__ == "__main__":
    main()
