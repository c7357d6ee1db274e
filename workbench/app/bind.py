"""Controls that live in the address: moving one changes the query, a pasted query moves the control."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from dash import Input, Output, clientside_callback

from workbench.app.ids import URL


@dataclass(frozen=True, slots=True)
class Bound:
    """One control: the property `prop` of component `id` is the parameter `param` of the address."""

    id: str
    param: str
    prop: str = "value"
    kind: Literal["one", "many", "number", "months", "list", "auto"] = "one"
    default: Any = None
    """What the control shows, and the address leaves out, when nothing is chosen. An `auto` control has none: the
    page chooses its number while the address is silent."""
    choices: tuple[str, ...] = ()
    """What may be chosen; another value in the address counts as not given. Empty: anything."""


def bind(*controls: Bound) -> None:
    """Keep controls and address equal, both ways."""
    specs = [{"param": c.param, "kind": c.kind, "default": c.default, "choices": c.choices} for c in controls]
    clientside_callback(
        f"function(search, ...values) {{ return window.wb.sync({json.dumps(specs)}, '{URL}', search, values); }}",
        [Output(c.id, c.prop) for c in controls],
        Input(URL, "search"),
        *(Input(c.id, c.prop) for c in controls),
    )
