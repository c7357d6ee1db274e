"""`python -m tests.bench harmonisation`: what harmonising reaches, and on what.

Parts: `permits` (one procedure of three municipalities), `validation` (over dossiers and over organisations), `names`
(step names over noise), `planted` (ten synthetic logs with known deviations), `held_out` (logs no method was developed
on), `null` (logs without deviations). Outcomes are kept as JSON in `--cache`, so that an interrupted run goes on; the report
is written from all that is there. Figures do not depend on the machine, only the time does.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

from tests.bench import permits, scores, synthetic
from tests.bench.cached import Job, outcomes
from tests.bench.harmonisation_report import chart, report

OUT = Path(__file__).resolve().parents[2] / "reports" / "benchmark"
CACHE = Path(__file__).resolve().parents[2] / "build" / "bench"
NOISE = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0)
PARTS = ("permits", "validation", "names", "planted", "held_out", "null")


def jobs(given: argparse.Namespace) -> dict[str, list[Job]]:
    """The jobs of every part."""
    n, part = given.dossiers, given.every

    def planted(seed: int) -> Job:
        return f"planted-{seed}-{n}-{part}", synthetic.measure, (seed, n), {"part": part}

    def null(seed: int) -> Job:
        named = {"part": given.null_every, "deviations": False}
        return (
            f"null-{seed}-{given.null_dossiers}-{given.null_every}",
            synthetic.measure,
            (seed, given.null_dossiers),
            named,
        )

    def noisy(noise: float, seed: int) -> Job:
        named = {"noise": noise, "part": 0}
        return f"noise-{noise}-{seed}-{given.noise_dossiers}", synthetic.measure, (seed, given.noise_dossiers), named

    first = 101
    return {
        "permits": [(f"table-BPIC15-{permits.SEARCH_EVENTS}", permits.table, ("BPIC15",), {})],
        "validation": [
            *[(f"left-BPIC15-M{k}", permits.left_out, ("BPIC15", f"M{k}"), {}) for k in (1, 3, 2)],
            *[(f"cases-BPIC15-{k}-3", permits.over_cases, ("BPIC15",), {"fold": k}) for k in range(3)],
            *[(f"left-CoSeLoG-M{k}", permits.left_out, ("CoSeLoG", f"M{k}"), {"evaluations": 150}) for k in (1, 2, 3)],
        ],
        "names": [noisy(noise, seed) for noise in NOISE for seed in range(1, given.noise_seeds + 1)],
        "planted": [planted(seed) for seed in range(1, given.seeds + 1)],
        "held_out": [planted(seed) for seed in range(11, 11 + given.held_out)],
        "null": [null(seed) for seed in range(first, first + given.null_runs)],
    }


def main(arguments: list[str]) -> None:
    """Measure what is not in the cache, then write and print the report."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench harmonisation", description=__doc__)
    parser.add_argument("--parts", default=",".join(PARTS), help="comma-separated, of: " + ", ".join(PARTS))
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--held-out", type=int, default=5)
    parser.add_argument("--dossiers", type=int, default=25_000)
    parser.add_argument("--every", type=int, default=2, help="recommendations of one in so many procedures a log")
    parser.add_argument("--null-runs", type=int, default=40)
    parser.add_argument("--null-dossiers", type=int, default=12_000)
    parser.add_argument("--null-every", type=int, default=3)
    parser.add_argument("--noise-seeds", type=int, default=2)
    parser.add_argument("--noise-dossiers", type=int, default=8_000)
    parser.add_argument("--report-only", action="store_true", help="measure nothing; report what is in the cache")
    given = parser.parse_args(arguments)
    every = jobs(given)
    unknown = sorted(set(given.parts.split(",")) - set(every))
    if unknown:
        parser.error(f"no part {unknown[0]!r}; choose of {', '.join(PARTS)}")
    for part in given.parts.split(","):
        if not given.report_only:
            outcomes(given.cache, every[part], processes=given.processes, say=_say)
    found = {part: _kept(given.cache, made) for part, made in every.items()}
    write(found, given.out)


def write(found: dict[str, list[dict[str, Any]]], out: Path) -> None:
    """The report, its chart and its table of names from the outcomes there are."""
    out.mkdir(parents=True, exist_ok=True)
    machine = f"{os.cpu_count()} cores, {platform.platform()}, Python {platform.python_version()}"
    text = report(found, machine)
    (out / "harmonisation.md").write_text(text, "utf-8")
    (out / "harmonisation_names.svg").write_text(chart(scores.names(found["names"])), "utf-8")
    rows = scores.names([*found["names"], *found["planted"], *found["held_out"]])
    with (out / "harmonisation_names.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(
            file, ["seed", "noise", "procedure", "labels", "precision", "recall", "f1"], lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows(
            {key: round(value, 4) if isinstance(value, float) else value for key, value in row.items()} for row in rows
        )
    print(text)  # noqa: T201


def _kept(folder: Path, made: list[Job]) -> list[dict[str, Any]]:
    paths = [folder / f"{job[0]}.json" for job in made]
    return [json.loads(path.read_text("utf-8")) for path in paths if path.exists()]


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201
