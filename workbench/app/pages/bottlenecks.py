"""Điểm nghẽn: where the time goes, and why."""

from __future__ import annotations

from typing import Any

import dash
from dash import html

from workbench.app import names, steps
from workbench.app.asked import waiting_options
from workbench.app.card_tools import data_tools
from workbench.app.components import basis_line, card, empty_state, graph, page_head, simple_table, slot
from workbench.app.facts import WeekHours, week_hours
from workbench.app.ids import Ids
from workbench.app.panels import panel
from workbench.app.workspace import Page
from workbench.charts.durations import short_duration
from workbench.charts.records import records
from workbench.charts.waiting import cause_figure, week_figure
from workbench.mining.performance import Performance, performance
from workbench.mining.waiting import WaitingCauses, waiting_causes

ids = Ids("bottlenecks", "finding", "causes", "transitions", "steps", "handovers", "week")
_MOST_ORGANISATIONS = 40


def layout(page: Page) -> html.Div:
    """The finding, causes, transitions, steps, hand-overs, hours."""
    return html.Div(
        [
            page_head(page, "bottlenecks"),
            slot(ids.finding, 90),
            slot(ids.steps, 320),
            html.Div([slot(ids.causes, 420), slot(ids.transitions, 420)], className="wb-two"),
            html.Div([slot(ids.handovers, 300), slot(ids.week, 300)], className="wb-two"),
        ],
        className="wb-stack",
    )


def _waiting(page: Page) -> WaitingCauses | None:
    if steps.several_procedures(page):
        return None
    found: WaitingCauses | None = page.kept(waiting_causes, page.selection, **waiting_options(page))
    return found


@panel(ids.finding)
def show_finding(page: Page) -> Any:
    """The longest wait in words."""
    if steps.several_procedures(page):
        return steps.choose_procedure(page, "bottlenecks")
    found: WaitingCauses = page.long("app_bottlenecks.job", waiting_causes, page.selection, **waiting_options(page))
    if found.transitions.empty:
        return card(page.t("app_bottlenecks.finding"), empty_state(page.t("app_bottlenecks.no_waiting"), ""))
    total = float(found.overall["seconds"].sum())
    top = next(records(found.transitions))
    causes = found.overall.sort_values("seconds", ascending=False)
    sentence = page.t(
        "app_bottlenecks.sentence",
        source=top.source,
        target=top.target,
        share=page.percent(_waited(top) / total if total else None, 0),
        cause=page.t(f"mining.cause.{causes['cause'].iloc[0]}"),
        cause_share=page.percent(causes["share"].iloc[0], 0),
    )
    method = page.t(
        "app_bottlenecks.method",
        starts=page.t(f"app_bottlenecks.starts.{found.method.starts}"),
        availability=page.t(f"app_bottlenecks.availability.{found.method.availability}"),
        unknown=page.percent(found.method.without_resource, 0),
        paused=page.percent(found.paused_seconds / total if total else None, 0),
    )
    body = [html.P(sentence, className="wb-finding"), html.P(method, className="wb-caption")]
    return card(page.t("app_bottlenecks.finding"), body, basis=basis_line(page, found.basis))


def _waited(row: Any) -> float:
    parts = ("batching", "contention", "prioritisation", "unavailability", "extraneous")
    return float(sum(getattr(row, f"{part}_seconds") for part in parts))


@panel(ids.causes)
def show_causes(page: Page) -> Any:
    """Causes by organisation."""
    found = _waiting(page)
    if found is None:
        return None
    table = found.organisations
    table = table[~table["too_few"]]
    title = page.t("app_bottlenecks.causes.title")
    if table.empty:
        return card(title, empty_state(page.t("app.few.title"), page.t("app_bottlenecks.causes.few", few=page.few)))
    extraneous = table[table["cause"] == "extraneous"].sort_values("share", ascending=False)
    order = list(extraneous["organisation"])[:_MOST_ORGANISATIONS]
    named = {code: names.organisation(page, code) for code in order}
    drawn = cause_figure(table, named, order, language=page.language)
    return card(
        title, graph(drawn, label=title), caption=page.t("app_bottlenecks.causes.caption"),
        basis=basis_line(page, found.basis),
        tools=data_tools(page, "causes"),
    )  # fmt: skip


@panel(ids.transitions)
def show_transitions(page: Page) -> Any:
    """Pairs of steps with the most waiting."""
    found = _waiting(page)
    if found is None:
        return None
    title = page.t("app_bottlenecks.transitions.title")
    total = float(found.overall["seconds"].sum()) or 1.0
    palette = steps.colours(page)
    rows = []
    for row in records(found.transitions.head(12)):
        parts = {name: getattr(row, f"{name}_seconds") for name in found.overall["cause"]}
        main = max(parts, key=lambda name: parts[name])
        waited = sum(parts.values())
        rows.append(
            [
                steps.chips([row.source, row.target], palette),
                page.n(row.dossiers),
                page.percent(waited / total),
                page.t(f"mining.cause.{main}"),
            ]
        )
    heads = [page.t(f"app_bottlenecks.transitions.{name}") for name in ("path", "dossiers", "share", "cause")]
    return card(
        title, simple_table(heads, rows, numeric=(1, 2), label=title),
        caption=page.t("app_bottlenecks.transitions.caption"), basis=basis_line(page, found.basis),
        tools=data_tools(page, "transitions"),
    )  # fmt: skip


@panel(ids.steps)
def show_steps(page: Page) -> Any:
    """Steps with the time before them."""
    if steps.several_procedures(page):
        return None
    timing: Performance = page.ask_steps(performance, page.selection)
    title = page.t("app_bottlenecks.steps.title")
    palette = steps.colours(page)
    working = bool(timing.steps["median_working_seconds"].notna().any())
    column = "median_working_seconds" if working else "median_seconds"
    rows = [
        [
            steps.chip(row.step, palette.get(row.step, "")),
            page.n(row.dossiers),
            short_duration(getattr(row, column), page.language, working=working),
            short_duration(row.p90_seconds, page.language),
            html.Div(html.Div(style={"width": f"{row.share * 100:.1f}%"}), className="wb-bar"),
            page.percent(row.share),
            page.percent(row.breach_share) if row.with_due else "–",
        ]
        for row in records(timing.steps.head(15))
    ]
    heads = [page.t(f"app_bottlenecks.steps.{name}") for name in
             ("step", "dossiers", "median", "p90", "bar", "share", "breaches")]  # fmt: skip
    return card(
        title, simple_table(heads, rows, numeric=(1, 2, 3, 5, 6), label=title),
        caption=page.t("app_bottlenecks.steps.caption"), basis=basis_line(page, timing.basis),
        tools=data_tools(page, "steps", "performance"),
    )  # fmt: skip


@panel(ids.handovers)
def show_handovers(page: Page) -> Any:
    """Hand-overs between units."""
    if steps.several_procedures(page):
        return None
    timing: Performance = page.ask_steps(performance, page.selection)
    title = page.t("app_bottlenecks.handovers.title")
    if timing.handovers.empty:
        return card(title, empty_state(page.t("app_bottlenecks.handovers.none"), ""))
    rows = [
        [f"{row.unit} → {row.next_unit}", page.n(row.count), short_duration(row.median_seconds, page.language),
         page.percent(row.share)]
        for row in records(timing.handovers.head(10))
    ]  # fmt: skip
    heads = [page.t(f"app_bottlenecks.handovers.{name}") for name in ("units", "count", "median", "share")]
    caption = page.t("app_bottlenecks.handovers.caption", share=page.percent(timing.handover_share, 0))
    return card(title, simple_table(heads, rows, numeric=(1, 2, 3), label=title), caption=caption,
                basis=basis_line(page, timing.basis), tools=data_tools(page, "handovers", "performance"))  # fmt: skip


@panel(ids.week)
def show_week(page: Page) -> Any:
    """Events by weekday and hour."""
    found: WeekHours = page.ask(week_hours, page.selection)
    title = page.t("app_bottlenecks.week.title")
    if found.table.empty:
        return card(title, empty_state(page.t("app_bottlenecks.week.none"), ""))
    caption = page.t("app_bottlenecks.week.caption", share=page.percent(found.timed_share, 0))
    return card(title, graph(week_figure(found.table, page.language), label=title), caption=caption,
                basis=basis_line(page, found.basis))  # fmt: skip


dash.register_page(__name__, path="/bottlenecks", name="bottlenecks", icon="hourglass-high", order=4, layout=layout)
