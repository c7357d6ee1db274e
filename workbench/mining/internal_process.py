"""Published internal processes (quy trình nội bộ) as models: the sequence of steps an office has to follow."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

import pandas as pd

from workbench.errors import ModelError
from workbench.mining.model import Bpmn, Flow, Node
from workbench.reference.processes import InternalProcess, ProcessStep
from workbench.store import LogStore

DAY_SECONDS = 8 * 3600
"""A working day of a published limit: 8 working hours."""

_TABLE = [
    "process_id",
    "procedure_code",
    "province_code",
    "version",
    "step_order",
    "step",
    "unit",
    "limit_days",
    "declared_days",
    "source",
]


def process_model(process: InternalProcess, *, labels: Mapping[str, str] | None = None) -> Bpmn:
    """The published process as a model: its steps in their order, each exactly once.

    `labels` replaces published names by the steps of a log, as `match_steps` proposes.
    """
    names = [(labels or {}).get(step.name, step.name) for step in process.steps]
    if not names:
        raise ModelError(
            f"The published process {process.code!r} has a limit but no steps.",
            fix="Choose a process whose steps are published.",
            code=process.code,
        )
    nodes = [Node(f"n{place}", "task", name) for place, name in enumerate(names, 1)]
    nodes = [Node("n0", "start"), *nodes, Node(f"n{len(names) + 1}", "end")]
    flows = [Flow(before.id, after.id) for before, after in pairwise(nodes)]
    return Bpmn(tuple(nodes), tuple(flows))


def match_steps(process: InternalProcess, steps: Iterable[str]) -> dict[str, str]:
    """Published step name to the log's step, where exactly one fits; names without a fit are left out.

    Two names fit when they are equal without case, diacritics and punctuation, or else when all words of one occur
    in the other and no other step fits so. A person should review the result: it is shown beside every conformance.
    """
    have = sorted(set(steps))
    folded = {name: _words(name) for name in have}
    out: dict[str, str] = {}
    for step in process.steps:
        words = _words(step.name)
        fits = [name for name in have if folded[name] == words]
        if not fits and words:
            part, whole = frozenset(words), {name: frozenset(folded[name]) for name in have}
            fits = [name for name in have if whole[name] and (part <= whole[name] or whole[name] <= part)]
        if len(fits) == 1:
            out[step.name] = fits[0]
    return out


def _words(name: str) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFD", name.casefold().replace("đ", "d"))
    kept = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return tuple(kept.split())


def internal_processes(
    store: LogStore, *, procedure: str | None = None, province: str | None = None
) -> tuple[InternalProcess, ...]:
    """The published processes kept in the store, of one procedure and one province or of all."""
    table = store.table("internal_process")
    if procedure is not None:
        table = table.filter(table.procedure_code == procedure)
    if province is not None:
        table = table.filter(table.province_code == province)
    rows = store.fetch(table.order_by("process_id", "version", "step_order"))
    return tuple(_process(part) for _, part in rows.groupby(["process_id", "version"], sort=True, dropna=False))


def _process(rows: pd.DataFrame) -> InternalProcess:
    first = rows.iloc[0]
    return InternalProcess(
        code=str(first["process_id"]),
        name=str(first["process_id"]),
        procedure_code=_or_none(first["procedure_code"]),
        province=_or_none(first["province_code"]),
        h_codes=() if pd.isna(first["province_code"]) else (str(first["province_code"]),),
        level=None,
        declared_days=None if pd.isna(first["declared_days"]) else float(first["declared_days"]),
        declared_days_remote=None,
        declared_days_verify=None,
        steps=tuple(
            ProcessStep(
                order=int(order),
                name=str(name),
                unit=_or_none(unit),
                days=None if pd.isna(days) else float(days),
            )
            for order, name, unit, days in zip(
                rows["step_order"], rows["step"], rows["unit"], rows["limit_days"], strict=True
            )
        ),
        note="",
        source=str(first["source"] or ""),
    )


def keep_process(
    store: LogStore,
    process: InternalProcess,
    *,
    procedure: str,
    province: str,
    version: str,
    process_id: str | None = None,
) -> str:
    """Put a published process into the store and return its id; the same id and version is replaced."""
    name = process_id or process.code
    rows = [
        (name, procedure, province, version, s.order, s.name, s.unit, s.days, process.declared_days, process.source)
        for s in process.steps
    ]
    if not rows:
        raise ModelError(
            f"The published process {name!r} has no steps to keep.", fix="Give its steps.", code=process.code
        )
    con = store.con
    con.execute("begin")
    con.execute("delete from internal_process where process_id = ? and version = ?", [name, version])
    con.executemany(
        f"insert into internal_process ({', '.join(_TABLE)}) values ({', '.join('?' for _ in _TABLE)})", rows
    )
    con.execute("commit")
    return name


def _or_none(value: Any) -> str | None:
    return None if pd.isna(value) else str(value)
