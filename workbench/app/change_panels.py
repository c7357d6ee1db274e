"""Plain panels on what a change means: online readiness, waiting beside the other organisations."""

from __future__ import annotations

from typing import Any

from dash import html

from workbench.app import names, steps
from workbench.app.asked import waiting_options
from workbench.app.card_tools import data_tools
from workbench.app.components import basis_line, card, empty_state, probability, said, simple_table
from workbench.app.workspace import Page
from workbench.charts.records import records
from workbench.harmonise.recommendation.online_readiness import OnlineReadiness, online_readiness
from workbench.mining.waiting import WaitingCauses, waiting_causes

MOST = 60
"""Rows of the comparison shown, the surest differences first."""


def online_panel(page: Page) -> Any:
    """What keeps the procedure from full online service."""
    if steps.several_procedures(page):
        return None
    found: OnlineReadiness = page.ask_events(online_readiness, page.selection, by=page.view.by, too_few_cases=page.few)
    title = page.t("app_recommendations.online.title")
    heads = [
        page.t(f"app_recommendations.online.{name}") for name in ("barrier", "dossiers", "share", "interval", "steps")
    ]
    rows = [
        [page.t(f"harmonise.online.barrier.{row.barrier}"), page.n(row.dossiers), page.percent(row.share, 1),
         f"{page.percent(row.low, 1)} – {page.percent(row.high, 1)}",
         steps.chips(list(row.steps), steps.colours(page)) if len(row.steps) else "–"]
        for row in records(found.barriers)
    ]  # fmt: skip
    gaps = [html.Li(said(page, f"harmonise.online.gap.{gap}")) for gap in found.gaps]
    if found.fully_online is None or not rows:
        whole = page.t("app_recommendations.online.unknown")
    else:
        ends = " – ".join(page.percent(end, 1) for end in (found.fully_online_low, found.fully_online_high))
        whole = page.t("app_recommendations.online.whole", share=page.percent(found.fully_online, 1), interval=ends)
    body = [simple_table(heads, rows, numeric=(1, 2, 3), label=title), html.Ul(gaps, className="wb-notes")]
    return card(title, body, caption=whole, basis=basis_line(page, found.basis), tools=data_tools(page, "online"))


def waiting_comparison_panel(page: Page) -> Any:
    """Shares of waiting causes of every organisation beside all others, with intervals."""
    if steps.several_procedures(page):
        return None
    found: WaitingCauses | None = page.kept(waiting_causes, page.selection, **waiting_options(page))
    if found is None:
        return None
    title = page.t("app_bottlenecks.beside.title")
    table = found.comparison
    table = table[(table["dossiers"] >= page.few) & table["low"].notna()] if len(table) else table
    if table.empty:
        return card(title, empty_state(page.t("app.few.title"), page.t("app_bottlenecks.beside.none", few=page.few)))
    heads = [page.t(f"app_bottlenecks.beside.{name}") for name in
             ("organisation", "cause", "dossiers", "here", "others", "difference", "interval", "q")]  # fmt: skip
    rows = [
        [names.organisation(page, row.organisation), page.t(f"mining.cause.{row.cause}"), page.n(row.dossiers),
         page.percent(row.share, 1), page.percent(row.share_others, 1), page.n(100 * row.difference, 1),
         f"{page.n(100 * row.low, 1)} – {page.n(100 * row.high, 1)}", probability(page, row.q_value)]
        for row in records(table.sort_values(["q_value", "organisation", "cause"]).head(MOST))
    ]  # fmt: skip
    body = html.Div(simple_table(heads, rows, numeric=tuple(range(2, 8)), label=title), className="wb-tall")
    return card(title, body, caption=page.t("app_bottlenecks.beside.caption"), basis=basis_line(page, found.basis))
