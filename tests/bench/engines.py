"""One engine answers the benchmark's three questions in a process of its own, so that its peak memory is its own.

`python -m tests.bench.engines ENGINE FOLDER [--store FILE] [--runs K]` prints one JSON object: seconds to make the
log ready, seconds of each question (median of the runs), events and peak memory in MB.

Every engine starts from the same Parquet files with dossier, label and time, and answers: the directly-follows graph
with durations, the variants with their counts, the duration of every case. "prepared" opens a store made before;
"loaded" makes it first, with everything a load does; "glance" asks the files themselves. r4pm has no durations on the graph and no case durations: what it lacks is null.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

QUESTIONS = ("graph", "variants", "durations")
ENGINES = ("prepared", "glance", "loaded", "pm4py", "pl4pm", "r4pm")
NAMES = {"dossier_code": "case:concept:name", "label": "concept:name", "completed_at": "time:timestamp"}
Answers = dict[str, Callable[[], object] | None]


def ready(engine: str, folder: Path, store: Path) -> tuple[int, Answers]:
    """The log in the form of the engine: its number of events and how it answers."""
    if engine in ("prepared", "loaded"):
        return _store(folder, store, fresh=engine == "loaded")
    return {"glance": _glance, "pm4py": _pm4py, "pl4pm": _pl4pm, "r4pm": _r4pm}[engine](folder)


def _store(folder: Path, path: Path, *, fresh: bool) -> tuple[int, Answers]:
    from workbench.clock import prepare_clocks
    from workbench.intake import load
    from workbench.mining.dfg import discover_dfg
    from workbench.mining.variants import variants
    from workbench.selection import Selection
    from workbench.store import open_store

    if fresh:
        with open_store(path) as new:
            load(new, [folder], now=datetime(2026, 11, 1))
            prepare_clocks(new)
    log = open_store(path, read_only=True)
    events = int(log.scalar("select count(*) from event where position is not null"))
    everything = Selection()
    return events, {
        "graph": lambda: discover_dfg(log, everything),
        "variants": lambda: variants(log, everything, limit=100),
        "durations": lambda: log.sql("select throughput_seconds from dossier"),
    }


def _glance(folder: Path) -> tuple[int, Answers]:
    from workbench.intake.glance import glance

    found = glance(sorted(folder.glob("events*.parquet")))  # answers all three at once
    return found.n_events, {
        "graph": lambda: found.edges,
        "variants": lambda: found.variants,
        "durations": lambda: found.durations,
    }


def _frame(folder: Path) -> Any:
    """What all peers read: three columns, events with a time."""
    import polars

    scan = polars.scan_parquet(sorted(folder.glob("events*.parquet")))
    return scan.select([polars.col(old).alias(new) for old, new in NAMES.items()]).drop_nulls()


def _pm4py(folder: Path) -> tuple[int, Answers]:
    from workbench.mining.pm4py_door import pm4py

    frame = _frame(folder).collect().to_pandas()
    log = pm4py.format_dataframe(frame, *(f"{key}" for key in NAMES.values()))
    return len(log), {
        "graph": lambda: pm4py.discover_performance_dfg(log),
        "variants": lambda: pm4py.get_variants(log),
        "durations": lambda: pm4py.get_all_case_durations(log),
    }


def _pl4pm(folder: Path) -> tuple[int, Answers]:
    import pl4pm

    log = pl4pm.format_dataframe(_frame(folder)).lazy()
    return int(log.collect().height), {
        "graph": lambda: pl4pm.discover_performance_dfg(log, perf_aggregation_key="all"),
        "variants": lambda: pl4pm.get_variants(log),
        "durations": lambda: pl4pm.get_all_case_durations(log),
    }


def _r4pm(folder: Path) -> tuple[int, Answers]:
    import polars
    import r4pm

    frame = _frame(folder).with_columns(polars.col("time:timestamp").dt.replace_time_zone("UTC")).collect()
    log = r4pm.import_item_from_df("EventLog", frame)
    return frame.height, {
        "graph": lambda: r4pm.bindings.discover_dfg(log),
        "variants": lambda: r4pm.bindings.get_variants(r4pm.bindings.log_to_activity_projection(log)),
        "durations": None,
    }


def _median(step: Callable[[], object], runs: int) -> float:
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def peak_mb() -> float:
    """Largest resident memory of this process; getrusage would count what it was forked from."""
    status = Path("/proc/self/status").read_text("utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


def main() -> None:
    """Measure one engine and print what was found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("engine", choices=ENGINES)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--store", type=Path, default=Path("bench.duckdb"))
    parser.add_argument("--runs", type=int, default=1)
    given = parser.parse_args()
    start = time.perf_counter()
    events, answers = ready(given.engine, given.folder, given.store)
    made = time.perf_counter() - start
    seconds = {name: None if (step := answers[name]) is None else _median(step, given.runs) for name in QUESTIONS}
    peak = peak_mb()
    print(json.dumps({"engine": given.engine, "events": events, "ready": made, **seconds, "peak_mb": peak}))  # noqa: T201


if __name__ == "__main__":
    main()
