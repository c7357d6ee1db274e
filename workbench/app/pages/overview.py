"""Tổng quan: the country at a glance."""

from __future__ import annotations

from typing import Any

import dash
import dash_mantine_components as dmc
import pandas as pd
from dash import ClientsideFunction, Input, Output, State, callback, clientside_callback, dcc, html, no_update

from workbench.app import names
from workbench.app.asked import AGAINST, changes_options, changes_selection
from workbench.app.bind import Bound, bind
from workbench.app.card_tools import data_tools
from workbench.app.components import (
    basis_line,
    basis_text,
    card,
    empty_state,
    graph,
    hinted,
    icon,
    key_figure,
    link_button,
    page_head,
    segments,
    simple_table,
    slot,
    swatch,
)
from workbench.app.facts import Months, OnTimeMonths, by_month, by_organisation, on_time_by_month
from workbench.app.ids import JOBS_DONE, URL, Ids
from workbench.app.own_map import drop_own_map, keep_own_map, own_map, own_map_mark, uploaded
from workbench.app.panels import panel
from workbench.app.workspace import Page, error_text
from workbench.charts.country import CountryMap, country_map
from workbench.charts.durations import short_duration
from workbench.charts.own_map import OwnMap, own_map_figure
from workbench.charts.records import records
from workbench.charts.tilemap import tiles
from workbench.charts.tokens import LATE_TINT, on_dark, readable_on
from workbench.charts.trend import month_figure, sparkline
from workbench.clock import OnTimeRates, on_time_rates
from workbench.errors import TooFewCases, WorkbenchError
from workbench.indicators import PeriodChanges, WatchList, period_changes, watch_list
from workbench.mining.performance import Throughput, throughput

ids = Ids(
    "overview", "figures", "map", "months", "watch", "measure", "clocks", "changes", "against", "own-graph",
    "own-upload", "own-drop", "own-said",
)  # fmt: skip
MEASURES = ("on_time", "median", "n")
_MOVERS = 6
_SIGNIFICANT = 0.05


def layout(page: Page) -> html.Div:
    """Key figures, the map, the months, what to watch."""
    words = [(name, page.t(f"app_overview.measure.{name}")) for name in MEASURES]
    shown = page.view.param("measure", "on_time", MEASURES)
    measure = segments(page.t("app_overview.measure.label"), ids.measure, words, shown, named=False)
    against = dmc.Select(
        id=ids.against,
        data=[{"value": name, "label": page.t(f"app_overview.against.{name}")} for name in AGAINST],
        value=page.view.param("against", "month", AGAINST),
        allowDeselect=False,
        size="xs",
        w=300,
        **{"aria-label": page.t("app_overview.changes.title")},
    )
    return html.Div(
        [
            page_head(page, "overview"),
            slot(ids.figures, 92, "wb-kpis-slot"),
            html.Div([html.Div(against, className="wb-corner"), slot(ids.changes, 300)], className="wb-cornered"),
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


bind(
    Bound(ids.measure, "measure", default="on_time", choices=MEASURES),
    Bound(ids.against, "against", default="month", choices=AGAINST),
)


@panel(ids.figures)
def figures(page: Page) -> html.Div:
    """The key figures of the selection."""
    months: Months = page.ask(by_month, page.selection)
    timing: Throughput = page.ask(throughput, page.selection, measures=("clock", "working"))
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
        basis=basis_text(page, basis),
    )


def _on_time(page: Page, rates: OnTimeRates) -> Any:
    rows = rates.table[rates.table["clock"] == page.view.clock]
    clock = page.t(f"app.clock.{page.view.clock}")
    if rows.empty or not int(rows.iloc[0]["n"]):
        return key_figure(page.t("app_overview.on_time"), "–", note=page.t("app_overview.no_due"), hint=clock,
                          basis=basis_text(page, rates.basis, clock=True))  # fmt: skip
    row = rows.iloc[0]
    hint = page.t(
        "app_overview.on_time_hint",
        clock=clock,
        n=page.n(row["n"]),
        on_time=page.n(row["on_time"]),
        low=page.percent(row["low"]),
        high=page.percent(row["high"]),
    )
    monthly: OnTimeMonths = page.ask(on_time_by_month, page.selection, clock=page.view.clock)
    note = html.Div([html.Span(clock), _spark(monthly.table["rate"])])
    basis = basis_text(page, rates.basis, clock=True)
    return key_figure(page.t("app_overview.on_time"), page.percent(row["rate"]), note=note, hint=hint, basis=basis)


def _duration(page: Page, timing: Throughput, months: Months) -> Any:
    rows = timing.table.set_index("measure")
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
    note, basis = _spark(months.table[column]), basis_text(page, timing.basis)
    return key_figure(page.t("app_overview.median"), value, note=note, hint=hint, basis=basis)


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
        basis=basis_text(page, months.basis),
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
        basis=basis_text(page, months.basis, clock=True),
    )


def _spark(values: pd.Series) -> Any:
    kept = values.dropna()
    if len(kept) <= 2:
        return None
    return html.Div(
        html.Img(src=sparkline(list(values)), alt=""), className="wb-graph wb-spark", **{"aria-hidden": "true"}
    )


# what changed ------------------------------------------------------------------------------------------------
@panel(ids.changes)
def show_changes(page: Page) -> html.Section:
    """What changed since the period before, with interval and significance, and who moved most."""
    title = page.t("app_overview.changes.title")
    try:
        found: PeriodChanges = page.ask(period_changes, changes_selection(page), **changes_options(page))
    except TooFewCases:
        state = empty_state(page.t("app_overview.changes.none"), page.t("app_overview.changes.none_text"))
        return card(title, state)
    caption = page.t(
        "app_overview.changes.caption", after=_period(page, found.after), before=_period(page, found.before)
    )
    rows = [_change_row(page, row, found.working) for row in records(found.table)]
    heads = [page.t(f"app_overview.changes.{name}") for name in
             ("figure", "before", "after", "difference", "interval", "sure", "n")]  # fmt: skip
    body = html.Div(
        [
            simple_table(heads, rows, numeric=(1, 2, 3, 4, 6), label=title),
            html.Div(_movers(page, found), className="wb-movers"),
        ],
        className="wb-changes",
    )
    options = {name: value for name, value in changes_options(page).items() if name not in ("by", "too_few")}
    return card(
        title, body, caption=caption, basis=basis_line(page, found.basis, clock=True),
        tools=data_tools(page, "changes", "changes", **options),
    )  # fmt: skip


def _period(page: Page, period: Any) -> str:
    return f"{page.day(period.start)} – {page.day(period.end)}"


def _change_row(page: Page, row: Any, working: bool) -> list[Any]:
    name: Any = page.t(f"app_overview.changes.measure.{row.measure}")
    if row.measure == "median" and working:
        name = [name, html.Div(page.t("app_overview.changes.working"), className="wb-kpi-note")]
    if row.too_few:
        few = html.Span(page.t("app_overview.changes.few", few=page.few), className="wb-few wb-few-flush")
        return [name, _value(page, row.measure, row.before, working), _value(page, row.measure, row.after, working), "–",
                "–", few, _pair(page, row)]  # fmt: skip
    return [
        name,
        _value(page, row.measure, row.before, working),
        _value(page, row.measure, row.after, working),
        _difference(page, row, working),
        f"{_signed(page, row.measure, row.low, working)} – {_signed(page, row.measure, row.high, working)}",
        _sure(page, row, row.p_value),
        _pair(page, row),
    ]


def _pair(page: Page, row: Any) -> str:
    return f"{page.n(row.n_before)} · {page.n(row.n_after)}"


def _value(page: Page, measure: str, value: float, working: bool) -> str:
    if measure in ("on_time", "online"):
        return page.percent(value)
    return short_duration(value, page.language, working=working) if measure == "median" else page.n(value)


def _signed(page: Page, measure: str, value: float, working: bool) -> str:
    if value != value:  # noqa: PLR0124 - NaN
        return "–"
    sign = "+" if value > 0 else "−" if value < 0 else "±"
    if measure in ("on_time", "online"):
        return page.t("app_overview.changes.points", value=sign + page.n(abs(value) * 100, 1))
    if measure == "median":
        return sign + short_duration(abs(value), page.language, working=working)
    return sign + page.n(abs(value), 0)


def _difference(page: Page, row: Any, working: bool) -> Any:
    worse = row.difference < 0 if row.measure == "on_time" else row.difference > 0 if row.measure == "median" else False
    late = worse and _real(row, row.p_value)
    return html.B(_signed(page, row.measure, row.difference, working), className="wb-late" if late else "")


def _real(row: Any, p: float) -> bool:
    """Both the test and the interval speak for a change."""
    return bool(p < _SIGNIFICANT and (row.low > 0 or row.high < 0))


def _sure(page: Page, row: Any, p: float, *, name: str = "p") -> str:
    word = "real" if _real(row, p) else "chance"
    value = page.n(p, 3) if p >= 0.001 else "< " + page.n(0.001, 3)
    text = page.t(f"app_overview.changes.{word}", name=name, p=f"= {value}" if p >= 0.001 else value)
    head, mark, facts = text.partition("(")
    return head + mark + facts.replace(" ", "\u00a0")


def _movers(page: Page, found: PeriodChanges) -> list[Any]:
    table = found.movers
    moved = table[(table["q_value"] < _SIGNIFICANT) & ((table["low"] > 0) | (table["high"] < 0))]
    title = page.t("app_overview.changes.movers")
    note = page.t("app_overview.changes.tests", tests=page.n(found.tests), few=page.few)
    head = [html.H3(title, className="wb-sub"), html.P(note, className="wb-caption")]
    if moved.empty:
        return [*head, html.P(page.t("app_overview.changes.no_movers"), className="wb-notes-line")]
    return [
        *head,
        html.Ul([_mover(page, row, found.working) for row in records(moved.head(_MOVERS))], className="wb-list"),
    ]


def _mover(page: Page, row: Any, working: bool) -> html.Li:
    if row.kind == "procedure":
        name, target = names.procedure(page, row.code), page.view.select(procedure=row.code)
    else:
        name, target = names.organisation(page, row.code), _kept(page, row.code)
    facts = page.t(
        "app_overview.changes.mover", measure=page.t(f"app_overview.changes.measure.{row.measure}"),
        before=_value(page, row.measure, row.before, working), after=_value(page, row.measure, row.after, working),
        q=_sure(page, row, row.q_value, name="q"), n=_pair(page, row),
    )  # fmt: skip
    shown = dcc.Link(name, href=target.search()) if target is not None else html.B(name)
    return html.Li([shown, html.Span(f" {facts} "), _difference(page, _with_p(row), working)])


def _with_p(row: Any) -> Any:
    return row._replace(p_value=row.q_value)


def _kept(page: Page, code: str) -> Any:
    field = {"province_2025": "provinces_2025", "province_code": "provinces", "agency_code": "agencies",
             "level": "levels", "channel": "channels"}[page.view.by]  # fmt: skip
    return page.view.select(**{field: (code,)})


# the map -----------------------------------------------------------------------------------------------------
@panel(ids.map)
def country(page: Page) -> html.Section:
    """The provinces as tiles; a click keeps one."""
    measure = page.view.param("measure", "on_time", MEASURES)
    shown: CountryMap = country_map(measure, *_country_facts(page, measure), language=page.language, few=page.few)
    title = page.t(f"app_overview.map.{measure}")
    if not shown.known:
        return card(title, _no_provinces(page))
    legend = html.Div(
        [
            html.Span(text, className="wb-legend-item" + _late(colour), style=swatch(colour))
            for colour, text in shown.legend
        ]
        + [html.Span(page.t("app_overview.map.few", few=page.few), className="wb-legend-item wb-legend-few")],
        className="wb-legend",
    )
    mark = own_map_mark(page.store)
    if mark is not None:
        return _own_country(page, shown, page.ask(own_map, mark), legend, measure)
    corner = html.Div(legend, className="wb-tiles-legend")
    body = html.Div([*(_tile(page, shown, tile) for tile in tiles()), corner], className="wb-tiles")
    return card(
        title,
        body,
        caption=page.t("app_overview.map.caption"),
        basis=[*basis_line(page, page.basis(), clock=measure == "on_time"), _own_choice(page, kept=False)],
        tools=data_tools(page, "map", "on_time" if measure == "on_time" else None, by="province_2025"),
    )


def _late(colour: str) -> str:
    """A bar beside the colour, for who does not see the colour."""
    return " wb-legend-late" if colour == LATE_TINT else ""


def _own_country(page: Page, shown: CountryMap, own: OwnMap, legend: Any, measure: str) -> html.Section:
    """The provinces as the areas of the user's own map."""
    title = page.t(f"app_overview.map.{measure}")
    codes = sorted({*shown.values, *(area.code for area in own.areas), "H17", "H32"})
    named = {code: names.organisation(page, code, "province_2025") for code in codes}
    drawn = own_map_figure(own, shown, named, chosen=page.selection.provinces_2025, language=page.language)
    notes = []
    if own.unknown:
        notes.append(page.t("app_overview.own.unknown", n=len(own.unknown), names=", ".join(own.unknown[:5])))
    if own.missing:
        absent = ", ".join(names.organisation(page, code, "province_2025") for code in own.missing[:6])
        notes.append(page.t("app_overview.own.missing", n=len(own.missing), names=absent))
    return card(
        title,
        [
            html.Div([graph(drawn, label=title, graph_id=ids.own_graph), legend], className="wb-turned"),
            *(html.P(note, className="wb-caption") for note in notes),
        ],
        caption=page.t("app_overview.own.caption"),
        basis=[*basis_line(page, page.basis(), clock=measure == "on_time"), _own_choice(page, kept=True)],
        tools=data_tools(page, "map", "on_time" if measure == "on_time" else None, by="province_2025"),
    )


def _own_choice(page: Page, *, kept: bool) -> html.Div:
    """Choosing an own map, and going back to the tiles."""
    choose = dcc.Upload(
        html.Span([icon("map-2", 14), page.t("app_overview.own.choose")], className="wb-link-button"),
        id=ids.own_upload, accept=".geojson,.json,application/geo+json", multiple=False, className="wb-upload-link",
    )  # fmt: skip
    back = html.Button(
        page.t("app_overview.own.back"), id=ids.own_drop, type="button", className="wb-link-button",
        style={} if kept else {"display": "none"},
    )  # fmt: skip
    return html.Div(
        [choose, back, html.Span(id=ids.own_said, role="status", className="wb-own-said")], className="wb-own-choice"
    )


@callback(
    Output(ids.own_said, "children"),
    Output(JOBS_DONE, "data", allow_duplicate=True),
    Input(ids.own_upload, "contents"),
    Input(ids.own_drop, "n_clicks"),
    State(URL, "search"),
    State(JOBS_DONE, "data"),
    prevent_initial_call=True,
)
def change_map(contents: str | None, clicks: int | None, search: str | None, finished: int | None) -> tuple[Any, Any]:
    """Keep the chosen map, or drop it."""
    page = Page.of(search)
    if not contents and not clicks:
        return no_update, no_update
    try:
        if contents:
            content = uploaded(contents)
            with page.space.writing() as store:
                keep_own_map(store, content)
        else:
            with page.space.writing() as store:
                drop_own_map(store)
    except WorkbenchError as error:
        return " ".join(error_text(error, page.language)), no_update
    return "", (finished or 0) + 1


clientside_callback(
    ClientsideFunction("pages", "province"),
    Output(ids.own_graph, "clickData"),
    Input(ids.own_graph, "clickData"),
    State(URL, "search"),
    prevent_initial_call=True,
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
        dark = on_dark(value.colour)
        style |= {"--tile": value.colour, "--tile-text": value.text_colour}
        style |= {"--tile-dark": dark, "--tile-dark-text": readable_on(dark)}
    classes = "wb-tile" + (" wb-tile-chosen" if chosen else "") + (" wb-tile-island" if tile.island else "")
    classes += " wb-tile-few" if value is not None and value.few else ""
    classes += " wb-tile-late" if value is not None and value.colour == LATE_TINT else ""
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
    clock = page.t(f"app.clock.{found.clock}")
    caption = page.t("app_overview.watch.caption", day=page.moment(found.as_of), clock=clock)
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
    heads = [page.t(f"app_overview.watch.{name}") for name in ("dossier", "state", "due", "organisation")]
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
    if row.kind == "overdue" and not row.remaining_working_days < 0:
        # the portal's clock takes a dossier for late at its second supplement, before its due time or without one
        just = row.remaining_working_days == 0 or page.view.clock != "portal"
        state = page.t(f"app_overview.watch.{'overdue_now' if just else 'asked_twice'}")
    return [
        html.Code(row.dossier_code),
        html.Span(state, className="wb-late" if row.kind == "overdue" else ""),
        page.day(row.due_at),
        names.organisation(page, row.province_code, "province_code"),
    ]


dash.register_page(__name__, path="/", name="overview", icon="layout-dashboard", order=1, layout=layout)
