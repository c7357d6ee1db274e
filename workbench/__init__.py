"""The procedure-simplification and process-mining workbench: `import workbench as wb; log = wb.open("…")`."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.api import (
        Log,
        bars,
        candidates,
        datasets,
        glance,
        intervals,
        number,
        open,
        parts,
        preview,
        reasons,
        square,
        synthesise,
        table,
    )
    from workbench.export.stills import Svg, Table, picture
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
    "glance",
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

_ELSEWHERE = {
    "Selection": "workbench.selection",
    "Svg": "workbench.export.stills",
    "Table": "workbench.export.stills",
    "picture": "workbench.export.stills",
    "province_name": "workbench.reference",
}
"""The modules of those names that are not from `workbench.api`."""


def __getattr__(name: str) -> Any:
    """Public names, imported when first used so that `import workbench` stays quick."""
    if name in __all__:
        return getattr(importlib.import_module(_ELSEWHERE.get(name, "workbench.api")), name)
    raise AttributeError(f"module 'workbench' has no attribute {name!r}")
