"""Tools in the corner of a card: its data as a file, and the Python that makes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import html

from workbench.app.components import hinted, icon
from workbench.app.workspace import Page

CALLS: Mapping[str, tuple[str, Callable[[Page], dict[str, Any]]]] = {
    "watch": ("watch_list", lambda page: {"clock": page.view.clock}),
    "on_time": ("on_time", lambda page: {"by": page.view.by}),
    "clocks": ("on_time", lambda _: {}),
    "paths": ("dfg", lambda _: {}),
    "steps": ("performance", lambda _: {}),
    "handovers": ("performance", lambda _: {}),
    "variants": ("variants", lambda _: {}),
    "causes": ("waiting", lambda page: {"by": page.view.by}),
    "transitions": ("waiting", lambda page: {"by": page.view.by}),
    "recommendations": ("recommend", lambda page: {"by": page.view.by}),
    "indicators": ("indicators", lambda _: {}),
    "organisations_lost": ("indicators", lambda page: {"by": page.view.by}),
    "quality": ("quality", lambda _: {}),
    "months": ("workbench.app.facts:by_month", lambda _: {}),
    "organisations": ("workbench.app.facts:by_organisation", lambda page: {"by": page.view.by}),
    "week": ("workbench.app.facts:week_hours", lambda _: {}),
}
"""The Python behind a table of `downloads.TABLES`: a method of `workbench.api.Log`, or `module:step` of a step that takes
the store and a selection; and the options besides the selection."""


def data_tools(page: Page, table: str, call: str | None = None, **options: Any) -> list[Any]:
    """Download links for a table of `downloads.TABLES`, and the Python behind the figure.

    `call` is written with the page's selection and `options`; where none is given it is the one of `CALLS`.
    """
    if call is None and table in CALLS:
        call, asked = CALLS[table]
        options = {**asked(page), **options}
    return [*([_code(page, call, options)] if call else []), _download(page, table)]


def _download(page: Page, table: str) -> Any:
    query = page.view.search()
    links = [
        html.A(ending.upper(), href=f"/download/{table}.{ending}{query}", download=f"{table}.{ending}",
               className="wb-menu-link")
        for ending in ("csv", "xlsx")
    ]  # fmt: skip
    return _corner(page.t("app.download"), "download", html.Div(links, className="wb-menu"))


def _code(page: Page, call: str, options: Mapping[str, Any]) -> Any:
    text = python_call(page, call, options)
    body = html.Div(
        [
            dmc.Code(text, block=True, className="wb-code"),
            dmc.CopyButton(value=text, children=page.t("app.copy"), copiedChildren=page.t("app.copied"), size="xs",
                           variant="default"),
        ],
        className="wb-stack-s",
    )  # fmt: skip
    return _corner(page.t("app.code"), "code", body, width=440)


def python_call(page: Page, call: str, options: Mapping[str, Any]) -> str:
    """The Python that makes a figure, ready to paste."""
    chosen = {
        name: tuple(value) if isinstance(value, list) else value for name, value in page.selection.to_dict().items()
    }
    opened = f'log = wb.open("{page.space.path}", read_only=True)'
    if ":" not in call:
        arguments = "" if call == "quality" else _arguments({**chosen, **options})
        return f"import workbench as wb\n\n{opened}\nlog.{call}({arguments})"
    module, step = call.split(":")
    asked = ", ".join(part for part in ("log.store", f"Selection({_arguments(chosen)})", _arguments(options)) if part)
    imports = f"import workbench as wb\nfrom {module} import {step}\nfrom workbench.selection import Selection"
    return f"{imports}\n\n{opened}\n{step}({asked})"


def _arguments(facts: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in facts.items())


def _corner(label: str, icon_name: str, body: Any, *, width: int | None = None) -> Any:
    target = dmc.ActionIcon(icon(icon_name, 17), variant="subtle", color="gray", **{"aria-label": label})
    sized = {"width": width} if width else {}
    return dmc.Popover(
        [dmc.PopoverTarget(hinted(target, label)), dmc.PopoverDropdown(body)],
        position="bottom-end", withinPortal=True,
        withRoles=False, trapFocus=True, returnFocus=True, **sized,
    )  # fmt: skip
