"""Cài đặt: what every figure rests on, changed for everybody who uses this server."""

from __future__ import annotations

from typing import Any

import dash
import dash_mantine_components as dmc
from dash import ALL, Input, Output, State, callback, ctx, html, no_update

from workbench.app.components import card, page_head, simple_table, slot
from workbench.app.facts import Calendars, calendars
from workbench.app.ids import JOBS_DONE, URL, Ids
from workbench.app.panels import panel
from workbench.app.workspace import LIVE, Page, error_text
from workbench.charts.records import records
from workbench.errors import WorkbenchError
from workbench.settings import SETTINGS, Setting

ids = Ids("settings", "state", "calendars", "clocks")


def layout(page: Page) -> html.Div:
    """The settings, the clocks in words, the calendars."""
    return html.Div(
        [
            page_head(page, "settings"),
            html.Div([_settings(page), _clocks(page)], className="wb-two"),
            slot(ids.calendars, 160),
        ],
        className="wb-stack",
    )


def _settings(page: Page) -> html.Section:
    live = [_control(page, setting) for setting in SETTINGS if setting.name in LIVE]
    fixed = [
        [_label(page, setting.name), _value(page, page.space.settings[setting.name])]
        for setting in SETTINGS
        if setting.name not in LIVE
    ]
    body = [
        dmc.Stack(live, gap="md"),
        html.Div(id=ids.state, className="wb-basis", **{"aria-live": "polite"}),
        html.H3(page.t("app_settings.fixed"), className="wb-sub"),
        simple_table([page.t("app_settings.name"), page.t("app_settings.value")], fixed,
                     label=page.t("app_settings.fixed")),
    ]  # fmt: skip
    return card(page.t("app_settings.live"), body, caption=page.t("app_settings.live_text"))


def _label(page: Page, name: str) -> str:
    return page.t(f"settings.{name}").rstrip(".")


def _value(page: Page, value: Any) -> Any:
    if isinstance(value, bool):
        return page.t(f"app_settings.{'yes' if value else 'no'}")
    return html.Code(str(value)) if value not in (None, "") else "–"


def _control(page: Page, setting: Setting) -> Any:
    value = page.space.settings[setting.name]
    named = {
        "id": {"type": "setting", "name": setting.name},
        "label": _label(page, setting.name),
        "w": 360,
        "maw": "100%",
    }
    if setting.choices:
        data = [{"value": item, "label": page.t(f"app_settings.choice.{item}")} for item in setting.choices]
        return dmc.Select(data=data, value=str(value), allowDeselect=False, **named)
    return dmc.NumberInput(value=value, min=setting.minimum, debounce=600, **named)


def _clocks(page: Page) -> html.Section:
    rows = [
        [html.B(page.t(f"app.clock.{name}")), page.t(f"app.clock_text.{name}")]
        for name in ("law", "portal", "pause", "local")
    ]
    title = page.t("app_settings.clocks")
    heads = [page.t("app_settings.clock"), page.t("app_settings.meaning")]
    return card(title, simple_table(heads, rows, label=title), caption=page.t("app_settings.clocks_text"))


@callback(
    Output(ids.state, "children"),
    Output(JOBS_DONE, "data", allow_duplicate=True),
    Input({"type": "setting", "name": ALL}, "value"),
    State(URL, "search"),
    State(JOBS_DONE, "data"),
    prevent_initial_call=True,
)
def change(_values: list[Any], search: str | None, finished: int | None) -> tuple[Any, Any]:
    """Put one changed setting in force."""
    if not isinstance(ctx.triggered_id, dict):
        return no_update, no_update
    page = Page.of(search)
    name, value = ctx.triggered_id["name"], ctx.triggered[0]["value"]
    if name not in LIVE or value in (None, "") or page.space.settings[name] == value:
        return no_update, no_update
    try:
        page.space.set(name, value)
    except WorkbenchError as error:
        return html.Span(error_text(error, page.language)[1], className="wb-late"), no_update
    return page.t("app_settings.kept", name=page.t(f"settings.{name}")), (finished or 0) + 1


@panel(ids.calendars, needs_dossiers=False)
def show_calendars(page: Page) -> Any:
    """Working hours by calendar."""
    found: Calendars = page.ask(calendars)
    title = page.t("app_settings.calendars")
    if found.table.empty:
        return None
    rows = [
        [html.Code(row.calendar_id), page.day(row.first_day), page.day(row.last_day), page.n(row.working_days),
         page.n(row.hours / row.working_days if row.working_days else None, 1), page.n(row.dossiers)]
        for row in records(found.table)
    ]  # fmt: skip
    heads = [page.t(f"app_settings.calendar.{name}") for name in
             ("name", "first", "last", "days", "hours", "dossiers")]  # fmt: skip
    return card(title, simple_table(heads, rows, numeric=(1, 2, 3, 4, 5), label=title),
                caption=page.t("app_settings.calendars_text"))  # fmt: skip


dash.register_page(__name__, path="/settings", name="settings", icon="settings", order=10, layout=layout)
