"""What people decided about recommendations, kept in the store beside the data they rest on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from workbench.errors import StoreError
from workbench.store import LogStore

VERDICTS = ("accepted", "rejected", "open")
_PREFIX = "decision:"


@dataclass(frozen=True, slots=True)
class Decision:
    """One person's decision about one move."""

    verdict: str = "open"
    comment: str = ""
    decided_at: str = ""
    """ISO, local time."""


def decision_key(procedure: str | None, move: str, steps: Sequence[str]) -> str:
    """The key of a move on some steps of a procedure; the same whoever runs the recommendation again."""
    text = json.dumps([procedure, move, list(steps)], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read_decisions(store: LogStore) -> dict[str, Decision]:
    """All decisions by key."""
    meta = store.table("meta")
    rows = store.fetch(meta.filter(meta.key.startswith(_PREFIX)))
    return {
        str(key).removeprefix(_PREFIX): Decision(**json.loads(value))
        for key, value in zip(rows["key"], rows["value"], strict=True)
    }


def keep_decision(store: LogStore, key: str, *, verdict: str, comment: str, now: datetime) -> Decision:
    """Keep a decision in the store, replacing the one before."""
    if verdict not in VERDICTS:
        raise ValueError(f"verdict is {verdict!r}; use one of {', '.join(VERDICTS)}")
    if store.read_only:
        raise StoreError(f"{store.path} is open for reading only.", fix="Open it for writing to keep decisions.")
    kept = Decision(verdict, comment.strip()[:2000], now.isoformat(timespec="minutes"))
    store.con.execute(
        "insert or replace into meta values ($key, $value)",
        {"key": _PREFIX + key, "value": json.dumps(asdict(kept), ensure_ascii=False)},
    )
    return kept
