"""Review of step names in a file: proposals out, a person's decisions in, into the store and back out again.

The file is a CSV with the columns organisation, label, step, confidence, relation, covers, decision, reviewed_by. `relation`
and `covers` say where one label stands for several steps, several for one, or none of another organisation. A decision is
`accept` (the step of the line holds, also when it was edited: this is how a proposal is split or merged), `reject` (the
label stays its own step) or empty (not decided).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pandas as pd

from workbench.errors import FormatError
from workbench.harmonise.vocabulary.vocabulary import Vocabulary
from workbench.mining.variants import variant_counts
from workbench.results import Result, records
from workbench.selection import Selection
from workbench.store import LogStore
from workbench.store.vocabulary import Judgement, write_vocabulary

COLUMNS = ("organisation", "label", "step", "confidence", "relation", "covers", "decision", "reviewed_by")
DECISIONS = ("accept", "reject", "")


def write_review(vocabulary: Vocabulary, path: Path) -> None:
    """Write proposals as a review file, undecided, UTF-8 with a mark that spreadsheet programs know."""
    table = vocabulary.proposals.assign(decision="", reviewed_by="")
    table[list(COLUMNS)].to_csv(path, index=False, encoding="utf-8-sig", quoting=csv.QUOTE_MINIMAL)


def read_review(path: Path, *, reviewer: str, now: datetime) -> list[Judgement]:
    """The decided lines of a review file as judgements; FormatError names the line that cannot be read."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    missing = [name for name in ("organisation", "label", "step", "decision") if name not in table.columns]
    if missing:
        raise FormatError(
            f"{path.name} has no column {missing[0]!r}.", fix=f"Its first line is {','.join(COLUMNS)}.", file=str(path)
        )
    out = []
    for number, row in enumerate(records(table), 2):
        decision = row["decision"].strip().lower()
        if decision not in DECISIONS:
            raise FormatError(
                f"{path.name}, line {number}: decision is {row['decision']!r}.",
                fix="Write accept, reject, or nothing.",
                file=str(path),
                line=number,
                column="decision",
                value=row["decision"],
            )
        if decision:
            out.append(_judgement(row, decision, row.get("reviewed_by") or reviewer, now))
    return out


def accept(vocabulary: Vocabulary, *, reviewer: str, now: datetime, minimum_confidence: float = 0.0) -> list[Judgement]:
    """All proposals of at least a confidence, accepted by one person."""
    sure = vocabulary.proposals[vocabulary.proposals["confidence"] >= minimum_confidence]
    return [_judgement(row, "accept", reviewer, now) for row in records(sure)]


def apply_vocabulary(store: LogStore, judgements: Iterable[Judgement], *, now: datetime) -> int | None:
    """Put judgements in force; the number of the change for undoing it, None when nothing changed."""
    return write_vocabulary(store, judgements, now=now)


@dataclass(frozen=True, slots=True)
class Applied(Result):
    """What a change of the vocabulary did: different step sequences of the dossiers before and after."""

    change: int | None
    lines: int
    variants_before: int
    variants_after: int


def apply_with_effect(store: LogStore, judgements: Iterable[Judgement], *, now: datetime) -> Applied:
    """Put judgements in force and count the variants of the store before and after."""
    lines = list(judgements)
    before = len(variant_counts(store, Selection()))
    change = apply_vocabulary(store, lines, now=now)
    return Applied(change, len(lines), before, len(variant_counts(store, Selection())))


def _judgement(row: dict[str, object], decision: str, reviewer: str, now: datetime) -> Judgement:
    step = row["label"] if decision == "reject" else row["step"]
    confidence = row.get("confidence")
    return Judgement(
        province_code=str(row["organisation"]),
        label=str(row["label"]),
        step=str(step).strip(),
        confidence=float(str(confidence)) if confidence not in (None, "") else None,
        method=f"review:{decision}",
        reviewed_by=reviewer,
        reviewed_at=now,
    )
