"""How uploaded files are read, as a person says it: encoding, order of dates, the object that is the dossier.

The choices are parameters of the address; what is not chosen is found out. Also what a load remarked.
"""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import ALL, Input, Output, State, callback, html, no_update

from workbench.app.components import file_name, said
from workbench.app.icons import icon
from workbench.app.ids import URL
from workbench.app.view import View
from workbench.app.workspace import Page, error_text
from workbench.errors import WorkbenchError
from workbench.intake import LoadReport
from workbench.sources.encodings import LEGACY

PARAMS = ("encoding", "date_order", "object_type")
"""Options of reading a page can give, as the address names them."""
_VALUES = {"encoding": ("utf-8", "utf-16", "windows-1252", *LEGACY), "date_order": ("dmy", "mdy")}
_WORDS = {"order": "order_words", "decided_by": "decided"}
"""Facts of a remark that are codes, and where their words are."""


def given(view: View) -> dict[str, str]:
    """The options a person chose; a value that is not offered counts as not given."""
    chosen = {name: view.param(name, choices=_VALUES.get(name, ())) for name in PARAMS}
    return {name: value.strip() for name, value in chosen.items() if value.strip()}


def choices(page: Page, types: tuple[str, ...] = ()) -> html.Div:
    """The choices of reading; that of the dossier's object only where a file has several `types`."""
    chosen = given(page.view)
    offered = dict(_VALUES)
    if types or "object_type" in chosen:
        offered["object_type"] = types or (chosen["object_type"],)
    return html.Div(
        [_choice(page, name, values, chosen.get(name, "")) for name, values in offered.items()],
        className="wb-reading",
    )


def _choice(page: Page, name: str, values: tuple[str, ...], value: str) -> Any:
    def words(one: str) -> str:
        if name == "date_order":
            return page.t(f"app_data.read.order_words.{one}")
        return one.upper() if name == "encoding" else one

    data = [{"value": "", "label": page.t("app_data.read.auto")}, *({"value": v, "label": words(v)} for v in values)]
    return dmc.Select(
        id={"type": "data-reading", "name": name}, data=data, value=value, label=page.t(f"app_data.read.{name}"),
        allowDeselect=False, w=260, maw="100%",
    )  # fmt: skip


@callback(
    Output(URL, "search", allow_duplicate=True),
    Input({"type": "data-reading", "name": ALL}, "value"),
    State({"type": "data-reading", "name": ALL}, "id"),
    State(URL, "search"),
    prevent_initial_call=True,
)
def choose_reading(values: list[str], names: list[dict[str, Any]], search: str | None) -> Any:
    """Read the files as chosen."""
    view = Page.of(search).view
    kept = {name["name"]: value or None for name, value in zip(names, values, strict=True)}
    now = given(view)
    changed = any(now.get(name) != value for name, value in kept.items())
    return view.with_params(**kept).search() if changed else no_update


def unreadable(page: Page, error: WorkbenchError) -> html.Section:
    """Why uploaded files cannot be read, with the choices that may help."""
    facts = error.facts
    types = tuple(str(one) for one in facts.get("choices", ())) if facts.get("option") == "object_type" else ()
    readable = str(getattr(error, "code", "")).startswith("source.")
    helps = [choices(page, types)] if readable else []
    return html.Section([trouble(page, error), *helps], className="wb-card")


def trouble(page: Page, error: WorkbenchError) -> Any:
    """What is wrong and what to do now."""
    kind, detail = error_text(error, page.language)
    return dmc.Alert(file_name(detail), title=kind, color="red", variant="light", icon=icon("alert-triangle"), mb="md")


def notes(page: Page, report: LoadReport) -> Any:
    """What a load remarked: times taken as local, columns not used, dossiers without a procedure."""
    lines = []
    for one in report.notices:
        facts = {name: _fact(page, name, value) for name, value in one.facts.items()}
        lines.append(html.Li(file_name(said(page, f"intake.notice.{one.code}", **facts))))
    if not lines:
        return None
    return html.Div([html.H3(page.t("app_data.read.notes"), className="wb-sub"), html.Ul(lines, className="wb-notes")])


def _fact(page: Page, name: str, value: Any) -> str:
    if name in _WORDS:
        return page.t(f"app_data.read.{_WORDS[name]}.{value}")
    return page.n(value) if isinstance(value, int) else str(value)
