"""The store beside pm4py, pl4pm and r4pm on the same synthetic logs, in one run: ratios, not single times.

`compare` runs every engine in a process of its own at each size; `growth` loads growing logs and states the slope
of the cost on log-log axes. `write` puts table, chart and figures into a folder.
"""

from __future__ import annotations

import json
import math
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import workbench as wb
from tests.bench.engines import ENGINES, QUESTIONS

EVENTS_PER_DOSSIER = 8.42
"""Of the national scenario; sizes are asked for in events and met within a few per cent."""
TITLES = {
    "prepared": "store, prepared",
    "glance": "store, straight from Parquet",
    "loaded": "store, loaded and prepared first",
    "pm4py": "pm4py",
    "pl4pm": "pl4pm",
    "r4pm": "r4pm",
}
QUESTION_TITLES = {
    "graph": "directly-follows graph with durations",
    "variants": "variants with counts",
    "durations": "case durations",
}
Found = dict[str, Any]


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(memory, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load_average": round(os.getloadavg()[0], 1),
    }


def run(engine: str, folder: Path, store: Path, runs: int = 1) -> Found:
    """What one engine needs, measured in a new process."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.engines", engine, str(folder), "--store", str(store), "--runs", str(runs)],
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def compare(sizes: list[int], *, growing: list[int], keep: Path | None = None) -> Found:
    """Every engine at each of `sizes` (events), and the store alone at `growing`; logs are kept in `keep`."""
    out: Found = {"machine": machine(), "sizes": [], "growth": []}
    with tempfile.TemporaryDirectory() as temporary:
        place = keep or Path(temporary)
        for size in sorted({*sizes, *growing}):
            folder, store = place / f"log{size}", place / f"store{size}.duckdb"
            if not folder.exists():
                wb.synthesise(folder, dossiers=round(size / EVENTS_PER_DOSSIER), seed=1)
            for suffix in ("", ".wal", ".key"):
                store.with_name(store.name + suffix).unlink(missing_ok=True)
            loaded = run("loaded", folder, store)
            prepared = run("prepared", folder, store, runs=5)
            out["growth"].append({**prepared, "load": loaded["ready"], "load_mb": loaded["peak_mb"],
                                  "file_bytes": store.stat().st_size})  # fmt: skip
            if size in sizes:
                others = [run(engine, folder, store) for engine in ENGINES if engine not in ("loaded", "prepared")]
                out["sizes"].append({"events": loaded["events"], "engines": [prepared, loaded, *others]})
    return out


def slope(points: list[tuple[float, float]]) -> float:
    """Slope of the least-squares line through the logarithms: 1 is linear cost, 0 is constant."""
    logs = [(math.log(x), math.log(y)) for x, y in points]
    mean_x, mean_y = (sum(values) / len(logs) for values in zip(*logs, strict=True))
    return sum((x - mean_x) * (y - mean_y) for x, y in logs) / sum((x - mean_x) ** 2 for x, _ in logs)


def answered(row: Found) -> float | None:
    """Seconds from Parquet to all three answers, or None when the engine lacks one."""
    parts = [row["ready"], *(row[question] for question in QUESTIONS)]
    return None if any(part is None for part in parts) else float(sum(parts))


def markdown(found: Found) -> str:
    """The figures as tables, ratios first."""
    lines = ["# Speed of the store beside other engines\n", f"Machine: {found['machine']}\n",
             "Synthetic national log; one run, every engine in a process of its own; wall seconds. "
             "A ratio says how many times longer the engine takes than the prepared store. "
             "r4pm's graph carries no durations. Straight from Parquet (`workbench glance`) all three are answered while "
             "the files are read.\n"]  # fmt: skip
    for size in found["sizes"]:
        base = size["engines"][0]
        lines += [f"\n## {size['events']:,} events\n",
                  "| engine | " + " | ".join(f"{QUESTION_TITLES[q]}: ratio (s)" for q in QUESTIONS)
                  + " | ready (s) | Parquet to all answers (s) | peak memory (MB) |",
                  "|---|" + "---|" * (len(QUESTIONS) + 3)]  # fmt: skip
        for row in size["engines"]:
            once = row["engine"] == "glance"  # it answers all three while it reads
            cells = ["–" if once or row[q] is None else f"{row[q] / base[q]:,.1f}x ({row[q]:.3f})" for q in QUESTIONS]
            whole = answered(row)
            total = "–" if whole is None or row["engine"] == "prepared" else f"{whole:.1f}"
            lines.append(
                f"| {TITLES[row['engine']]} | {' | '.join(cells)} | {row['ready']:.1f} | {total} | {row['peak_mb']:,.0f} |"
            )
    rows = found["growth"]
    lines += ["\n## As the log grows\n", "| events | load and prepare (s) | peak memory of the load (MB) | file (MB) | "
              "graph (s) | variants (s) | durations (s) |", "|---|---|---|---|---|---|---|"]  # fmt: skip
    for row in rows:
        lines.append(f"| {row['events']:,} | {row['load']:.1f} | {row['load_mb']:,.0f} | {row['file_bytes'] / 1e6:,.0f} | "
                     f"{row['graph']:.3f} | {row['variants']:.3f} | {row['durations']:.3f} |")  # fmt: skip
    if len(rows) > 1:
        shown = ", ".join(
            f"{name} {slope([(row['events'], row[name]) for row in rows]):.2f}" for name in ("load", *QUESTIONS)
        )
        lines.append(f"\nSlope on log-log axes (1 is linear): {shown}. ![Cost as the log grows](growth.svg)")
    return "\n".join(lines) + "\n"


def chart(found: Found, path: Path) -> None:
    """Seconds against events on log-log axes, with the slopes in the legend."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    matplotlib.rcParams["svg.hashsalt"] = "workbench"
    figure, axes = pyplot.subplots(figsize=(7, 4.5))
    for name in ("load", *QUESTIONS):
        points = [(row["events"], row[name]) for row in found["growth"]]
        axes.plot(
            *zip(*points, strict=True),
            marker="o",
            label=f"{QUESTION_TITLES.get(name, 'load and prepare')} ({slope(points):.2f})",
        )
    for engine in ("pm4py", "pl4pm"):
        points = [
            (size["events"], row["graph"])
            for size in found["sizes"]
            for row in size["engines"]
            if row["engine"] == engine
        ]
        axes.plot(*zip(*points, strict=True), marker="x", linestyle="--", label=f"{engine}: graph")
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="events",
        ylabel="seconds",
        title="Cost as the log grows (slope on log-log axes)",
    )
    axes.legend(fontsize=8)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


def write(found: Found, out: Path) -> str:
    """Write figures, table and chart; the table's text."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "speed.json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    text = markdown(found)
    (out / "speed.md").write_text(text, "utf-8")
    if len(found["growth"]) > 1:
        chart(found, out / "growth.svg")
    return text
