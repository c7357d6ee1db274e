"""What pages about one procedure share: its steps' colours, the places of its map, and choosing it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import dcc, html

from workbench.app import names
from workbench.app.asked import GRAPH_SAMPLE, graph_of
from workbench.app.components import card
from workbench.app.workspace import Page
from workbench.charts.layered import Layout
from workbench.charts.process_map import union_layout
from workbench.charts.steps import calm_label, step_colours
from workbench.charts.tokens import OTHER_STEP
from workbench.mining.dfg import Dfg, discover_dfg
from workbench.selection import Selection
from workbench.store import LogStore


def whole(page: Page) -> Selection:
    """All dossiers of the page's procedure, in all organisations and all times."""
    return Selection(procedure=page.selection.procedure)


def colours(page: Page) -> Mapping[str, str]:
    """The colour of each step of the procedure."""
    graph = graph_of(page, whole(page))
    return step_colours(list(graph.activities["activity"]))


def places(page: Page) -> Layout:
    """The places of the procedure's map; they do not move with filters."""
    found: Layout = page.ask_steps(_union_layout, whole(page))
    return found


def _union_layout(store: LogStore, selection: Selection) -> Layout:
    return union_layout(discover_dfg(store, selection, sample=GRAPH_SAMPLE))


def sampled(page: Page, graph: Dfg) -> list[Any]:
    """What is to be said of a graph whose durations come from some of its dossiers."""
    if graph.sampled is None:
        return []
    return [html.Span(page.t("app.basis.sampled", n=page.n(graph.sampled)), className="wb-sampled")]


def chip(label: str, colour: str, *, text: str | None = None) -> html.Span:
    """A step as a small label with its colour."""
    return html.Span(
        [html.Span(className="wb-dot", style={"background": colour}), html.Span(calm_label(text or label))],
        className="wb-chip",
        title=label,
    )


def chips(labels: list[str], palette: Mapping[str, str]) -> html.Div:
    """A sequence of steps; runs of one step are drawn once with their number."""
    runs: list[tuple[str, int]] = []
    for label in labels:
        if runs and runs[-1][0] == label:
            runs[-1] = (label, runs[-1][1] + 1)
        else:
            runs.append((label, 1))
    made = [
        chip(label, palette.get(label, OTHER_STEP), text=label if times == 1 else f"{label} × {times}")
        for label, times in runs
    ]
    return html.Div(made, className="wb-chips")


def several_procedures(page: Page) -> bool:
    """Whether the selection mixes procedures, so that a map would mean nothing."""
    return page.selection.procedure is None and len(names.choices(page).procedures) > 1


def choose_procedure(page: Page, name: str) -> html.Section:
    """The procedures of the store, to choose one: a page about steps needs one procedure."""
    rows = names.choices(page).procedures
    items = [_choice(page, str(code), int(n)) for code, n in zip(rows["code"], rows["n"], strict=True)]
    return card(
        page.t("app_process.choose"),
        html.Div(items[:60], className="wb-choices"),
        caption=page.t(f"app_{name}.choose_text"),
    )


def _choice(page: Page, code: str, n: int) -> Any:
    target = page.view.select(procedure=code).search()
    return dcc.Link(
        [
            html.Span(names.procedure(page, code), className="wb-choice-name"),
            html.Span(f"{code} · {page.t('app.facts.dossiers', n=page.n(n))}", className="wb-choice-note"),
        ],
        href=target,
        className="wb-choice",
    )
