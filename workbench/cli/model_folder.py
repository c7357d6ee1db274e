"""The unified procedure a command is given: a folder of `workbench harmonise`, or a model file."""

from __future__ import annotations

from pathlib import Path

from workbench.errors import ModelError
from workbench.mining.model import Bpmn
from workbench.mining.model_files import read_model


def unified_model(path: Path) -> Bpmn:
    """The BPMN model of a harmonised folder or of a .bpmn file; ModelError where there is none."""
    file = path / "unified.bpmn" if path.is_dir() else path
    if not file.is_file():
        raise ModelError(
            f"{path} holds no harmonised procedure.",
            fix="Make it with `workbench harmonise … --out DIR`.",
            path=str(path),
        )
    model = read_model(file)
    if not isinstance(model, Bpmn):
        raise ModelError(f"{file} is not a BPMN model.", fix="Harmonise again.", path=str(path))
    return model
