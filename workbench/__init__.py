"""The procedure-simplification and process-mining workbench: `import workbench as wb; log = wb.open("…")`."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.api import (
        Log,
        Svg,
        Table,
        bars,
        candidates,
        datasets,
        intervals,
        number,
        open,
        parts,
        picture,
        preview,
        reasons,
        square,
        synthesise,
        table,
    )
    from workbench.reference import province_name
    from workbench.selection import Selection

__version__ = "0.1.0"
__all__ = [
    "Log",
    "Selection",
    "Svg",
    "Table",
    "__version__",
    "bars",
    "candidates",
    "datasets",
    "intervals",
    "number",
    "open",
    "parts",
    "picture",
    "preview",
    "province_name",
    "reasons",
    "square",
    "synthesise",
    "table",
]

_HOMES = {
    "Log": "workbench.api",
    "Selection": "workbench.selection",
    "Svg": "workbench.api",
    "Table": "workbench.api",
    "bars": "workbench.api",
    "candidates": "workbench.api",
    "datasets": "workbench.api",
    "intervals": "workbench.api",
    "number": "workbench.api",
    "open": "workbench.api",
    "parts": "workbench.api",
    "picture": "workbench.api",
    "preview": "workbench.api",
    "province_name": "workbench.reference",
    "reasons": "workbench.api",
    "square": "workbench.api",
    "synthesise": "workbench.api",
    "table": "workbench.api",
}


def __getattr__(name: str) -> Any:
    """Public names, imported when first used so that `import workbench` stays quick."""
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'workbench' has no attribute {name!r}")
