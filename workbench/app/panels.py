"""Panels: the parts of a page that follow the address. A panel's callback is one step and one chart."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any

from dash import Input, Output, callback
from dash.development.base_component import Component

from workbench.app import ids as shared
from workbench.app.answers import lasting, passing
from workbench.app.components import failure, no_store, nothing, progress_card, unexpected
from workbench.app.view import language_of
from workbench.app.workspace import Page, Waiting, workspace
from workbench.errors import WorkbenchError

_log = logging.getLogger("workbench.app")
Draw = Callable[..., Any]
PANELS: dict[str, tuple[Draw, bool, int]] = {}
"""Every panel by id: what draws it, whether it needs dossiers, how many inputs of its own it has."""


def panel(panel_id: str, *inputs: Input, needs_dossiers: bool = True) -> Callable[[Draw], Draw]:
    """Fill `panel_id` with what the function returns for the page of the present address.

    Empty store, empty selection, errors and work under way are shown the same way on every page.
    Further `inputs` are passed after the page.
    """

    lasting(f"{panel_id}.children")

    def register(draw: Draw) -> Draw:
        PANELS[panel_id] = draw, needs_dossiers, len(inputs)

        @callback(
            Output(panel_id, "children"),
            Input(shared.URL, "search"),
            Input(shared.JOBS_DONE, "data"),
            *inputs,
        )
        @functools.wraps(draw)
        def fill(search: str | None, _jobs: Any, *values: Any) -> Any:
            return answer(search, draw, *values, needs_dossiers=needs_dossiers)

        return draw

    return register


def answer(search: str | None, draw: Draw, *values: Any, needs_dossiers: bool = True) -> Component:
    """What `draw` makes of the address, or the state that stands in for it."""
    space = workspace()
    language = language_of(search, space.settings["language"])  # type: ignore[arg-type]
    try:
        page = Page.of(search)
        page.waits = True
        if needs_dossiers and page.empty():
            return no_store(page)
        if needs_dossiers and not page.basis().n_dossiers:
            return nothing(page)
        return draw(page, *values)
    except Waiting as waiting:
        passing()
        return progress_card(waiting.job, language)
    except WorkbenchError as error:
        passing()
        return failure(error, language)
    except Exception as error:
        _log.exception("panel failed")
        passing()
        return failure(unexpected(error), language, again=search or "")
