"""The files a harmonised procedure leaves with: model, net, evaluation, recommendations, migration list."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pandas as pd

from workbench.export.bpmn import write_bpmn
from workbench.export.observed import observed_procedure
from workbench.export.pnml import write_pnml
from workbench.harmonise.recommend import Recommendations
from workbench.harmonise.unify import Harmonisation
from workbench.i18n import Language
from workbench.results import plain
from workbench.selection import Selection
from workbench.store import LogStore

FILES = ("unified.bpmn", "unified.pnml", "evaluation.json", "recommendations.json", "migration.csv")


def write_harmonisation(
    store: LogStore,
    selection: Selection,
    result: Harmonisation,
    recommendations: Recommendations,
    out: Path,
    *,
    language: Language = "vi",
) -> list[Path]:
    """Write `FILES` into the folder `out`, made when missing; the paths written.

    `evaluation.json` also says where the step names come from (`vocabulary`: reviewed, mixed, proposed or labels).
    """
    out.mkdir(parents=True, exist_ok=True)
    known = observed_procedure(store, selection, result.bpmn, lanes=result.lanes)
    write_bpmn(
        result.bpmn, out / "unified.bpmn", lanes=known.lanes, name=known.name, language=language, facts=known.facts
    )
    write_pnml(result.net, out / "unified.pnml", name=result.procedure or "procedure")
    _write_json(out / "evaluation.json", {**result.evaluation(), "vocabulary": recommendations.vocabulary})
    _write_json(out / "recommendations.json", recommendations.to_dict())
    write_migration(result.migration, out / "migration.csv")
    return [out / name for name in FILES]


def write_migration(table: pd.DataFrame, path: Path) -> None:
    """The migration list as CSV that spreadsheet programs read as text, with cells that look like formulas disarmed."""
    safe = table.copy()
    for name in safe.select_dtypes(exclude="number").columns:
        safe[name] = [_disarmed(value) for value in safe[name]]
    safe.to_csv(path, index=False, encoding="utf-8-sig", quoting=csv.QUOTE_MINIMAL)


def _disarmed(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" and value else value


def _write_json(path: Path, facts: dict[str, Any]) -> None:
    path.write_text(json.dumps(plain(facts), ensure_ascii=False, indent=2) + "\n", "utf-8")
