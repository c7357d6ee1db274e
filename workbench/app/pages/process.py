"""Quy trình: what the selected dossiers really do."""

from __future__ import annotations

import math
from typing import Any

import dash
import dash_mantine_components as dmc
from dash import Input, Output, State, callback, clientside_callback, dcc, html, no_update

from workbench.app import names, steps
from workbench.app.asked import SPECTRUM_DAYS, SPECTRUM_LINES, graph_of, spectrum_options, spectrum_window
from workbench.app.bind import Bound, bind
from workbench.app.card_tools import data_tools
from workbench.app.components import (
    basis_line,
    card,
    drawing,
    empty_state,
    graph,
    hinted,
    icon,
    page_head,
    segments,
    simple_table,
    slot,
)
from workbench.app.facts import StepTimes, step_times
from workbench.app.ids import THEME, URL, Ids
from workbench.app.panels import answer, panel
from workbench.app.replay import Replay, replay
from workbench.app.workspace import Page
from workbench.charts.durations import short_duration
from workbench.charts.moments import dotted_figure, spectrum_figure, spectrum_legend
from workbench.charts.process_map import (
    COLOURINGS,
    ProcessMap,
    process_map,
    readable_share,
    shown_steps,
    stylesheet,
)
from workbench.charts.records import records
from workbench.charts.tokens import theme
from workbench.mining.dotted import DottedChart, Spectrum, dotted_chart, performance_spectrum
from workbench.mining.variants import Variants, variants

ids = Ids(
    "process",
    "map",
    "graph",
    "colouring",
    "steps",
    "paths",
    "details",
    "variants",
    "hover",
    "replay",
    "replay-data",
    "replay-bar",
    "moments",
    "moment",
)
MOMENTS = ("dotted", "since", "spectrum")
SEGMENT = "\u2192"
"""Between the two steps of a path in the address."""
_MOST_VARIANTS = 300
_DOSSIERS = 250


def layout(page: Page) -> html.Div:
    """The map with its controls, what was clicked, and the variants."""
    side = html.Div(html.Div(_nothing_clicked(page), id=ids.details), className="wb-details")
    return html.Div(
        [
            page_head(page, "process"),
            _controls(page),
            html.Div([slot(ids.map, 620), side], className="wb-map-grid"),
            dcc.Store(id=ids.replay_data),
            slot(ids.variants, 320),
            html.Div(_moment_choice(page), className="wb-controls"),
            slot(ids.moments, 480),
        ],
        className="wb-stack",
    )


def _moment_choice(page: Page) -> Any:
    words = [(name, page.t(f"app_process.moments.{name}")) for name in MOMENTS]
    return segments(page.t("app_process.moments.label"), ids.moment, words, page.view.param("time", "dotted", MOMENTS))


def _controls(page: Page) -> html.Div:
    words = [(name, page.t(f"app_process.colouring.{name}")) for name in COLOURINGS]
    chosen = page.view.param("colour", "frequency", COLOURINGS)
    colouring = segments(page.t("app_process.colouring.label"), ids.colouring, words, chosen)
    sliders = [
        _slider(page, ids.steps, "steps", _steps_share(page) * 100),
        _slider(page, ids.paths, "paths", page.view.number("paths", 90)),
    ]
    return html.Div([colouring, *sliders], className="wb-controls")


def _steps_share(page: Page) -> float:
    """The share of events the address asks for, else as many steps as can be read at once."""
    if "acts" in page.view.params or page.empty() or steps.several_procedures(page):
        return page.view.number("acts", 100) / 100
    return math.floor(readable_share(graph_of(page, page.selection)) * 100) / 100


def _slider(page: Page, slider_id: str, name: str, value: float) -> html.Div:
    label = page.t(f"app_process.slider.{name}")
    return html.Div(
        [
            hinted(
                html.Span(label, className="wb-control-label", tabIndex=0), page.t(f"app_process.slider.{name}_hint")
            ),
            dmc.Slider(
                id=slider_id,
                min=10,
                max=100,
                step=1,
                value=round(value),
                size="sm",
                w=170,
                thumbLabel=label,
                color="brand",
            ),
        ],
        className="wb-control",
    )


bind(
    Bound(ids.colouring, "colour", default="frequency", choices=COLOURINGS),
    Bound(ids.steps, "acts", kind="auto"),
    Bound(ids.paths, "paths", kind="number", default=90),
    Bound(ids.moment, "time", default="dotted", choices=MOMENTS),
)


@panel(ids.map, Input(THEME, "data"))
def draw_map(page: Page, theme_name: str | None = None) -> Any:
    """The map of the selection."""
    if steps.several_procedures(page):
        return steps.choose_procedure(page, "process")
    observed = graph_of(page, page.selection)
    drawn = process_map(
        observed,
        steps.places(page),
        steps.colours(page),
        theme(theme_name),
        colouring=page.view.param("colour", "frequency", COLOURINGS),  # type: ignore[arg-type]
        steps_share=_steps_share(page),
        paths_share=page.view.number("paths", 90) / 100,
        frame=_frame(page),
        language=page.language,
    )
    bar = html.Div(id=ids.replay_bar, className="wb-replay")
    return card(
        _title(page),
        [_canvas(page, drawn, theme_name), bar, html.Div(id=ids.hover, className="wb-hover"), _legend(page, drawn)],
        caption=page.t("app_process.map_caption"),
        basis=[*basis_line(page, observed.basis), *steps.sampled(page, observed)],
        tools=[_replay_button(page), *data_tools(page, "paths")],
        class_name="wb-map-card",
    )


def _frame(page: Page) -> list[str]:
    """Steps of the whole procedure that keep their place on the screen, whatever the filters."""
    union = graph_of(page, steps.whole(page))
    share = page.view.number("acts", 100) / 100 if "acts" in page.view.params else readable_share(union)
    return shown_steps(union, share)


def _replay_button(page: Page) -> Any:
    label = page.t("app_process.replay.start")
    return hinted(
        dmc.ActionIcon(icon("player-play"), id=ids.replay, variant="subtle", color="gray", **{"aria-label": label}),
        label,
    )


@callback(
    Output(ids.replay_data, "data"),
    Input(ids.replay, "n_clicks", allow_optional=True),
    State(URL, "search"),
    prevent_initial_call=True,
)
def prepare_replay(clicks: int | None, search: str | None) -> Any:
    """The sampled dossiers for the browser to run."""
    if not clicks:
        return no_update
    page = Page.of(search)
    if steps.several_procedures(page) or not page.basis().n_dossiers:
        return None
    found = page.ask_steps(replay, page.selection, clock=page.view.clock)
    return {**_replay_facts(page, found), "view": search or ""}


clientside_callback(  # what ran belongs to the view before
    "function(search, data) { return data ? null : window.dash_clientside.no_update; }",
    Output(ids.replay_data, "data", allow_duplicate=True),
    Input(URL, "search"),
    State(ids.replay_data, "data"),
    prevent_initial_call=True,
)


def _replay_facts(page: Page, found: Replay) -> dict[str, Any]:
    note = page.t(
        "app_process.replay.note", n=page.n(len(found.runs)), all=page.n(found.basis.n_dossiers),
        span=short_duration(found.span, page.language), clock=page.t(f"app.clock.{page.view.clock}"),
    )  # fmt: skip
    return {
        "runs": [{"code": code, "late": late, "steps": [list(step) for step in run]} for code, late, run in found.runs],
        "span": found.span,
        "play": page.t("app_process.replay.play"),
        "pause": page.t("app_process.replay.pause"),
        "label": page.t("app_process.replay.label"),
        "words": page.t("app_process.replay.words", days="{days}", n="{n}"),
        "note": note,
    }


clientside_callback(
    "function(data, search) { return window.dash_clientside.replay.show("  # the view may have changed meanwhile
    "data && data.view === (search || '') ? data : null, '" + ids.map + "', '" + ids.replay_bar + "'); }",
    Output(ids.replay_bar, "title"),
    Input(ids.replay_data, "data"),
    State(URL, "search"),
    prevent_initial_call=True,
)


def _title(page: Page) -> str:
    code = page.selection.procedure
    return names.procedure(page, code) if code else page.t("app_process.map_title")


def _canvas(page: Page, drawn: ProcessMap, theme_name: str | None) -> Any:
    return drawing(page, drawn.elements, stylesheet(theme(theme_name)), ids.graph, height=steps.places(page).height)


def _legend(page: Page, drawn: ProcessMap) -> html.Div:
    swatches = [
        html.Span(words, className="wb-legend-item", style={"--swatch": colour}) for colour, words in drawn.legend
    ]
    hidden = page.t(
        "app_process.hidden",
        steps=drawn.steps_shown,
        all_steps=drawn.steps,
        events=page.percent(drawn.events_share, 0),
        paths=drawn.paths_shown,
        all_paths=drawn.paths,
        movements=page.percent(drawn.movements_share, 0),
    )
    return html.Div([html.Div(swatches, className="wb-legend"), html.Div(hidden, className="wb-basis")])


def _nothing_clicked(page: Page) -> html.Section:
    return card(page.t("app_process.details"), html.P(page.t("app_process.details_text"), className="wb-caption"))


@callback(
    Output(ids.details, "children"),
    Input(ids.graph, "selectedNodeData"),
    Input(ids.graph, "selectedEdgeData"),
    State(URL, "search"),
)
def show_details(nodes: list[dict[str, Any]] | None, edges: list[dict[str, Any]] | None, search: str | None) -> Any:
    """What was clicked, down to the organisations."""
    return answer(search, _details, (nodes or [{}])[-1] if nodes else {}, (edges or [{}])[-1] if edges else {})


def _details(page: Page, node: dict[str, Any], edge: dict[str, Any]) -> Any:
    if edge.get("kind") == "path":
        return _path_details(page, edge["source"], edge["target"])
    if node.get("kind") == "step":
        return _step_details(page, node["id"])
    return _nothing_clicked(page)


def _step_details(page: Page, step: str) -> Any:
    rows = graph_of(page, page.selection).activities
    found = rows[rows["activity"] == step]
    if found.empty:
        return _nothing_clicked(page)
    row = found.iloc[0]
    wait, working = _known(row["median_wait_working_seconds"], row["median_wait_seconds"])
    facts = [
        (page.t("app_process.fact.events"), page.n(row["count"])),
        (page.t("app_process.fact.dossiers"), page.n(row["dossiers"])),
        (page.t("app_process.fact.repeated"), page.percent(1 - row["dossiers"] / row["count"])),
        (page.t("app_process.fact.starts"), page.n(row["start_count"])),
        (page.t("app_process.fact.ends"), page.n(row["end_count"])),
        (page.t("app_process.fact.before"), short_duration(wait, page.language, working=working)),
    ]
    colour = steps.colours(page).get(step, "")
    times: StepTimes = page.ask_steps(step_times, page.selection, target=step, by=page.view.by)
    keep = page.view.select(steps=(step,)).search()
    link = dcc.Link(page.t("app_process.keep_step"), href=keep)
    return card(step, [_facts(facts), _by_organisation(page, times), link], caption=steps.chip(step, colour))


def _path_details(page: Page, source: str, target: str) -> Any:
    rows = graph_of(page, page.selection).edges
    found = rows[(rows["source"] == source) & (rows["target"] == target)]
    if found.empty:
        return _nothing_clicked(page)
    row = found.iloc[0]
    wait, working = _known(row["median_working_seconds"], row["median_seconds"])
    facts = [
        (page.t("app_process.fact.movements"), page.n(row["count"])),
        (page.t("app_process.fact.dossiers"), page.n(row["dossiers"])),
        (page.t("app_process.fact.median"), short_duration(wait, page.language, working=working)),
        (page.t("app_process.fact.mean"), short_duration(row["mean_seconds"], page.language)),
        (page.t("app_process.fact.p90"), short_duration(row["p90_seconds"], page.language)),
    ]
    palette = steps.colours(page)
    times: StepTimes = page.ask_steps(step_times, page.selection, target=target, source=source, by=page.view.by)
    return card(
        page.t("app_process.path"),
        [_facts(facts), _by_organisation(page, times), _spectrum_link(page, source, target)],
        caption=steps.chips([source, target], palette),
    )


def _spectrum_link(page: Page, source: str, target: str) -> Any:
    wanted = page.view.with_params(time="spectrum", segment=f"{source}{SEGMENT}{target}")
    return dcc.Link(page.t("app_process.spectrum_of"), href=wanted.search())


def _known(working: float, clock: float) -> tuple[float, bool]:
    return (working, True) if working == working else (clock, False)  # noqa: PLR0124 - NaN


def _facts(facts: list[tuple[str, str]]) -> html.Dl:
    return html.Dl([part for name, value in facts for part in (html.Dt(name), html.Dd(value))], className="wb-dl")


def _by_organisation(page: Page, times: StepTimes) -> Any:
    table = times.table[times.table["n"] >= min(page.few, 30)]
    if len(table) < 2:
        return html.P(page.t("app_process.few_organisations"), className="wb-caption")
    working = bool(table["median_working_seconds"].notna().any())
    column = "median_working_seconds" if working else "median_seconds"
    rows = [
        [
            names.organisation(page, row.code),
            page.n(row.n),
            short_duration(getattr(row, column), page.language, working=working),
        ]
        for row in records(table.head(8))
    ]
    title = page.t("app_process.longest")
    heads = [page.t("app_process.organisation"), "n", page.t("app_process.fact.median")]
    return html.Div([html.H3(title, className="wb-sub"), simple_table(heads, rows, numeric=(1, 2), label=title)])


@panel(ids.moments)
def show_moments(page: Page) -> Any:
    """Events in time: dotted against the calendar or since receipt, or the spectrum of the busiest paths."""
    if steps.several_procedures(page):
        return None
    kind = page.view.param("time", "dotted", MOMENTS)
    return _spectrum(page) if kind == "spectrum" else _dotted(page, since_receipt=kind == "since")


def _dotted(page: Page, *, since_receipt: bool) -> html.Section:
    found: DottedChart = page.ask_steps(dotted_chart, page.selection, dossiers=_DOSSIERS)
    palette = steps.colours(page)
    drawn = dotted_figure(found, palette, since_receipt=since_receipt, language=page.language)
    title = page.t("app_process.dotted.title")
    present = set(found.points["step"].unique())
    seen = [step for step in palette if step in present][:12]
    legend = html.Div([steps.chip(step, palette[step]) for step in seen], className="wb-chips wb-legend-chips")
    caption = page.t("app_process.dotted.caption", n=page.n(found.sampled), all=page.n(found.basis.n_dossiers))
    return card(
        title, [graph(drawn, dots=True, label=title), legend], caption=caption, basis=basis_line(page, found.basis),
        tools=data_tools(page, "dotted", "dotted_chart", dossiers=_DOSSIERS),
    )  # fmt: skip


def _spectrum(page: Page) -> html.Section:
    title = page.t("app_process.spectrum.title")
    found: Spectrum = page.ask_steps(performance_spectrum, spectrum_window(page), **spectrum_options(page))
    if found.segments.empty:
        return card(title, empty_state(page.t("app_process.spectrum.none"), "", icon_name="info-circle"))
    legend = [
        html.Span(words, className="wb-legend-item", style={"--swatch": colour})
        for colour, words in spectrum_legend(page.language)
    ]
    body = [graph(spectrum_figure(found, language=page.language), label=title), html.Div(legend, className="wb-legend")]
    whole = page.view.param("weeks") == "all"
    window = page.view.with_params(weeks=None if whole else "all").search()
    words = page.t(f"app_process.spectrum.{'last' if whole else 'whole'}", days=page.n(SPECTRUM_DAYS))
    body.append(dcc.Link(words, href=window, className="wb-more-link"))
    if "segment" in page.view.params:
        back = page.view.with_params(segment=None).search()
        body.append(dcc.Link(page.t("app_process.spectrum.all"), href=back, className="wb-more-link"))
    return card(
        title, body, caption=page.t("app_process.spectrum.caption", lines=page.n(SPECTRUM_LINES)),
        basis=basis_line(page, found.basis),
        tools=data_tools(page, "spectrum", "performance_spectrum", **spectrum_options(page)),
    )  # fmt: skip


@panel(ids.variants)
def show_variants(page: Page) -> Any:
    """The variants, most frequent first."""
    if steps.several_procedures(page):
        return None
    limit = int(page.view.number("shown", 12))
    found: Variants = page.ask_steps(variants, page.selection, limit=_MOST_VARIANTS)
    rows = [_variant(page, row) for row in records(found.table.head(limit))]
    covered = float(found.table["cumulative_share"].head(limit).max()) if len(found.table) else 0.0
    caption = page.t(
        "app_process.variants_caption", n=page.n(found.n_variants), shown=len(rows), share=page.percent(covered, 0)
    )
    more = page.view.with_params(shown=str(limit + 24)).search()
    body: list[Any] = [html.Div(rows, className="wb-variants")]
    if limit < min(found.n_variants, _MOST_VARIANTS):
        body.append(dcc.Link(page.t("app_process.more"), href=more, className="wb-button wb-button-default wb-more"))
    tools = data_tools(page, "variants", "variants")
    return card(page.t("app_process.variants"), body, caption=caption, basis=basis_line(page, found.basis), tools=tools)


def _variant(page: Page, row: Any) -> html.Div:
    wait, working = _known(row.median_working_seconds, row.median_seconds)
    return html.Div(
        [
            html.Div(page.n(row.rank), className="wb-variant-rank wb-num"),
            html.Div(
                [html.B(page.percent(row.share)), html.Span(page.n(row.count))], className="wb-variant-share wb-num"
            ),
            html.Div(html.Div(style={"width": f"{max(row.share * 100, 0.6):.1f}%"}), className="wb-bar"),
            html.Div(short_duration(wait, page.language, working=working), className="wb-variant-time wb-num"),
            steps.chips(list(row.variant), steps.colours(page)),
        ],
        className="wb-variant",
    )


clientside_callback(
    "function(node, edge) { const d = window.dash_clientside.callback_context.triggered.some("
    "(t) => t.prop_id.includes('Edge')) ? edge : node;"
    " return d ? (d.kind === 'path' ? d.source + ' → ' + d.target + (d.label ? ' · ' + d.label : '') : d.full) : ''; }",
    Output(ids.hover, "children"),
    Input(ids.graph, "mouseoverNodeData"),
    Input(ids.graph, "mouseoverEdgeData"),
    prevent_initial_call=True,
)

dash.register_page(__name__, path="/process", name="process", icon="route", order=3, layout=layout)
