"""Model files: BPMN 2.0 and PNML read as plain models, without entities, network or any tool's classes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lxml import etree

from workbench.errors import ModelError
from workbench.mining import bpmn_file, pnml_file
from workbench.mining.model import Bpmn, PetriNet

MAX_BYTES = 50_000_000


def read_model(path: str | Path, *, process: str | None = None) -> Bpmn | PetriNet:
    """The model in a BPMN or a PNML file; what it is decides, not its name.

    `process` is the id of the process to take when a BPMN file holds several with steps. A file that cannot be read
    as one raises ModelError with the line at fault.
    """
    root = _root(Path(path))
    name = etree.QName(root).localname
    try:
        if name == "definitions":
            return bpmn_file.read_bpmn(root, process=process)
        if name == "pnml":
            return pnml_file.read_pnml(root)
    except ModelError as exc:
        exc.facts.setdefault("path", str(path))
        raise
    raise ModelError(
        f"{path} is XML with the root <{name}>, neither BPMN nor PNML.",
        fix="Export the model as BPMN 2.0 or as PNML.",
        path=str(path),
        line=root.sourceline,
    )


def read_lanes(path: str | Path, *, process: str | None = None) -> dict[str, str]:
    """Step to lane (unit) of a BPMN file; steps outside all lanes are left out, of a repeated step the first counts."""
    root = _root(Path(path))
    return bpmn_file.read_lanes(root, process=process)


def _root(path: Path) -> Any:
    try:
        size = path.stat().st_size
        text = path.read_bytes() if size <= MAX_BYTES else b""
    except OSError as exc:
        raise ModelError(f"{path} cannot be read: {exc.strerror}.", fix="Name a model file.", path=str(path)) from exc
    if size > MAX_BYTES:
        raise ModelError(
            f"{path} has {size} bytes; a model has at most {MAX_BYTES}.", fix="Name a model file.", path=str(path)
        )
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(text, parser)
    except etree.XMLSyntaxError as exc:
        line = exc.lineno or 1
        raise ModelError(
            f"{path} is not well-formed XML: {exc.msg} (line {line}).",
            fix="Export the model again as BPMN 2.0 or PNML.",
            path=str(path),
            line=line,
        ) from exc
    if root.getroottree().docinfo.doctype:
        raise ModelError(
            f"{path} declares a document type; entities are not read from models.",
            fix="Remove the <!DOCTYPE …> line.",
            path=str(path),
            line=1,
        )
    return root
