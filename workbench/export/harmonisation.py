"""The files a harmonisation hands out, and the same files read back for the documents made from them."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from workbench.errors import FormatError
from workbench.export.bpmn import bpmn_bytes
from workbench.export.bpmn_drawing import draw_bpmn
from workbench.export.internal_process import Procedure
from workbench.export.observed import observed_procedure, unit_group
from workbench.export.picture import svg
from workbench.export.pnml import pnml_bytes
from workbench.export.procedure_picture import procedure_picture
from workbench.export.tables import csv_bytes
from workbench.harmonise.impact.side_effects import ShareEffect
from workbench.harmonise.recommendation.recommend import Recommendation, Recommendations, recommend
from workbench.harmonise.unification.unify import Harmonisation
from workbench.harmonise.vocabulary.canonical_steps import canonical_steps
from workbench.i18n import Language
from workbench.mining.model import Bpmn, Flow, Node
from workbench.results import Basis, Result, plain
from workbench.selection import Selection
from workbench.store import LogStore

FILES = (
    "unified.bpmn",
    "unified.svg",
    "unified.pnml",
    "unified.json",
    "evaluation.json",
    "recommendations.json",
    "migration.csv",
)


@dataclass(frozen=True, slots=True)
class Decided(Result):
    """What documents need of a harmonisation, fresh from the search or read back from its folder."""

    bpmn: Bpmn
    lanes: dict[str, str]
    candidates: pd.DataFrame
    reasons: tuple[dict[str, Any], ...]
    migration: pd.DataFrame
    recommendations: Recommendations | None
    basis: Basis
    digest: str = ""
    """Checksum of the files it was read from; empty when it was not read."""


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
        "unified.json": _json({"bpmn": asdict(result.bpmn), "lanes": result.lanes, "name": result.recommended}),
        "evaluation.json": _json(result.evaluation()),
        "recommendations.json": _json(found.to_dict()),
        "migration.csv": csv_bytes(result.migration, mark=False),
    }
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    return tuple(folder / name for name in contents)


def decided(result: Harmonisation, recommendations: Recommendations | None = None) -> Decided:
    """What documents need of a harmonisation."""
    return Decided(
        result.bpmn, result.lanes, result.candidates, result.reasons, result.migration, recommendations, result.basis
    )


def read_harmonisation(folder: Path | str) -> Decided:
    """The harmonisation in a folder written by `write_harmonisation`.

    Raises FormatError when the folder holds none, or one whose files do not fit.
    """
    place = Path(folder)
    needed = ("unified.json", "evaluation.json", "recommendations.json", "migration.csv")
    missing = [name for name in needed if not (place / name).is_file()]
    if missing:
        raise FormatError(
            f"{place} holds no harmonisation: {', '.join(missing)} missing.",
            fix="Name a folder that `workbench harmonise --out` wrote.",
            path=str(place),
        )
    data = {name: (place / name).read_bytes() for name in needed}
    try:
        return _decided(data)
    except (ValueError, KeyError, TypeError) as exc:
        raise FormatError(
            f"The files of {place} are not a harmonisation: {exc}.",
            fix="Harmonise again: `workbench harmonise --out`.",
            path=str(place),
        ) from exc


def _decided(data: dict[str, bytes]) -> Decided:
    unified, evaluation, moves = (json.loads(data[name]) for name in list(data)[:3])
    nodes = tuple(Node(**node) for node in unified["bpmn"]["nodes"])
    flows = tuple(Flow(**flow) for flow in unified["bpmn"]["flows"])
    texts = dict.fromkeys(("organisation", "action", "step", "after"), str)
    digest = hashlib.sha256(b"".join(hashlib.sha256(data[name]).digest() for name in sorted(data))).hexdigest()[:16]
    return Decided(
        Bpmn(nodes, flows),
        dict(unified["lanes"]),
        pd.DataFrame(evaluation["candidates"]),
        tuple(evaluation["reasons"]),
        pd.read_csv(io.BytesIO(data["migration.csv"]), dtype=texts, encoding="utf-8-sig"),
        _recommendations(moves),
        _basis(evaluation["basis"]),
        digest,
    )


def _recommendations(facts: dict[str, Any]) -> Recommendations:
    items = []
    for one in facts["recommendations"]:
        made: dict[str, Any] = {name: tuple(one[name]) for name in ("steps", "organisations")}
        made["interval"] = _pair(one["interval"])
        made["lateness"] = None if one.get("lateness") is None else _share_effect(one["lateness"])
        made["side_effects"] = tuple(_share_effect(effect) for effect in one.get("side_effects", ()))
        items.append(Recommendation(**{**one, **made}))
    return Recommendations(
        tuple(items),
        facts["tests"],
        facts["false_discovery"],
        facts["too_few_cases"],
        facts["vocabulary"],
        _basis(facts["basis"]),
        notes=tuple(facts.get("notes", ())),
    )


def _share_effect(facts: dict[str, Any]) -> ShareEffect:
    values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in facts.items()}
    return ShareEffect(**values)


def _pair(values: list[float] | None) -> tuple[float, float] | None:
    return None if values is None else (float(values[0]), float(values[1]))


def _basis(facts: dict[str, Any]) -> Basis:
    values: dict[str, Any] = {**facts, "period": None if facts["period"] is None else tuple(facts["period"])}
    return Basis(**values)


def unified_procedure(store: LogStore, result: Harmonisation | Decided) -> Procedure:
    """The chosen model as a procedure: its shares and units as judged, figures and limits from the store."""
    selection = Selection.from_dict(result.basis.selection)
    lanes = {step: unit_group(unit) for step, unit in result.lanes.items()}
    seen = observed_procedure(store, selection, result.bpmn, lanes=lanes)
    return Procedure(seen.name, result.bpmn, seen.lanes, seen.facts)


def _json(value: object) -> bytes:
    return (json.dumps(plain(value), ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()
