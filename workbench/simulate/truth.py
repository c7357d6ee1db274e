"""What was planted, written beside the log: deviations, names, artefacts, waits, internal processes."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from workbench.clock.calendar_file import CalendarSet
from workbench.reference import province_name
from workbench.simulate import artefacts
from workbench.simulate.chunk import Share
from workbench.simulate.names import SYNTHETIC_FIRST, SYNTHETIC_LAST
from workbench.simulate.plan import Plan
from workbench.simulate.scenario import Procedure
from workbench.simulate.trace import CAUSES

NOTE = "Synthetic: no row of this log comes from a real dossier."


def truth(plan: Plan, share: Share) -> dict[str, Any]:
    """The content of truth.json; datasets/README.md describes it key by key."""
    order = plan.order
    dossiers, events, pauses = (int(n) for n in share.rows)
    return {
        "synthetic": True,
        "note": NOTE,
        "scenario": order.scenario.name,
        "seed": order.seed,
        "noise": order.noise,
        "planted": order.deviations,
        "dossiers": dossiers,
        "events": events,
        "pauses": pauses,
        "period": [order.scenario.start.isoformat(), order.scenario.end.isoformat()],
        "deviations": _deviations(plan, share),
        "vocabulary": _vocabulary(plan, share),
        "artefact_labels": [SYNTHETIC_FIRST, SYNTHETIC_LAST],
        "artefacts": _artefacts(plan, share),
        "waiting": _waiting(plan, share),
        "waiting_by_province": _waiting_by_province(plan, share),
    }


def _deviations(plan: Plan, share: Share) -> list[dict[str, Any]]:
    out = []
    for one, row in zip(plan.planted, share.effects, strict=True):
        n, total, squares, touched, touched_total = (float(value) for value in row)
        mean = total / n if n else None
        error = math.sqrt(max(0.0, squares / n - (total / n) ** 2) / n) if n else None
        out.append(
            {
                "procedure": one.procedure,
                "province": one.province,
                "kind": one.kind,
                "steps": list(one.steps),
                "effect_working_hours": _round(mean),
                "effect_standard_error": _round(error),
                "effect_working_hours_affected": _round(touched_total / touched if touched else None),
                "dossiers": int(n),
                "dossiers_affected": int(touched),
                "removes": one.removes,
                "published": one.published,
            }
        )
    return out


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _vocabulary(plan: Plan, share: Share) -> list[dict[str, str]]:
    """Each name a province uses in this log, and its step."""
    out = []
    for province, code in enumerate(plan.tables.codes):
        meaning = plan.names.meaning(plan.order.scenario.steps, province)
        used = set(np.flatnonzero(share.names[province]).tolist())
        for place in sorted(used):
            out.append({"province": code, "label": plan.names.texts[place], "step": meaning[place]})
    return out


def _artefacts(plan: Plan, share: Share) -> list[dict[str, Any]]:
    return [
        {
            "kind": kind,
            "counted_in": "events" if kind in artefacts.OF_EVENTS else "dossiers",
            "total": int(counts.sum()),
            "by_province": {code: int(count) for code, count in zip(plan.tables.codes, counts, strict=True) if count},
        }
        for kind, counts in zip(artefacts.KINDS, share.artefacts, strict=True)
    ]


def _waiting(plan: Plan, share: Share) -> list[dict[str, Any]]:
    """Mean hours per pass of a step: working hours by cause, clock hours while the office was closed."""
    out = []
    for p, procedure in enumerate(plan.order.scenario.procedures):
        for s, step in enumerate(plan.order.scenario.steps):
            row = share.waits[p, s]
            if row[0]:
                out.append(
                    {"procedure": procedure.code, "step": step.name, "again": step.again is not None, **_means(row)}
                )
    return out


def _waiting_by_province(plan: Plan, share: Share) -> list[dict[str, Any]]:
    """Mean hours per accepted dossier over all its steps."""
    out = []
    for p, procedure in enumerate(plan.order.scenario.procedures):
        for place, code in enumerate(plan.tables.codes):
            row = share.waits_by_province[p, place]
            if row[0]:
                out.append({"procedure": procedure.code, "province": code, **_means(row)})
    return out


def _means(row: np.ndarray[tuple[int], np.dtype[np.float64]]) -> dict[str, Any]:
    names = (*CAUSES, "unavailability")
    return {
        "n": int(row[0]),
        **{name: round(float(value / row[0]), 4) for name, value in zip(names, row[1:], strict=True)},
    }


def internal_processes(plan: Plan) -> dict[str, Any]:
    """Reference processes in the form of workbench/reference/reference_processes.json, and those of the provinces
    whose deviation is prescribed by their own process."""
    entries = [_process(plan, procedure, None, None) for procedure in plan.order.scenario.procedures]
    for one in plan.planted:
        if one.published:
            entries.append(_process(plan, plan.order.scenario.procedure(one.procedure), one.province, one.kind))
    return {"synthetic": True, "note": NOTE, "unit": "working days", "processes": entries}


def _process(plan: Plan, procedure: Procedure, province: str | None, kind: str | None) -> dict[str, Any]:
    scenario = plan.order.scenario
    rule = scenario.deviations.get(kind, {}) if kind else {}
    rest = set(rule.get("removes", []))
    keys = {use.step for use in procedure.steps if not use.only} - rest
    if kind != "repeated_supplements":
        keys |= set(rule.get("steps", []))
    steps: list[dict[str, Any]] = []
    for step in scenario.steps:
        if step.key in keys:
            use = procedure.use(step.key)
            unit = procedure.section if step.unit == "section" else scenario.units[step.unit]
            days = use.limit if use is not None else 0.5
            steps.append(
                {
                    "no": len(steps) + 1,
                    "task": step.name,
                    "unit": unit.get(procedure.before, ""),
                    "role": step.role,
                    "days": days,
                }
            )
    total = sum(step["days"] for step in steps)
    return {
        "key": procedure.key,
        "tthc": procedure.code,
        "name": procedure.name,
        "province": province_name(province) if province else None,
        "h": province,
        "declared_days": procedure.limit_days,
        "deviation": kind,
        "steps": steps,
        "sum_known_days": round(total, 3),
        "source": "synthetic scenario",
        "illustrative": procedure.illustrative,
    }


def calendar_file(calendars: CalendarSet, tables: dict[str, Any]) -> str:
    """The working hours of the log in the form that workbench.clock reads."""
    lines = ["# Working hours of the synthetic log beside this file."]
    for name, described in tables.get("calendars", {}).items():
        lines += ["", f"[calendars.{name}]"]
        lines += [f"{key} = {json.dumps(value)}" for key, value in described.items()]
    for rule in tables.get("rules", []):
        lines += ["", "[[rules]]"]
        lines += [f"{key} = {json.dumps(value)}" for key, value in rule.items()]
    assert calendars.calendars
    return "\n".join(lines) + "\n"


def write_json(path: Path, content: dict[str, Any]) -> None:
    """A JSON file, the same bytes for the same content."""
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")
