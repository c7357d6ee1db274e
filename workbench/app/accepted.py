"""Deviations a person has accepted, with the reason; kept in the store beside the data."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime

import pandas as pd

from workbench.app.decisions import decision_key
from workbench.errors import SettingError, StoreError
from workbench.store import LogStore

_PREFIX = "accepted:"
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Accepted:
    """One kind of deviation at one step of a procedure that is held to be right."""

    procedure: str | None
    source: str
    """The model it deviates from: discovered, or a published process."""
    kind: str
    step: str
    reason: str
    by: str
    at: str
    """ISO, local time."""


def accepted_key(procedure: str | None, source: str, kind: str, step: str) -> str:
    """The key of a deviation; the same in every check against the same model."""
    return decision_key(procedure, f"deviation:{source}:{kind}", [step])


def read_accepted(store: LogStore, procedure: str | None, source: str) -> dict[tuple[str, str], Accepted]:
    """What was accepted for a procedure and model, by kind and step."""
    meta = store.table("meta")
    rows = store.fetch(meta.filter(meta.key.startswith(_PREFIX)))
    every = [Accepted(**json.loads(value)) for value in rows["value"]]
    return {(one.kind, one.step): one for one in every if (one.procedure, one.source) == (procedure, source)}


def accept_deviation(store: LogStore, deviation: Accepted) -> None:
    """Keep an accepted deviation, replacing the reason before; one without a reason is refused."""
    _writable(store)
    if not deviation.reason.strip():
        raise SettingError("An accepted deviation needs a reason.", fix="Write why it is right.")
    facts = asdict(deviation) | {"reason": deviation.reason.strip()[:_LONGEST]}
    key = accepted_key(deviation.procedure, deviation.source, deviation.kind, deviation.step)
    store.con.execute(
        "insert or replace into meta values ($key, $value)",
        {"key": _PREFIX + key, "value": json.dumps(facts, ensure_ascii=False)},
    )


def withdraw(store: LogStore, deviation: Accepted) -> None:
    """Hold a deviation to be one again."""
    _writable(store)
    key = accepted_key(deviation.procedure, deviation.source, deviation.kind, deviation.step)
    store.con.execute("delete from meta where key = $key", {"key": _PREFIX + key})


def accepted_table(found: dict[tuple[str, str], Accepted]) -> pd.DataFrame:
    """kind, step, reason, by, at."""
    rows = [{name: getattr(one, name) for name in ("kind", "step", "reason", "by", "at")} for one in found.values()]
    return pd.DataFrame(rows, columns=["kind", "step", "reason", "by", "at"])


def now() -> str:
    """The present moment as it is kept."""
    return datetime.now().isoformat(timespec="minutes")


def _writable(store: LogStore) -> None:
    if store.read_only:
        raise StoreError(f"{store.path} is open for reading only.", fix="Open it for writing to accept deviations.")
