"""Tổng quan: the country at a glance."""

from __future__ import annotations

from typing import Any

import dash
import dash_mantine_components as dmc
import pandas as pd
from dash import dcc, html

from workbench.app import names
from workbench.app.bind import Bound, bind
from workbench.app.card_tools import data_tools
from workbench.app.components import (
    basis_line,
    card,
    empty_state,
    graph,
    hinted,
    key_figure,
    link_button,
    page_head,
    simple_table,
    slot,
)
from workbench.app.facts import Months, by_month, by_organisation
from workbench.app.ids import Ids
from workbench.app.panels import panel
from workbench.app.workspace import Page
from workbench.charts.country import CountryMap, country_map
from workbench.charts.records import records
from workbench.charts.tilemap import tiles
from workbench.charts.trend import month_figure, sparkline
from workbench.clock import OnTimeRates, on_time_rates
from workbench.indicators import WatchList, watch_list
from workbench.mining.performance import Performance, performance

ids = Ids("overview", "figures", "map", "months", "watch", "measure", "clocks")
MEASURES = ("on_time", "median", "n")


def layout(page: Page) -> html.Div:
    """Key figures, the map, the months, what to watch."""
    measure = dmc.SegmentedControl(
        id=ids.measure,
        data=[{"value": name, "label": page.t(f"app_overview.measure.{name}")} for name in MEASURES],
        value=page.view.param("measure", "on_time", MEASURES),
        size="xs",
    )
    return html.Div(
        [
            page_head(page, "overview"),
            slot(ids.figures, 92, "wb-kpis-slot"),
            html.Div(
                [
                    html.Div(
                        [html.Div(measure, className="wb-map-measure"), slot(ids.map, 640)], className="wb-map-side"
                    ),
                    html.Div(
                        [slot(ids.months, 300), slot(ids.clocks, 160), slot(ids.watch, 260)], className="wb-stack"
                    ),
                ],
                className="wb-overview",
            ),
        ]
    )


bind(Bound(ids.measure, "measure", default="on_time"))


@panel(ids.figures)
def figures(page: Page) -> html.Div:
    """The key figures of the selection."""
    months: Months = page.ask(by_month, page.selection)
    timing: Performance = page.ask(performance, page.selection)
    rates: OnTimeRates = page.ask(on_time_rates, page.selection)
    return html.Div(
        [
            _received(page, months),
            _on_time(page, rates),
            _duration(page, timing, months),
            _online(page, months),
            _open(page, months),
        ],
        className="wb-kpis",
    )


def _received(page: Page, months: Months) -> Any:
    basis = months.basis
    return key_figure(
        page.t("app_overview.received"),
        page.n(basis.n_dossiers),
        note=_spark(months.table["n"]),
        hint=page.t("app_overview.received_hint", n=page.n(basis.n_dossiers)),
    )


def _on_time(page: Page, rates: OnTimeRates) -> Any:
    rows = rates.table[rates.table["clock"] == page.view.clock]
    clock = page.t(f"app.clock.{page.view.clock}")
    if rows.empty or not int(rows.iloc[0]["n"]):
        return key_figure(page.t("app_overview.on_time"), "–", note=page.t("app_overview.no_due"), hint=clock)
    row = rows.iloc[0]
    hint = page.t(
        "app_overview.on_time_hint",
        clock=clock,
        n=page.n(row["n"]),
        on_time=page.n(row["on_time"]),
        low=page.percent(row["low"]),
        high=page.percent(row["high"]),
    )
    return key_figure(page.t("app_overview.on_time"), page.percent(row["rate"]), note=clock, hint=hint)


def _duration(page: Page, timing: Performance, months: Months) -> Any:
    rows = timing.throughput.set_index("measure")
    working = rows.loc["working"].to_dict()
    if not working["n"]:
        row, is_working = rows.loc["clock"].to_dict(), False
    else:
        row, is_working = working, True
    value = page.duration(row["median_seconds"], working=is_working)
    hint = page.t(
        "app_overview.median_hint", n=page.n(row["n"]), p90=page.duration(row["p90_seconds"], working=is_working)
    )
    column = "median_working_seconds" if is_working else "median_seconds"
    return key_figure(page.t("app_overview.median"), value, note=_spark(months.table[column]), hint=hint)


def _online(page: Page, months: Months) -> Any:
    table = months.table.dropna(subset=["online"])
    if table.empty:
        return key_figure(page.t("app_overview.online"), "–", note=page.t("app_overview.no_channel"))
    share = float((table["online"] * table["n"]).sum() / table["n"].sum())
    return key_figure(
        page.t("app_overview.online"),
        page.percent(share),
        note=_spark(table["online"]),
        hint=page.t("app_overview.online_hint"),
    )


def _open(page: Page, months: Months) -> Any:
    still = int(months.table["n"].sum() - months.table["closed"].sum())
    late = _counts(_watched(page)).get("overdue", 0)
    note = page.t("app_overview.open_note", overdue=page.n(late)) if late else page.t("app_overview.open_none")
    return key_figure(
        page.t("app_overview.open"),
        page.n(still),
        note=html.Span(note, className="wb-late" if late else ""),
        hint=page.t("app_overview.open_hint", day=page.moment(names.choices(page).as_of)),
    )


def _spark(values: pd.Series) -> Any:
    kept = values.dropna()
    return graph(sparkline(list(values)), height=34, quiet=True) if len(kept) > 2 else None


@panel(ids.map)
def country(page: Page) -> html.Section:
    """The provinces as tiles; a click keeps one."""
    measure = page.view.param("measure", "on_time", MEASURES)
    shown: CountryMap = country_map(measure, *_country_facts(page, measure), language=page.language, few=page.few)
    title = page.t(f"app_overview.map.{measure}")
    if not shown.known:
        return card(title, _no_provinces(page))
    legend = html.Div(
        [html.Span(text, className="wb-legend-item", style={"--swatch": colour}) for colour, text in shown.legend]
        + [html.Span(page.t("app_overview.map.few", few=page.few), className="wb-legend-item wb-legend-few")],
        className="wb-legend",
    )
    corner = html.Div(legend, className="wb-tiles-legend")
    body = html.Div([*(_tile(page, shown, tile) for tile in tiles()), corner], className="wb-tiles")
    return card(
        title,
        body,
        caption=page.t("app_overview.map.caption"),
        basis=basis_line(page, page.basis(), clock=measure == "on_time"),
    )


def _country_facts(page: Page, measure: str) -> tuple[Any, str]:
    everywhere = page.selection.with_(provinces_2025=())
    if measure == "on_time":
        return page.ask(on_time_rates, everywhere, by="province_2025"), page.view.clock
    return page.ask(by_organisation, everywhere, by="province_2025"), ""


def _tile(page: Page, shown: CountryMap, tile: Any) -> Any:
    name = tile.island or names.organisation(page, tile.code, "province_2025")
    value = shown.values.get(tile.code)
    chosen = tile.code in page.selection.provinces_2025
    target = page.view.select(provinces_2025=() if chosen else (tile.code,))
    style = {"gridColumn": tile.column + 1, "gridRow": tile.row + 1}
    if value is not None and value.colour:
        style |= {"--tile": value.colour, "--tile-text": value.text_colour}
    classes = "wb-tile" + (" wb-tile-chosen" if chosen else "") + (" wb-tile-island" if tile.island else "")
    classes += " wb-tile-few" if value is not None and value.few else ""
    body = [
        html.Span(name, className="wb-tile-name"),
        html.Span(value.text if value else "–", className="wb-tile-value"),
    ]
    hint = f"{name}: {value.hint}" if value else page.t("app_overview.map.none", name=name)
    return html.Div(
        hinted(dcc.Link(body, href=target.search(), className=classes), hint), className="wb-tile-place", style=style
    )


def _no_provinces(page: Page) -> html.Div:
    link = link_button(page.t("app_overview.map.compare"), f"/compare{page.view.search(page=False)}", "arrows-diff")
    return empty_state(
        page.t("app_overview.map.foreign"), page.t("app_overview.map.foreign_text"), link, icon_name="map-2"
    )


@panel(ids.months)
def by_months(page: Page) -> html.Section:
    """Receipts and durations by month."""
    months: Months = page.ask(by_month, page.selection)
    return card(
        page.t("app_overview.months"),
        graph(month_figure(months.table, page.language), label=page.t("app_overview.months")),
        caption=page.t("app_overview.months_caption"),
        basis=basis_line(page, months.basis),
        tools=data_tools(page, "months"),
    )


@panel(ids.clocks)
def clocks(page: Page) -> html.Section:
    """The on-time rate under each of the four clocks."""
    rates: OnTimeRates = page.ask(on_time_rates, page.selection)
    rows = [
        [
            html.Span(page.t(f"app.clock.{row.clock}"), title=page.t(f"app.clock_text.{row.clock}")),
            page.n(row.n),
            page.percent(row.rate),
            f"{page.percent(row.low)} – {page.percent(row.high)}",
        ]
        for row in records(rates.table)
    ]
    heads = [page.t(f"app_overview.clocks.{name}") for name in ("clock", "n", "rate", "interval")]
    title = page.t("app_overview.clocks.title")
    return card(
        title,
        simple_table(heads, rows, numeric=(1, 2, 3), label=title),
        caption=page.t("app_overview.clocks.caption"),
        basis=basis_line(page, rates.basis),
        tools=data_tools(page, "clocks", "on_time"),
    )


def _watched(page: Page) -> WatchList:
    found: WatchList = page.ask(watch_list, page.selection, clock=page.view.clock, limit=200)
    return found


def _counts(found: WatchList) -> dict[str, int]:
    return {str(kind): int(n) for kind, n in zip(found.counts["kind"], found.counts["dossiers"], strict=True)}


@panel(ids.watch)
def watch(page: Page) -> html.Section:
    """Dossiers that need someone today."""
    found = _watched(page)
    title = page.t("app_overview.watch.title")
    caption = page.t("app_overview.watch.caption", day=page.moment(found.as_of))
    counts = _counts(found)
    if not any(counts.values()):
        return card(title, empty_state(page.t("app_overview.watch.none"), "", icon_name="check"), caption=caption)
    figures = html.Div(
        [
            html.Div(
                [html.B(page.n(n)), html.Span(page.t(f"app_overview.watch.{kind}"))],
                className="wb-count" + (" wb-late" if kind == "overdue" and n else ""),
            )
            for kind, n in counts.items()
        ],
        className="wb-counts",
    )
    heads = [page.t(f"app_overview.watch.{name}") for name in ("dossier", "organisation", "due", "state")]
    rows = [_watched_row(page, row) for row in records(found.table.head(8))]
    return card(
        title,
        [figures, simple_table(heads, rows, label=title)],
        caption=caption,
        basis=basis_line(page, found.basis, clock=True),
        tools=data_tools(page, "watch"),
    )


def _watched_row(page: Page, row: Any) -> list[Any]:
    days = row.idle_working_days if row.kind == "stuck" else abs(row.remaining_working_days)
    state = page.t(f"app_overview.watch.{row.kind}_days", days=page.n(days, 1))
    return [
        html.Code(row.dossier_code),
        names.organisation(page, row.province_code, "province_code"),
        page.day(row.due_at),
        html.Span(state, className="wb-late" if row.kind == "overdue" else ""),
    ]


dash.register_page(__name__, path="/", name="overview", icon="layout-dashboard", order=1, layout=layout)
