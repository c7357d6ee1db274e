"""One synthetic log measured against its planted truth: step names, recommendations, effects.

`measure` gives everything a score needs as plain values; `tests.bench.scores` counts. A log is made in a folder of its own
and thrown away.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

import workbench as wb
from workbench.harmonise.recommendation.recommend import recommend
from workbench.harmonise.vocabulary.canonical_steps import canonical_steps
from workbench.harmonise.vocabulary.vocabulary import Weights, propose_vocabulary
from workbench.results import plain, records
from workbench.selection import Selection
from workbench.store import LogStore

NOW = datetime(2026, 11, 1)


def measure(seed: int, dossiers: int, *, noise: float = 1.0, deviations: bool = True, part: int = 1) -> dict[str, Any]:
    """Synthesise, load and judge one log: names of every procedure, recommendations of one in `part` procedures
    (others with every seed, so that ten seeds see them all), of none when `part` is 0."""
    folder = Path(tempfile.mkdtemp(prefix="bench"))
    try:
        wb.synthesise(folder / "log", dossiers=dossiers, seed=seed, noise=noise, deviations=deviations)
        truth = json.loads((folder / "log" / "truth.json").read_text("utf-8"))
        with wb.open(folder / "s.duckdb") as log:
            log.load(folder / "log", now=NOW)
            found = judge(log.store, truth, part=part)
    finally:
        shutil.rmtree(folder)
    facts = {"seed": seed, "dossiers": dossiers, "noise": noise, "deviations": deviations, "part": part}
    return {**facts, "procedures": found}


def judge(store: LogStore, truth: dict[str, Any], *, part: int = 1) -> list[dict[str, Any]]:
    """Per procedure the names' score, and for one in `part` of them what was planted and what was said."""
    codes = store.sql("select procedure_code from dossier group by 1 order by count(*) desc, 1")["procedure_code"]
    out = []
    for place, code in enumerate(codes):
        selection = Selection(procedure=code)
        proposals = proposed(store, truth, selection)
        entry = {"procedure": code, "names": name_score(proposals)}
        if part and (place + truth["seed"]) % part == 0:
            entry |= _said(store, truth, selection, proposals)
        out.append(entry)
    return out


def proposed(store: LogStore, truth: dict[str, Any], selection: Selection, weights: Weights | None = None) -> Any:
    """The proposals before any review, with the true step of every label."""
    known = {(row["province"], row["label"]): row["step"] for row in truth["vocabulary"]}
    table = propose_vocabulary(store, selection, weights=weights).proposals
    pairs = zip(table["organisation"], table["label"], strict=True)
    return table.assign(true=[known.get(pair) for pair in pairs])


def name_score(proposals: pd.DataFrame) -> dict[str, Any]:
    """Pairs of (organisation, label) that are put together, that belong together, and both; what went wrong."""
    judged = proposals.dropna(subset=["true"])
    both = Counter(zip(judged["step"], judged["true"], strict=True))
    mixed, split = _confusions(both)
    return {
        "labels": len(judged),
        "unknown": int(len(proposals) - len(judged)),
        "proposed": _pairs(Counter(judged["step"])),
        "true": _pairs(Counter(judged["true"])),
        "both": _pairs(both),
        "mixed": mixed,
        "split": split,
    }


def _pairs(counts: Counter[Any]) -> int:
    return sum(n * (n - 1) // 2 for n in counts.values())


def _confusions(both: Counter[tuple[str, str]]) -> tuple[dict[str, Any], dict[str, Any]]:
    mixed: dict[str, dict[str, int]] = {}
    split: dict[str, dict[str, int]] = {}
    for (step, true), n in sorted(both.items()):
        mixed.setdefault(step, {})[true] = n
        split.setdefault(true, {})[step] = n
    return tuple({key: parts for key, parts in one.items() if len(parts) > 1} for one in (mixed, split))  # type: ignore[return-value]


def _said(store: LogStore, truth: dict[str, Any], selection: Selection, proposals: pd.DataFrame) -> dict[str, Any]:
    with canonical_steps(store, selection) as state:
        made = recommend(store, selection, vocabulary=state)
    true: dict[tuple[str, str], set[str]] = {}
    for row in records(proposals.dropna(subset=["true"])):
        true.setdefault((row["organisation"], row["step"]), set()).add(row["true"])
    items = []
    for item in made.items:
        facts = plain(item)
        own = [true.get((organisation, step), set()) for organisation in item.organisations for step in item.steps]
        items.append({**facts, "true_steps": sorted(set().union(*own))})
    planted = [one for one in truth["deviations"] if one["procedure"] == selection.procedure]
    return {"items": items, "planted": planted, "too_few": made.too_few, "tests": made.tests, "vocabulary": state}
