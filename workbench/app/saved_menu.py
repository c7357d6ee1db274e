"""The menu of saved views in the head: keep this view, open, rename, delete; what is said when its data is gone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import dash_mantine_components as dmc
from dash import ALL, Input, Output, State, callback, ctx, dcc, html, no_update

from workbench.app.components import hinted, icon
from workbench.app.ids import URL, Ids
from workbench.app.saved import PARAM, SavedView, loads_in_force, retracted_since
from workbench.app.workspace import Page, error_text
from workbench.errors import WorkbenchError

ids = Ids("saved", "button", "name", "keep", "list", "state", "turn")


def menu(page: Page) -> Any:
    """The button and what opens below it."""
    label = page.t("app.saved.title")
    target = dmc.ActionIcon(
        icon("bookmark"), id=ids.button, variant="subtle", color="gray", size="lg", **{"aria-label": label}
    )
    body = html.Div(
        [
            dcc.Store(id=ids.turn, data=0),
            html.Div(label, className="wb-empty-title"),
            dmc.Group(
                [
                    dmc.TextInput(
                        id=ids.name,
                        placeholder=page.t("app.saved.name"),
                        style={"flex": 1},
                        **{"aria-label": page.t("app.saved.name")},
                    ),
                    dmc.Button(page.t("app.saved.keep"), id=ids.keep, size="sm"),
                ],
                gap="xs",
                wrap="nowrap",
            ),
            html.Div(id=ids.state, className="wb-basis wb-saved-state", **{"aria-live": "polite"}),
            html.Div(_rows(page), id=ids.list, className="wb-saved"),
        ],
        className="wb-pill-body",
        role="group",
        **{"aria-label": label},
    )
    return dmc.Popover(
        [dmc.PopoverTarget(hinted(target, label)), dmc.PopoverDropdown(body)],
        position="bottom-end", shadow="md", withinPortal=True, withRoles=False, keepMounted=True,
        trapFocus=True, returnFocus=True, width=400,
    )  # fmt: skip


def _rows(page: Page) -> list[Any]:
    views = page.space.saved.all()
    if not views:
        return [html.P(page.t("app.saved.none"), className="wb-caption")]
    return [_row(page, view) for view in views]


def _row(page: Page, view: SavedView) -> html.Div:
    when = page.moment(datetime.fromisoformat(view.saved_at)) if view.saved_at else ""
    named = {
        "name": page.t("app.saved.rename_to", name=view.name),
        "delete": page.t("app.saved.delete", name=view.name),
    }
    rename = html.Details(
        [
            html.Summary(icon("pencil", 16), title=named["name"], **{"aria-label": named["name"]}),
            dmc.Group(
                [
                    dmc.TextInput(id={"type": "saved-new-name", "view": view.id}, value=view.name, size="xs", style={"flex": 1}, **{"aria-label": named["name"]}),
                    dmc.Button(page.t("app.saved.rename"), id={"type": "saved-rename", "view": view.id}, size="xs",
                               variant="default"),
                ],
                gap="xs", wrap="nowrap", className="wb-saved-rename",
            ),
        ]
    )  # fmt: skip
    delete = dmc.ActionIcon(
        icon("trash", 16), id={"type": "saved-delete", "view": view.id}, variant="subtle", color="gray",
        **{"aria-label": named["delete"]},
    )  # fmt: skip
    link = dcc.Link(
        [html.Span(view.name, className="wb-choice-name"), html.Span(when, className="wb-choice-note")],
        href=view.address,
        className="wb-saved-link",
    )
    return html.Div([link, rename, delete], className="wb-saved-row")


@callback(
    Output(ids.list, "children"),
    Output(ids.state, "children"),
    Output(ids.name, "value"),
    Input(ids.button, "n_clicks"),
    Input(ids.keep, "n_clicks"),
    Input({"type": "saved-rename", "view": ALL}, "n_clicks"),
    Input({"type": "saved-delete", "view": ALL}, "n_clicks"),
    State(ids.name, "value"),
    State({"type": "saved-new-name", "view": ALL}, "value"),
    State({"type": "saved-new-name", "view": ALL}, "id"),
    State(URL, "pathname"),
    State(URL, "search"),
    prevent_initial_call=True,
)
def change(
    _open: Any, _keep: Any, _rename: Any, _delete: Any, name: str | None, new_names: list[str], rows: list[dict[str, Any]],
    path: str | None, search: str | None,
) -> tuple[Any, Any, Any]:  # fmt: skip
    """Keep, rename or delete a view; opening the menu shows what other tabs have saved."""
    if not ctx.triggered or (ctx.triggered_id != ids.button and not ctx.triggered[0]["value"]):
        return no_update, no_update, no_update
    page = Page.of(search)
    try:
        said = _changed(
            page, ctx.triggered_id, name, {r["view"]: n for r, n in zip(rows, new_names, strict=True)}, path
        )
    except WorkbenchError as error:
        kind, detail = error_text(error, page.language)
        return no_update, html.Span(detail or kind, className="wb-late"), no_update
    return _rows(page), said, "" if ctx.triggered_id == ids.keep else no_update


def _changed(page: Page, asked: Any, name: str | None, new_names: dict[str, str], path: str | None) -> str:
    saved = page.space.saved
    if asked == ids.keep:
        view = page.view.with_params(**{PARAM: None})
        kept = saved.save(
            name or "", path or "/", view.search(), loads=loads_in_force(page.store), now=datetime.now()
        )  # fmt: skip
        return page.t("app.saved.kept", name=kept.name)
    if isinstance(asked, dict) and asked["type"] == "saved-rename":
        saved.rename(asked["view"], new_names.get(asked["view"], ""))
        return page.t("app.saved.renamed")
    if isinstance(asked, dict):
        saved.delete(asked["view"])
        return page.t("app.saved.deleted")
    return ""


def notice(page: Page) -> Any:
    """Which saved view is open, and whether the data it rested on is still there; None on any other view."""
    view_id = page.view.param(PARAM)
    if not view_id:
        return None
    view = page.space.saved.get(view_id)
    if view is None:
        return _said("info-circle", page.t("app.saved.gone"), _plain_link(page, "app.saved.go_on"))
    gone = retracted_since(view, page.ask(loads_in_force))
    if not gone:
        return html.Span([icon("bookmark", 14), page.t("app.saved.shown", name=view.name)])
    loads = ", ".join(str(one) for one in gone)
    data = dcc.Link(page.t("app.saved.to_data"), href=f"/data{page.view.search(page=False)}")
    return _said(
        "alert-triangle", page.t("app.saved.retracted", name=view.name, loads=loads), data,
        _plain_link(page, "app.saved.go_on"),
    )  # fmt: skip


def _plain_link(page: Page, key: str) -> dcc.Link:
    return dcc.Link(page.t(key), href=page.view.with_params(**{PARAM: None}).search())


def _said(icon_name: str, text: str, *links: Any) -> html.Span:
    return html.Span([icon(icon_name, 14), html.Span(text), *links], role="status")
