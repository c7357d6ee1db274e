"""Chỉ số: the indicators of QĐ 766 recomputed from the log, and where points are lost."""

from __future__ import annotations

from typing import Any

import dash
import pandas as pd
from dash import html

from workbench.app import names
from workbench.app.asked import indicator_options
from workbench.app.card_tools import data_tools
from workbench.app.components import basis_line, card, empty_state, hinted, page_head, simple_table, slot
from workbench.app.ids import Ids
from workbench.app.indicators import Found, country_and_organisations
from workbench.app.panels import panel
from workbench.app.workspace import Page
from workbench.charts.records import records
from workbench.i18n import catalogue

ids = Ids("indicators", "table", "cheapest", "organisations")


def layout(page: Page) -> html.Div:
    """The table, the cheapest points, organisations."""
    return html.Div(
        [
            page_head(page, "indicators"),
            slot(ids.table, 420),
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
             ("id", "name", "numerator", "denominator", "ratio", "threshold", "points", "max", "lost", "note")]  # fmt: skip
    return card(
        title, simple_table(heads, rows, numeric=(2, 3, 4, 5, 6, 7, 8), label=title),
        caption=page.t("app_indicators.table.caption"), basis=basis_line(page, found[0].basis),
        tools=data_tools(page, "indicators"),
    )  # fmt: skip


def _row(page: Page, row: Any) -> list[Any]:
    texts = catalogue(page.language)
    key = str(row.id).replace(".", "_")
    points = page.n(row.points, 2)
    if not row.points_verified and pd.notna(row.points):
        points = hinted(html.Span(f"{points} *", tabIndex=0), texts.get("indicators.label.unverified", ""))
    return [
        str(row.id),
        texts.get(f"indicators.name.{key}", key),
        page.n(row.numerator),
        page.n(row.denominator),
        page.percent(row.ratio),
        page.percent(row.threshold, 0),
        points,
        page.n(row.max_points, 1),
        page.n(row.points_lost, 2),
        html.Span(texts.get(f"indicators.note.{row.note}", "") if row.note else "", className="wb-caption"),
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
                caption=page.t("app_indicators.cheapest.caption"), basis=basis_line(page, found[1].basis))  # fmt: skip


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
                basis=basis_line(page, found[2].basis))  # fmt: skip


dash.register_page(__name__, path="/indicators", name="indicators", icon="chart-bar", order=8, layout=layout)
