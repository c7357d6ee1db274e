"""Tools in the corner of a card: its data as a file, and the Python that makes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import html

from workbench.app.components import hinted, icon
from workbench.app.workspace import Page


def data_tools(page: Page, table: str, call: str | None = None, **options: Any) -> list[Any]:
    """Download links for a table of `downloads.TABLES`, and the call of the Python API behind the figure.

    `call` is a method of `workbench.api.Log`, written with the page's selection and `options`.
    """
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
    arguments = ", ".join(f"{name}={value!r}" for name, value in {**chosen, **options}.items())
    return f'import workbench as wb\n\nlog = wb.open("{page.space.path}", read_only=True)\nlog.{call}({arguments})'


def _corner(label: str, icon_name: str, body: Any, *, width: int | None = None) -> Any:
    target = dmc.ActionIcon(icon(icon_name, 17), variant="subtle", color="gray", **{"aria-label": label})
    sized = {"width": width} if width else {}
    return dmc.Popover(
        [dmc.PopoverTarget(hinted(target, label)), dmc.PopoverDropdown(body)],
        position="bottom-end", withinPortal=True,
        withRoles=False, trapFocus=True, returnFocus=True, **sized,
    )  # fmt: skip
