"""The files a harmonisation hands out."""

from __future__ import annotations

import json
from pathlib import Path

from workbench.export.bpmn import bpmn_bytes
from workbench.export.bpmn_drawing import draw_bpmn
from workbench.export.internal_process import Procedure
from workbench.export.observed import observed_procedure, unit_group
from workbench.export.picture import svg
from workbench.export.pnml import pnml_bytes
from workbench.export.procedure_picture import procedure_picture
from workbench.export.tables import csv_bytes
from workbench.harmonise.canonical_steps import canonical_steps
from workbench.harmonise.recommend import Recommendations, recommend
from workbench.harmonise.unify import Harmonisation
from workbench.i18n import Language
from workbench.results import plain
from workbench.selection import Selection
from workbench.store import LogStore

FILES = ("unified.bpmn", "unified.svg", "unified.pnml", "evaluation.json", "recommendations.json", "migration.csv")


def write_harmonisation(
    store: LogStore,
    result: Harmonisation,
    out: Path | str,
    *,
    language: Language = "vi",
    recommendations: Recommendations | None = None,
) -> tuple[Path, ...]:
    """Write the unified procedure, its evaluation, the recommendations and the migration list into a folder.

    Without `recommendations` they are made for the harmonised selection. All files are made before the first
    is written, so that a failure leaves no half of them.
    """
    selection = Selection.from_dict(result.basis.selection)
    found = recommendations
    if found is None:
        with canonical_steps(store, selection) as state:
            found = recommend(store, selection, by=result.by, vocabulary=state)
    procedure = unified_procedure(store, result)
    drawing = draw_bpmn(
        procedure.bpmn, lanes=procedure.lanes, name=procedure.name, language=language, facts=procedure.facts
    )
    contents = {
        "unified.bpmn": bpmn_bytes(drawing, language=language, facts=procedure.facts),
        "unified.svg": svg(procedure_picture(drawing)),
        "unified.pnml": pnml_bytes(result.net, name=procedure.name),
        "evaluation.json": _json(result.evaluation()),
        "recommendations.json": _json(found.to_dict()),
        "migration.csv": csv_bytes(result.migration, mark=False),
    }
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    return tuple(folder / name for name in contents)


def unified_procedure(store: LogStore, result: Harmonisation) -> Procedure:
    """The chosen model as a procedure: its shares and units as judged, figures and limits from the store."""
    selection = Selection.from_dict(result.basis.selection)
    lanes = {step: unit_group(unit) for step, unit in result.lanes.items()}
    seen = observed_procedure(store, selection, result.bpmn, lanes=lanes)
    return Procedure(seen.name, result.bpmn, seen.lanes, seen.facts)


def _json(value: object) -> bytes:
    return (json.dumps(plain(value), ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()
