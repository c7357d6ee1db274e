"""Published internal processes (quy trình nội bộ) and the check of their limits.

Two collections: the step tables of decisions (`reference_processes`) and the one-stop workflows of a
district (`onestop_workflows`). Limits are working days as published; -1 means that none was published.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd

from workbench.reference.files import read_csv, read_json

_ABOUT_EQUAL = 1e-6


@dataclass(frozen=True, slots=True)
class ProcessStep:
    """One row of a published step table."""

    order: int
    name: str
    """The task; the unit, or "Bước 1", where the extract carries none."""
    unit: str | None
    days: float | None
    """Limit in working days; None when the extract does not carry it."""
    role: str | None = None
    """TIEP_NHAN, XU_LY, THU_PHI or TRA_KET_QUA in the one-stop workflows."""
    tasks: tuple[ProcessStep, ...] = ()
    """The finer tasks inside the step, where published."""


@dataclass(frozen=True, slots=True)
class InternalProcess:
    """One published process of one office."""

    code: str
    """Workflow code, or the key shared by the variants of one procedure."""
    name: str
    procedure_code: str | None
    """National code (MaTTHC), where stated."""
    province: str | None
    h_codes: tuple[str, ...]
    level: str | None
    declared_days: float | None
    """Declared limit; None when the extract has none, negative when the office published none."""
    declared_days_remote: float | None
    """Declared limit in remote areas."""
    declared_days_verify: float | None
    """Declared limit when facts must be verified."""
    steps: tuple[ProcessStep, ...]
    note: str
    source: str

    @property
    def sum_days(self) -> float | None:
        """Sum of the steps' limits; None when there are no steps or one of them has no limit."""
        days = [step.days for step in self.steps]
        return None if not days or None in days else float(sum(day for day in days if day is not None))


@cache
def reference_processes() -> tuple[InternalProcess, ...]:
    """The sixteen step tables of ten procedures, as extracted from provincial decisions."""
    return tuple(_reference(raw) for raw in read_json("reference_processes.json")["processes"])


@cache
def onestop_workflows() -> tuple[InternalProcess, ...]:
    """The 114 one-stop workflows of a district, with units and tasks."""
    content = read_json("onestop_workflows.json")
    return tuple(_workflow(raw, content["source"]) for raw in content["workflows"])


def check_limits(workflows: Iterable[InternalProcess]) -> pd.DataFrame:
    """The processes whose steps' days do not sum up to the declared limit.

    Columns: code, name, province, declared_days, sum_days, difference (sum - declared), reason, note, source.
    Reasons: `sum_differs`, or `no_limit` when the office declared -1 yet limits its steps. A process without a
    declared limit in the extract, without steps, or with a step whose limit is missing cannot be checked and
    is not listed.
    """
    rows: list[dict[str, Any]] = []
    for process in workflows:
        declared, total = process.declared_days, process.sum_days
        if declared is None or total is None or abs(total - declared) < _ABOUT_EQUAL:
            continue
        rows.append(
            {
                "code": process.code,
                "name": process.name,
                "province": process.province,
                "declared_days": declared,
                "sum_days": total,
                "difference": total - declared if declared >= 0 else None,
                "reason": "sum_differs" if declared >= 0 else "no_limit",
                "note": process.note,
                "source": process.source,
            }
        )
    columns = ["code", "name", "province", "declared_days", "sum_days", "difference", "reason", "note", "source"]
    return pd.DataFrame(rows, columns=columns)


def _reference(raw: dict[str, Any]) -> InternalProcess:
    steps = tuple(
        ProcessStep(
            int(step["no"]), step["task"] or step["unit"] or f"Bước {step['no']}", step["unit"], _days(step["days"])
        )
        for step in raw["steps"]
    )
    return InternalProcess(
        code=raw["key"],
        name=_names().get(raw["key"], raw["key"]),
        procedure_code=raw.get("tthc"),
        province=raw["province"],
        h_codes=tuple(raw["h"].split("/")),
        level=raw.get("level"),
        declared_days=_days(raw.get("declared_days")),
        declared_days_remote=_days(raw.get("declared_days_remote")),
        declared_days_verify=_days(raw.get("declared_days_verify")),
        steps=steps,
        note=raw.get("note", ""),
        source=raw["source"],
    )


def _workflow(raw: dict[str, Any], source: str) -> InternalProcess:
    return InternalProcess(
        code=raw["code"],
        name=raw["name"],
        procedure_code=None,
        province=None,
        h_codes=(),
        level="district",
        declared_days=_days(raw["declared_days"]),
        declared_days_remote=None,
        declared_days_verify=None,
        steps=tuple(_workflow_step(step) for step in raw["steps"]),
        note="",
        source=source,
    )


def _workflow_step(raw: dict[str, Any]) -> ProcessStep:
    tasks = tuple(
        ProcessStep(order=place, name=task["name"], unit=raw["unit"], days=_days(task["days"]))
        for place, task in enumerate(raw["tasks"], 1)
    )
    return ProcessStep(int(raw["order"]), raw["name"], raw["unit"], _days(raw["days"]), raw["role"], tasks)


@cache
def _names() -> dict[str, str]:
    return {row["key"]: row["name_vi"] for row in read_csv("procedures.csv") if row["key"]}


def _days(value: str | float | None) -> float | None:
    return None if value is None else float(value)
