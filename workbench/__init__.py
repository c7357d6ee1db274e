"""The procedure-simplification and process-mining workbench: `import workbench as wb; log = wb.open("…")`."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.api import Log, Svg, open, picture, synthesise
    from workbench.reference import province_name
    from workbench.selection import Selection

__version__ = "0.1.0"
__all__ = ["Log", "Selection", "Svg", "__version__", "open", "picture", "province_name", "synthesise"]

_HOMES = {
    "Log": "workbench.api",
    "Svg": "workbench.api",
    "open": "workbench.api",
    "picture": "workbench.api",
    "province_name": "workbench.reference",
    "synthesise": "workbench.api",
    "Selection": "workbench.selection",
}


def __getattr__(name: str) -> Any:
    """Public names, imported when first used so that `import workbench` stays quick."""
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'workbench' has no attribute {name!r}")
