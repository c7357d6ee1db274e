"""Chỉ số: the indicators of QĐ 766 recomputed from the log, and where points are lost."""

from __future__ import annotations

from typing import Any

import dash
import dash_mantine_components as dmc
import pandas as pd
from dash import Input, Output, State, callback, dcc, html, no_update

from workbench.app import names
from workbench.app.asked import indicator_options
from workbench.app.card_tools import data_tools
from workbench.app.components import (
    basis_line,
    card,
    empty_state,
    hinted,
    icon,
    link_button,
    page_head,
    simple_table,
    slot,
)
from workbench.app.ids import URL, Ids
from workbench.app.indicators import Found, country_and_organisations
from workbench.app.panels import panel
from workbench.app.portal import beside_ours, read_scores
from workbench.app.uploads import drop_zone
from workbench.app.workspace import Page, error_text
from workbench.charts.records import records
from workbench.errors import WorkbenchError
from workbench.i18n import catalogue
from workbench.indicators import Reconciliation

ids = Ids("indicators", "table", "cheapest", "organisations", "portal", "batch")


def layout(page: Page) -> html.Div:
    """The table, the cheapest points, organisations."""
    return html.Div(
        [
            page_head(page, "indicators"),
            dcc.Store(id=ids.batch),
            slot(ids.table, 420),
            slot(ids.portal, 180),
            html.Div([slot(ids.cheapest, 300), slot(ids.organisations, 300)], className="wb-two"),
        ],
        className="wb-stack",
    )


def _kept(page: Page) -> Found | None:
    found: Found | None = page.kept(country_and_organisations, page.selection, **indicator_options(page))
    return found


@panel(ids.table)
def show_table(page: Page) -> Any:
    """Every indicator with its parts and points."""
    found: Found = page.long("app_indicators.job", country_and_organisations, page.selection, **indicator_options(page))
    table = found[0].table
    title = page.t("app_indicators.table.title")
    rows = [_row(page, row) for row in records(table)]
    heads = [page.t(f"app_indicators.table.{name}") for name in
             ("id", "name", "numerator", "denominator", "ratio", "threshold", "points", "max", "lost")]  # fmt: skip
    return card(
        title, html.Div(simple_table(heads, rows, numeric=(2, 3, 4, 5, 6, 7, 8), label=title), className="wb-indicators"),
        caption=page.t("app_indicators.table.caption"), basis=basis_line(page, found[0].basis),
        tools=data_tools(page, "indicators"),
    )  # fmt: skip


def _row(page: Page, row: Any) -> list[Any]:
    texts = catalogue(page.language)
    key = str(row.id).replace(".", "_")
    points = page.n(row.points, 2)
    if not row.points_verified and pd.notna(row.points):
        star = html.Span(" *", className="wb-star")
        points = hinted(html.Span([points, star], tabIndex=0), texts.get("indicators.label.unverified", ""))
    note = texts.get(f"indicators.note.{row.note}", "") if row.note else ""
    return [
        str(row.id),
        html.Div([texts.get(f"indicators.name.{key}", key), html.Div(note, className="wb-caption")]),
        page.n(row.numerator),
        page.n(row.denominator),
        page.percent(row.ratio),
        page.percent(row.threshold, 0),
        points,
        page.n(row.max_points, 1),
        page.n(row.points_lost, 2),
    ]


@panel(ids.cheapest)
def show_cheapest(page: Page) -> Any:
    """Where points are won back with the fewest dossiers."""
    found = _kept(page)
    if found is None:
        return None
    title = page.t("app_indicators.cheapest.title")
    if found[1].table.empty:
        return card(title, empty_state(page.t("app_indicators.cheapest.none"), "", icon_name="check"))
    rows = [
        [page.t(f"indicators.action.{row.action}"), page.n(row.dossiers), page.n(row.points, 2),
         page.n(row.cumulative_points, 2)]
        for row in records(found[1].table)
    ]  # fmt: skip
    heads = [page.t(f"app_indicators.cheapest.{name}") for name in ("action", "dossiers", "points", "together")]
    return card(title, simple_table(heads, rows, numeric=(1, 2, 3), label=title),
                caption=page.t("app_indicators.cheapest.caption"), basis=basis_line(page, found[1].basis),
                tools=data_tools(page, "cheapest"))  # fmt: skip


@panel(ids.organisations)
def show_organisations(page: Page) -> Any:
    """Points lost by organisation."""
    found = _kept(page)
    if found is None:
        return None
    table = found[2].table
    known = table[table["points_lost"].notna() & ~table["too_few"]]
    lost = known.groupby("group").agg(lost=("points_lost", "sum"), indicators=("id", "nunique")).reset_index()
    lost = lost.sort_values("lost", ascending=False)
    title = page.t("app_indicators.organisations.title")
    if lost.empty:
        return card(title, empty_state(page.t("app.few.title"), page.t("app_indicators.organisations.none")))
    rows = [[names.organisation(page, str(row.group)), page.n(row.lost, 2), page.n(row.indicators)]
            for row in records(lost)]  # fmt: skip
    heads = [page.t(f"app_indicators.organisations.{name}") for name in ("name", "lost", "indicators")]
    body = html.Div(simple_table(heads, rows, numeric=(1, 2), label=title), className="wb-tall")
    return card(title, body, caption=page.t("app_indicators.organisations.caption"),
                basis=basis_line(page, found[2].basis), tools=data_tools(page, "organisations_lost"))  # fmt: skip


# the portal's score ------------------------------------------------------------------------------------------
@panel(ids.portal)
def show_portal(page: Page) -> Any:
    """The portal's published scores beside ours, from a file a person chooses."""
    found = _kept(page)
    if found is None:
        return None
    title = page.t("app_indicators.portal.title")
    caption = page.t("app_indicators.portal.caption")
    batch = page.view.param("scores")
    if not batch:
        return card(title, _choose(page), caption=caption)
    try:
        result, unread = reconciled(page, found, batch)
    except WorkbenchError as error:
        kind, detail = error_text(error, page.language)
        said = dmc.Alert(detail, title=kind, color="red", variant="light", icon=icon("alert-triangle"), mb="md")
        return card(title, [said, _choose(page)], caption=caption)
    other = link_button(
        page.t("app_indicators.portal.other"), page.view.with_params(scores=None).search(), "upload", variant="default"
    )
    body = [_notes(page, result, unread), _beside(page, result, title), html.Div(other, className="wb-more")]
    return card(title, body, caption=caption, basis=basis_line(page, result.basis),
                tools=data_tools(page, "reconciliation"))  # fmt: skip


def reconciled(page: Page, found: Found, batch: str) -> tuple[Reconciliation, tuple[str, ...]]:
    """The reconciliation of an uploaded file, and the names in it that are no indicator."""
    scores = read_scores(page.space.batches.files(batch))
    groups = [str(one) for one in found[2].table["group"].unique()]
    return beside_ours(found[0], found[2], scores, {g: names.organisation(page, g) for g in groups}), scores.unread


def _choose(page: Page) -> Any:
    return drop_zone(
        ids.batch,
        title=page.t("app_indicators.portal.drop"),
        text=page.t("app_indicators.portal.drop_text"),
        button=page.t("app_data.choose"),
        failed=page.t("app_data.failed"),
        accept=".json,.xlsx",
    )


@callback(
    Output(URL, "search", allow_duplicate=True),
    Input(ids.batch, "data"),
    State(URL, "search"),
    prevent_initial_call=True,
)
def open_scores(batch: str | None, search: str | None) -> Any:
    """A file with scores has arrived."""
    return Page.of(search).view.with_params(scores=batch).search() if batch else no_update


def _notes(page: Page, result: Reconciliation, unread: tuple[str, ...]) -> Any:
    lines = []
    if result.unmatched:
        lines.append(page.t("app_indicators.portal.unmatched", units=", ".join(result.unmatched)))
    if unread:
        lines.append(page.t("app_indicators.portal.unread", names=", ".join(unread[:12])))
    return html.Ul([html.Li(line) for line in lines], className="wb-notes")


def _beside(page: Page, result: Reconciliation, title: str) -> Any:
    several = result.table["group"].nunique() > 1
    heads = [page.t(f"app_indicators.portal.{name}") for name in
             ("unit", "id", "theirs", "ours", "difference", "score", "points", "cause")]  # fmt: skip
    rows = [_beside_row(page, row) for row in records(result.table)]
    place = 0 if several else 1
    body = simple_table(heads[place:], [row[place:] for row in rows],
                        numeric=tuple(n - place for n in (2, 3, 4, 5, 6)), label=title)  # fmt: skip
    return html.Div(body, className="wb-tall")


def _beside_row(page: Page, row: Any) -> list[Any]:
    texts = catalogue(page.language)
    cause = page.t(f"indicators.cause.{row.cause}")
    if row.variant:
        cause += f": {page.t(f'indicators.variant.{row.variant}')}"
    name = texts.get(f"indicators.name.{str(row.id).replace('.', '_')}", "")
    return [
        names.organisation(page, str(row.group)), html.Span(f"{row.id} {name}"),
        _share(page, row.portal_ratio, row.portal_numerator, row.portal_denominator),
        _share(page, row.our_ratio, row.our_numerator, row.our_denominator),
        "–" if pd.isna(row.difference) else f"{page.n(row.difference * 100, 2)}",
        page.n(row.portal_score, 2), page.n(row.our_points, 2), cause,
    ]  # fmt: skip


def _share(page: Page, ratio: float, numerator: float, denominator: float) -> Any:
    parts = f"{page.n(numerator)} / {page.n(denominator)}" if pd.notna(numerator) and pd.notna(denominator) else ""
    return html.Span([page.percent(ratio, 2), html.Br(), html.Span(parts, className="wb-caption")])


dash.register_page(__name__, path="/indicators", name="indicators", icon="chart-bar", order=8, layout=layout)
