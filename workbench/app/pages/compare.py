"""So sánh: the organisations that run one procedure, side by side."""

from __future__ import annotations

from typing import Any

import dash
import dash_mantine_components as dmc
from dash import Input, html

from workbench.app import names, steps
from workbench.app.asked import comparison_options
from workbench.app.bind import Bound, bind
from workbench.app.card_tools import data_tools
from workbench.app.components import basis_line, card, drawing, empty_state, graph, page_head, simple_table, slot
from workbench.app.ids import THEME, Ids
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
from workbench.charts.process_map import process_map, stylesheet
from workbench.charts.records import records
from workbench.charts.tokens import theme
from workbench.errors import SelectionError
from workbench.harmonise.compare import Comparison, compare_organisations
from workbench.mining.dfg import Dfg, discover_dfg

ids = Ids("compare", "finding", "matrix", "value", "ranking", "measure", "differences", "maps", "pick")
_SIDE_BY_SIDE = 4


def layout(page: Page) -> html.Div:
    """The finding, the matrix, the ranking, the differences, maps side by side."""
    pick = dmc.MultiSelect(
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
    return html.Div(
        [
            page_head(page, "compare"),
            slot(ids.finding, 60),
            html.Div([_segments(page, ids.value, "value", MATRIX_VALUES, "f")], className="wb-controls"),
            slot(ids.matrix, 520),
            html.Div(
                [_segments(page, ids.measure, "measure", (*RANKINGS, "funnel"), "on_time")],
                className="wb-controls",
            ),
            slot(ids.ranking, 420),
            slot(ids.differences, 360),
            html.Section([pick, slot(ids.maps, 80)], className="wb-stack"),
        ],
        className="wb-stack",
    )


def _segments(page: Page, segment_id: str, param: str, values: tuple[str, ...], default: str) -> Any:
    return dmc.SegmentedControl(
        id=segment_id,
        data=[{"value": name, "label": page.t(f"app_compare.{param}.{name}")} for name in values],
        value=page.view.param(param, default, values),
        size="xs",
    )


bind(
    Bound(ids.value, "value", default="f"),
    Bound(ids.measure, "measure", default="on_time"),
    Bound(ids.pick, "pick", kind="list", default=[]),
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
    notes = [html.Li(page.t(f"harmonise.note.{code}")) for code in found.notes]
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
        html.Span(words, className="wb-legend-item", style={"--swatch": colour})
        for colour, words in matrix_legend(found, value, page.language)
    ]
    plot = html.Div(
        graph(drawn, label=title), className="wb-wide-scroll", tabIndex=0, role="region", **{"aria-label": title}
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
    drawn = (
        funnel_figure(found, named, language=page.language)
        if measure == "funnel"
        else ranking_figure(found, named, measure=measure, language=page.language)
    )
    return card(
        title,
        graph(drawn, label=title),
        caption=page.t(f"app_compare.ranking.{measure}_text"),
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
            page.n(row.q_value, 3) if row.q_value >= 0.001 else "< " + page.n(0.001, 3),
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
    chosen = [code for code in page.view.param("pick").split(",") if code][:_SIDE_BY_SIDE]
    if not chosen or steps.several_procedures(page):
        return None
    return html.Div([_map_of(page, code, theme_name) for code in chosen], className="wb-side-by-side")


def _map_of(page: Page, code: str, theme_name: str | None) -> html.Section:
    graph_of: Dfg = page.ask_steps(discover_dfg, _only(page, code))
    name = names.organisation(page, code)
    if not graph_of.basis.n_dossiers:
        return card(name, empty_state(page.t("app.nothing.title"), ""))
    drawn = process_map(
        graph_of, steps.places(page), steps.colours(page), theme(theme_name), paths_share=0.95, language=page.language
    )
    canvas = drawing(
        page,
        drawn.elements,
        stylesheet(theme(theme_name)),
        {"type": "compare-map", "organisation": code},
        height=steps.places(page).height * 0.8,
    )
    return card(name, canvas, basis=page.t("app.basis.dossiers", n=page.n(graph_of.basis.n_dossiers)))


_FIELDS = {"province_2025": "provinces_2025", "province_code": "provinces", "agency_code": "agencies",
           "level": "levels", "channel": "channels"}  # fmt: skip


def _only(page: Page, code: str) -> Any:
    field = _FIELDS.get(page.view.by)
    if field is None:
        raise SelectionError(f"{page.view.by} cannot be chosen.", fix="Compare by province.", by=page.view.by)
    return page.selection.with_(**{field: (code,)})


dash.register_page(__name__, path="/compare", name="compare", icon="arrows-diff", order=2, layout=layout)
