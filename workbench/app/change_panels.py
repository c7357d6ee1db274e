"""Plain panels on what a change means: the applicants' cost, online readiness, waiting beside the other organisations."""

from __future__ import annotations

from typing import Any

from dash import html

from workbench.app import names, steps
from workbench.app.asked import recommend_options, waiting_options
from workbench.app.components import basis_line, card, empty_state, simple_table
from workbench.app.workspace import Page
from workbench.charts.records import records
from workbench.harmonise.cost_assessment import CostAssessment, assess_cost
from workbench.harmonise.online_readiness import OnlineReadiness, online_readiness
from workbench.harmonise.recommend import Recommendations, recommend
from workbench.mining.waiting import WaitingCauses, waiting_causes

MOST = 60
"""Rows of the comparison shown, the surest differences first."""


def cost_panel(page: Page) -> Any:
    """The compliance cost by task before and after the recommended changes, the targets, and every parameter."""
    if steps.several_procedures(page):
        return None
    moves: Recommendations | None = page.kept(recommend, page.selection, **recommend_options(page))
    if moves is None:
        return None
    found = assess_cost(page.store, page.selection, parameters=moves.parameters, recommendations=moves.items)
    title = page.t("app_recommendations.cost.title")
    heads = [page.t(f"app_recommendations.cost.{name}") for name in ("task", "before", "after")]
    rows = [
        [page.t(f"app_recommendations.cost.task_{row.task}"), page.n(row.vnd_before, 0), page.n(row.vnd_after, 0)]
        for row in records(found.tasks)
    ]
    body = [
        simple_table(heads, rows, numeric=(1, 2), label=title),
        html.Ul([html.Li(line) for line in _cost_lines(page, found)], className="wb-notes"),
        _parameters(page, found),
    ]
    return card(title, body, caption=page.t("app_recommendations.cost.caption"), basis=basis_line(page, found.basis))


def _cost_lines(page: Page, found: CostAssessment) -> list[str]:
    lines = []
    if found.change is not None:
        lines.append(
            page.t(
                "app_recommendations.cost.year", before=page.n(found.change.before.per_year_vnd, 0),
                after=page.n(found.change.after.per_year_vnd, 0), cut=page.percent(found.change.cut, 1),
            )
        )  # fmt: skip
        lines += [
            page.t(f"app_recommendations.cost.{'reached' if row.reached else 'missed'}",
                   target=page.percent(row.target, 0), year=str(row.year))
            for row in records(found.targets)
        ]  # fmt: skip
    return lines + [page.t(f"harmonise.cost.gap.{gap}") for gap in found.gaps]


def _parameters(page: Page, found: CostAssessment) -> html.Details:
    heads = [page.t(f"app_recommendations.cost.{name}") for name in ("parameter", "value", "state")]
    rows = [
        [row.name, "–" if row.value is None or row.value != row.value else page.n(row.value, 2),
         page.t(f"app_recommendations.cost.{'unverified' if row.unverified else 'confirmed'}")]
        for row in records(found.parameters)
    ]  # fmt: skip
    title = page.t("app_recommendations.cost.parameters")
    return html.Details([html.Summary(title), simple_table(heads, rows, numeric=(1,), label=title)])


def online_panel(page: Page) -> Any:
    """What keeps the procedure from full online service."""
    if steps.several_procedures(page):
        return None
    found: OnlineReadiness = page.ask_steps(online_readiness, page.selection, by=page.view.by, too_few_cases=page.few)
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
    gaps = [html.Li(page.t(f"harmonise.online.gap.{gap}")) for gap in found.gaps]
    if found.fully_online is None or not rows:
        whole = page.t("app_recommendations.online.unknown")
    else:
        ends = " – ".join(page.percent(end, 1) for end in (found.fully_online_low, found.fully_online_high))
        whole = page.t("app_recommendations.online.whole", share=page.percent(found.fully_online, 1), interval=ends)
    body = [simple_table(heads, rows, numeric=(1, 2, 3), label=title), html.Ul(gaps, className="wb-notes")]
    return card(title, body, caption=whole, basis=basis_line(page, found.basis))


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
         f"{page.n(100 * row.low, 1)} – {page.n(100 * row.high, 1)}", page.n(row.q_value, 3)]
        for row in records(table.sort_values(["q_value", "organisation", "cause"]).head(MOST))
    ]  # fmt: skip
    body = html.Div(simple_table(heads, rows, numeric=tuple(range(2, 8)), label=title), className="wb-tall")
    return card(title, body, caption=page.t("app_bottlenecks.beside.caption"), basis=basis_line(page, found.basis))
