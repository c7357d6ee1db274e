"""So sánh: the organisations that run one procedure, side by side."""

from __future__ import annotations

from typing import Any

import dash
import dash_mantine_components as dmc
from dash import ClientsideFunction, Input, Output, State, clientside_callback, html

from workbench.app import names, steps
from workbench.app.asked import comparison_options, graph_of
from workbench.app.bind import Bound, bind
from workbench.app.card_tools import data_tools
from workbench.app.chosen import Chosen, compare_chosen, only, without_case_mix
from workbench.app.components import (
    basis_line,
    card,
    drawing,
    empty_state,
    graph,
    page_head,
    probability,
    said,
    segments,
    simple_table,
    slot,
    swatch,
)
from workbench.app.ids import THEME, URL, Ids
from workbench.app.panels import panel
from workbench.app.workspace import Page
from workbench.charts.compare import (
    MATRIX_VALUES,
    RANKINGS,
    funnel_figure,
    matrix_figure,
    matrix_legend,
    ranking_figure,
)
from workbench.charts.durations import short_duration
from workbench.charts.overlay import FIRST, SECOND, overlay_elements
from workbench.charts.process_map import process_map, stylesheet
from workbench.charts.records import records
from workbench.charts.tokens import scale_on, theme
from workbench.harmonise.comparison.case_mix import CaseMix, case_mix
from workbench.harmonise.comparison.compare import Comparison, compare_organisations

ids = Ids("compare", "finding", "matrix", "value", "ranking", "measure", "differences", "maps", "pick", "mix",
          "chosen", "show", "matrix-graph", "ranking-graph")  # fmt: skip
MIX = ("as_is", "adjusted")
SHOW = ("side", "overlay")
_SIDE_BY_SIDE = 4


def layout(page: Page) -> html.Div:
    """The finding, the matrix, the ranking, the differences, maps side by side."""
    return html.Div(
        [
            page_head(page, "compare"),
            slot(ids.finding, 60),
            html.Div([_segments(page, ids.value, "value", MATRIX_VALUES, "f")], className="wb-controls"),
            slot(ids.matrix, 520),
            html.Div(
                [
                    _segments(page, ids.measure, "measure", (*RANKINGS, "funnel"), "on_time"),
                    _segments(page, ids.mix, "mix", MIX, "as_is"),
                ],
                className="wb-controls",
            ),
            slot(ids.ranking, 420),
            slot(ids.differences, 360),
            html.Section(
                [
                    html.Div(
                        [_pick(page), _segments(page, ids.show, "show", SHOW, "side")], className="wb-controls wb-pick"
                    ),
                    slot(ids.chosen, 60),
                    slot(ids.maps, 80),
                ],
                className="wb-stack",
            ),
        ],
        className="wb-stack",
    )


def _pick(page: Page) -> Any:
    """The organisations whose maps stand side by side."""
    return dmc.MultiSelect(
        id=ids.pick,
        label=page.t("app_compare.pick"),
        placeholder=page.t("app_compare.pick_text"),
        data=names.options(page, page.view.by),
        value=[code for code in page.view.param("pick").split(",") if code],
        searchable=True,
        clearable=True,
        maxValues=_SIDE_BY_SIDE,
        w=520,
        maw="100%",
        clearButtonProps={"aria-label": page.t("app.filter.clear")},
    )


def _segments(page: Page, segment_id: str, param: str, values: tuple[str, ...], default: str) -> Any:
    words = [(name, page.t(f"app_compare.{param}.{name}")) for name in values]
    return segments(page.t(f"app_compare.{param}.label"), segment_id, words, page.view.param(param, default, values))


bind(
    Bound(ids.value, "value", default="f", choices=MATRIX_VALUES),
    Bound(ids.measure, "measure", default="on_time", choices=(*RANKINGS, "funnel")),
    Bound(ids.pick, "pick", kind="list", default=[]),
    Bound(ids.mix, "mix", default="as_is", choices=MIX),
    Bound(ids.show, "show", default="side", choices=SHOW),
)


def _comparison(page: Page) -> Comparison | None:
    """The comparison when it is made; one panel of the page makes it."""
    if steps.several_procedures(page):
        return None
    found: Comparison | None = page.kept(compare_organisations, page.selection, **comparison_options(page))
    return found


def _named(page: Page, found: Comparison) -> dict[str, str]:
    return {code: names.organisation(page, code) for code in found.organisations["organisation"]}


@panel(ids.finding)
def show_finding(page: Page) -> Any:
    """What stands out, in words."""
    if steps.several_procedures(page):
        return steps.choose_procedure(page, "compare")
    found: Comparison = page.long("app_compare.job", compare_organisations, page.selection, **comparison_options(page))
    named = _named(page, found)
    sentences = [page.t("app_compare.medoid", name=named[found.medoid], n=len(named))]
    if found.outliers:
        sentences.append(page.t("app_compare.outliers", names=", ".join(named[code] for code in found.outliers)))
    if found.silhouette is not None:
        sentences.append(page.t("app_compare.clusters", n=len(found.clusters), silhouette=page.n(found.silhouette, 2)))
    else:
        sentences.append(page.t("app_compare.no_clusters"))
    notes = [html.Li(said(page, f"harmonise.note.{code}")) for code in found.notes]
    body = [html.P(" ".join(sentences), className="wb-finding"), html.Ul(notes, className="wb-notes")]
    return card(page.t("app_compare.finding"), body, basis=basis_line(page, found.basis))


@panel(ids.matrix)
def show_matrix(page: Page) -> Any:
    """The model of each organisation on the log of every other."""
    found = _comparison(page)
    if found is None:
        return None
    value = page.view.param("value", "f", MATRIX_VALUES)
    title = page.t(f"app_compare.matrix.{value}")
    drawn = matrix_figure(found, _named(page, found), value=value, language=page.language)
    legend = [
        html.Span(words, className="wb-legend-item", style=swatch(colour))
        for colour, words in matrix_legend(found, value, page.language)
    ]
    plot = html.Div(
        graph(drawn, label=title, graph_id=ids.matrix_graph),
        className="wb-wide-scroll",
        # slanted headings need the width of a line each
        style={"--wide": f"{max(len(found.organisations) * 26 + 240, 320)}px"},
        tabIndex=0,
        role="region",
        **{"aria-label": title},
    )
    return card(
        title,
        [plot, html.Div(legend, className="wb-legend")],
        caption=page.t(f"app_compare.matrix.{'distance' if value == 'control_flow' else 'model'}_text"),
        basis=basis_line(page, found.basis),
        tools=data_tools(page, "matrix", "compare", by=page.view.by),
    )


@panel(ids.ranking)
def show_ranking(page: Page) -> Any:
    """Organisations in order, with intervals."""
    found = _comparison(page)
    if found is None:
        return None
    measure = page.view.param("measure", "on_time", (*RANKINGS, "funnel"))
    title = page.t(f"app_compare.ranking.{measure}")
    column = "median_working_seconds" if measure == "median" else "on_time"
    if found.organisations[column].notna().sum() == 0:
        return card(title, empty_state(page.t("app_compare.ranking.none"), page.t("app_compare.ranking.none_text")))
    named = _named(page, found)
    adjusted = page.view.param("mix", "as_is", MIX) == "adjusted"
    words = page.t(f"app_compare.ranking.{measure}_text")
    if adjusted:
        mix: CaseMix = page.ask_events(case_mix, page.selection, by=page.view.by, clock=page.view.clock)
        found = without_case_mix(found, mix)
        words += " " + page.t("app_compare.mix.text", strata=page.n(mix.strata))
    drawn = (
        funnel_figure(found, named, language=page.language)
        if measure == "funnel"
        else ranking_figure(found, named, measure=measure, language=page.language)
    )
    return card(
        title,
        graph(drawn, label=title, graph_id=ids.ranking_graph),
        caption=words,
        basis=basis_line(page, found.basis, clock=measure != "median"),
        tools=data_tools(page, "comparison", "compare", by=page.view.by),
    )


@panel(ids.differences)
def show_differences(page: Page) -> Any:
    """Steps and paths that set one organisation apart."""
    found = _comparison(page)
    if found is None:
        return None
    title = page.t("app_compare.differences.title")
    chosen = [code for code in page.view.param("pick").split(",") if code]
    table = found.differences
    table = table[table["organisation"].isin(chosen)] if chosen else table
    caption = page.t("app_compare.differences.caption", tests=page.n(found.tests), n=page.n(len(table)))
    if table.empty:
        return card(title, empty_state(page.t("app_compare.differences.none"), "", icon_name="check"), caption=caption)
    named, palette = _named(page, found), steps.colours(page)
    rows = [
        [
            named.get(row.organisation, row.organisation),
            steps.chips([row.source] if row.kind == "step" else [row.source, row.target], palette),
            page.percent(row.share, 0),
            page.percent(row.share_others, 0),
            page.n(row.effect, 2),
            probability(page, row.q_value),
            page.n(row.dossiers),
        ]
        for row in records(table.head(25))
    ]
    heads = [page.t(f"app_compare.differences.{name}") for name in
             ("organisation", "what", "here", "others", "effect", "q", "dossiers")]  # fmt: skip
    body = simple_table(heads, rows, numeric=(2, 3, 4, 5, 6), label=title)
    tools = data_tools(page, "differences", "compare", by=page.view.by)
    return card(title, body, caption=caption, basis=basis_line(page, found.basis), tools=tools)


@panel(ids.maps, Input(THEME, "data"))
def show_maps(page: Page, theme_name: str | None = None) -> Any:
    """The maps of the chosen organisations, boxes at the same places."""
    chosen = _picked(page)
    if not chosen or steps.several_procedures(page):
        return None
    if page.view.param("show", "side", SHOW) == "overlay" and len(chosen) == 2:
        return _overlay(page, chosen, theme_name)
    return html.Div([_map_of(page, code, theme_name) for code in chosen], className="wb-side-by-side")


def _picked(page: Page) -> list[str]:
    return [code for code in page.view.param("pick").split(",") if code][:_SIDE_BY_SIDE]


@panel(ids.chosen)
def show_chosen(page: Page) -> Any:
    """What tells the chosen organisations apart, with effect and significance."""
    codes = _picked(page)
    if steps.several_procedures(page):
        return None
    if len(codes) < 2:
        return html.P(page.t("app_compare.chosen.hint"), className="wb-caption")
    found: Chosen = page.ask_events(compare_chosen, page.selection, organisations=tuple(codes), by=page.view.by)
    named = {code: names.organisation(page, code) for code in codes}
    title = page.t("app_compare.chosen.title", names=" · ".join(named.values()))
    body = [_durations(page, found, named), _apart(page, found, named)]
    caption = page.t("app_compare.chosen.caption", tests=page.n(found.tests), n=page.n(len(found.differences)))
    tools = data_tools(
        page, "chosen", "workbench.app.chosen:compare_chosen", organisations=tuple(codes), by=page.view.by
    )
    return card(title, body, caption=caption, basis=basis_line(page, found.basis), tools=tools)


def _durations(page: Page, found: Chosen, named: dict[str, str]) -> Any:
    working = bool(found.durations["median_working_seconds"].notna().any())
    unit = "_working_seconds" if working else "_seconds"
    rows = [
        [
            named.get(row.organisation, row.organisation),
            page.n(row.closed),
            short_duration(getattr(row, f"median{unit}"), page.language, working=working),
            " – ".join(
                short_duration(getattr(row, f"median_{end}{unit}"), page.language, working=working)
                for end in ("low", "high")
            ),
            html.Span(page.t("app_compare.chosen.few", few=page.few), className="wb-few wb-few-flush")
            if row.closed < page.few
            else "",
        ]
        for row in records(found.durations)
    ]
    heads = [page.t(f"app_compare.chosen.{name}") for name in ("organisation", "closed", "median", "interval")] + [""]
    sentence = []
    if found.quicker_p is not None:
        p = page.n(found.quicker_p, 3) if found.quicker_p >= 0.001 else "< " + page.n(0.001, 3)
        word = "differ" if found.quicker_p < 0.05 else "alike"
        facts = page.t(f"app_compare.chosen.{word}", p=p)
        if found.delta is not None:
            facts += " " + page.t(
                "app_compare.chosen.delta", delta=page.n(found.delta, 2), first=next(iter(named.values()))
            )
        sentence = [html.P(facts, className="wb-notes-line")]
    return html.Div(
        [simple_table(heads, rows, numeric=(1, 2, 3), label=page.t("app_compare.chosen.median")), *sentence]
    )


def _apart(page: Page, found: Chosen, named: dict[str, str]) -> Any:
    table = found.differences
    if table.empty:
        return html.P(page.t("app_compare.chosen.same"), className="wb-notes-line")
    palette, two = steps.colours(page), len(named) == 2
    rows = [
        [
            *([] if two else [named.get(row.organisation, row.organisation)]),
            steps.chips([row.source] if row.kind == "step" else [row.source, row.target], palette),
            page.percent(row.share, 0),
            page.percent(row.share_others, 0),
            page.n(row.effect, 2),
            probability(page, row.q_value),
            page.n(row.dossiers),
        ]
        for row in records(table.head(25))
    ]
    words = list(named.values())
    heads = [page.t("app_compare.differences.what"), *(words if two else [page.t("app_compare.differences.here"),
             page.t("app_compare.chosen.others")]), *(page.t(f"app_compare.differences.{name}") for name in
             ("effect", "q", "dossiers"))]  # fmt: skip
    heads = heads if two else [page.t("app_compare.differences.organisation"), *heads]
    first = 1 if two else 2
    label = page.t("app_compare.differences.title")
    return simple_table(heads, rows, numeric=tuple(range(first, first + 5)), label=label)


def _overlay(page: Page, codes: list[str], theme_name: str | None) -> html.Section:
    """Both organisations on one map, coloured by who has a step or path more often."""
    first, second = (graph_of(page, only(page.selection, page.view.by, (code,))) for code in codes)
    a, b = (names.organisation(page, code) for code in codes)
    title = page.t("app_compare.overlay.title", a=a, b=b)
    if not (first.basis.n_dossiers and second.basis.n_dossiers):
        return card(title, empty_state(page.t("app.nothing.title"), ""))
    chosen, places = theme(theme_name), steps.places(page)
    elements = overlay_elements(first, second, places, steps.colours(page), chosen, language=page.language)
    canvas = drawing(
        page, elements, stylesheet(chosen), {"type": "compare-map", "organisation": "both"}, height=places.height
    )
    swatches = [(scale_on(FIRST, chosen)[1], page.t("app_compare.overlay.more", name=a)),
                (scale_on(SECOND, chosen)[1], page.t("app_compare.overlay.more", name=b)),
                (chosen.surface, page.t("app_compare.overlay.alike"))]  # fmt: skip
    legend = [html.Span(words, className="wb-legend-item", style={"--swatch": colour}) for colour, words in swatches]
    basis = page.t(
        "app_compare.overlay.basis", a=a, n=page.n(first.basis.n_dossiers), b=b, m=page.n(second.basis.n_dossiers)
    )
    return card(title, [canvas, html.Div(legend, className="wb-legend")], caption=page.t("app_compare.overlay.text"),
                basis=basis)  # fmt: skip


def _map_of(page: Page, code: str, theme_name: str | None) -> html.Section:
    found = graph_of(page, only(page.selection, page.view.by, (code,)))
    name = names.organisation(page, code)
    if not found.basis.n_dossiers:
        return card(name, empty_state(page.t("app.nothing.title"), ""))
    drawn = process_map(
        found, steps.places(page), steps.colours(page), theme(theme_name), paths_share=0.95, language=page.language
    )
    canvas = drawing(
        page,
        drawn.elements,
        stylesheet(theme(theme_name)),
        {"type": "compare-map", "organisation": code},
        height=steps.places(page).height,
    )
    return card(
        name,
        canvas,
        basis=[*basis_line(page, found.basis), *steps.sampled(page, found)],
    )


clientside_callback(
    ClientsideFunction("pages", "pick"),
    Output(ids.matrix_graph, "clickData"),
    Output(ids.ranking_graph, "clickData"),
    Input(ids.matrix_graph, "clickData", allow_optional=True),
    Input(ids.ranking_graph, "clickData", allow_optional=True),
    State(URL, "search"),
    State(ids.matrix_graph, "figure", allow_optional=True),
    prevent_initial_call=True,
)


dash.register_page(__name__, path="/compare", name="compare", icon="arrows-diff", order=2, layout=layout)
