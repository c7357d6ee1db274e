"""`python -m tests.bench [PART ...]`: measure and write `reports/benchmark/`.

PART is `speed` (the store beside pm4py, pl4pm and r4pm; `--events`, `--growing`, `--keep`), `matrix` (alignments of 34
organisations and 40 procedures; `--dossiers`), `broken` (a load with faults beside one without; `--rows`), `scale` (a log
given by `--log`: load, delta, questions) or `harmonisation` (given first; its own options: `python -m tests.bench
harmonisation --help`); without one, all parts but `scale`. Sizes go up to 100 million events unless smaller ones are given.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.bench import broken, harmonisation, matrix, scale, speed

OUT = Path(__file__).resolve().parents[2] / "reports" / "benchmark"
PARTS = ("speed", "matrix", "broken")


def sizes(text: str) -> list[int]:
    """Numbers of events: `1e6,1e7`."""
    return [round(float(part)) for part in text.split(",") if part]


def main() -> None:
    """Measure the parts asked for and print their tables."""
    if sys.argv[1:2] == ["harmonisation"]:
        harmonisation.main(sys.argv[2:])
        return
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", nargs="*", choices=[*PARTS, "scale", []], metavar="PART")
    parser.add_argument("--events", type=sizes, default=sizes("1e6,1e7"))
    parser.add_argument("--growing", type=sizes, default=sizes("1e6,3e6,1e7,3e7,1e8"))
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--dossiers", type=int, default=200_000)
    parser.add_argument("--rows", type=float, default=1e7)
    parser.add_argument("--log", type=Path)
    parser.add_argument("--out", type=Path, default=OUT)
    given = parser.parse_args()
    for part in given.parts or PARTS:
        if part == "speed":
            found = speed.compare(given.events, growing=given.growing, keep=given.keep)
            print(speed.write(found, given.out))  # noqa: T201
        elif part == "scale":
            if given.log is None or given.keep is None:
                parser.error("scale needs --log and --keep")
            print(scale.write(scale.measure(given.log, given.keep), given.out))  # noqa: T201
        elif part == "broken":
            print(broken.write(broken.measure(round(given.rows)), given.out))  # noqa: T201
        else:
            print(matrix.write(matrix.measure(given.dossiers), given.out))  # noqa: T201
    if not given.parts:
        harmonisation.main(["--out", str(given.out)])


if __name__ == "__main__":
    main()
