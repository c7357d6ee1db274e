"""The applicants' cost before and after the recommended changes, with parameters that can be read and corrected."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

import dash_mantine_components as dmc
import pandas as pd
from dash import ALL, Input, Output, State, callback, ctx, html, no_update

from workbench.app import steps
from workbench.app.asked import recommend_options
from workbench.app.card_tools import data_tools
from workbench.app.components import basis_line, card, said, simple_table
from workbench.app.cost_parameters import Given, drop_given, entered, keep_given, parameters_of, read_given
from workbench.app.ids import JOBS_DONE, URL, Ids
from workbench.app.workspace import Page, error_text
from workbench.charts.records import records
from workbench.errors import WorkbenchError
from workbench.harmonise.recommendation.cost import CostParameters
from workbench.harmonise.recommendation.cost_assessment import CostAssessment, assess_cost
from workbench.harmonise.recommendation.recommend import Recommendations, recommend

ids = Ids("recommendations-cost", "apply", "reset", "said")
NAMES = tuple(one.name for one in fields(CostParameters) if one.name != "unverified")
_FORMULA = ("months", "days_a_month", "hours_a_day")


def cost_found(page: Page) -> CostAssessment | None:
    """The cost by the parameters in force; None before the recommendations are there."""
    moves: Recommendations | None = page.kept(recommend, page.selection, **recommend_options(page))
    if moves is None:
        return None
    given = read_given(page.store, page.selection.procedure)
    return assess_cost(page.store, page.selection, parameters=parameters_of(given), recommendations=moves.items)


def cost_panel(page: Page) -> Any:
    """The compliance cost by task before and after the recommended changes, the targets, and every parameter."""
    found = None if steps.several_procedures(page) else cost_found(page)
    if found is None:
        return None
    given = read_given(page.store, page.selection.procedure)
    title = page.t("app_recommendations.cost.title")
    heads = [page.t(f"app_recommendations.cost.{name}") for name in ("task", "before", "after")]
    rows = [
        [page.t(f"app_recommendations.cost.task_{row.task}"), page.n(row.vnd_before, 0), page.n(row.vnd_after, 0)]
        for row in records(found.tasks)
    ]
    body = [
        simple_table(heads, rows, numeric=(1, 2), label=title),
        html.Ul([html.Li(line) for line in _cost_lines(page, found)], className="wb-notes"),
        _parameters(page, found, given),
    ]
    values = {name: value for name, (value, _) in given.items()}
    tools = data_tools(page, "cost", parameters=values)
    caption = page.t("app_recommendations.cost.caption")
    return card(title, body, caption=caption, basis=basis_line(page, found.basis), tools=tools)


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
    return lines + [said(page, f"harmonise.cost.gap.{gap}") for gap in found.gaps]


def _parameters(page: Page, found: CostAssessment, given: Given) -> html.Details:
    heads = [page.t(f"app_recommendations.cost.{name}") for name in ("parameter", "value", "unit", "state")]
    rows = [
        [_named(page, row.name), _input(page, row.name, row.value), page.t(f"app_recommendations.cost.{_unit(row.name)}"),
         _source(page, row.name, given)]
        for row in records(found.parameters)
    ]  # fmt: skip
    title = page.t("app_recommendations.cost.parameters")
    buttons = [
        dmc.Button(page.t("app_recommendations.cost.apply"), id=ids.apply, size="xs"),
        dmc.Button(page.t("app_recommendations.cost.reset"), id=ids.reset, size="xs", variant="default",
                   disabled=not given),
        html.Span(id=ids.said, className="wb-basis", **{"aria-live": "polite"}),
    ]  # fmt: skip
    table = simple_table(heads, rows, label=title)
    return html.Details([html.Summary(title), table, html.Div(buttons, className="wb-decide")])


def _named(page: Page, name: str) -> list[Any]:
    return [page.t(f"app_recommendations.parameter.{name}"), " ", html.Code(name)]


def _input(page: Page, name: str, value: Any) -> dmc.TextInput:
    return dmc.TextInput(
        id={"type": "cost-parameter", "name": name}, value=shown(page, value), size="xs", w=150,
        **{"aria-label": page.t(f"app_recommendations.parameter.{name}")},
    )  # fmt: skip


def shown(page: Page, value: Any) -> str:
    """A value as it is typed: no thousands separators; empty where the log's own value counts."""
    if pd.isna(value):
        return ""
    text = f"{float(value):.6f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if page.language == "vi" else text


def _unit(name: str) -> str:
    if name.endswith("_vnd"):
        return "unit_vnd_year" if name.startswith("gdp") else "unit_vnd"
    return "unit_hours" if name.startswith("hours_") and name != "hours_a_day" else "unit_number"


def _source(page: Page, name: str, given: Given) -> str:
    if name in given:
        at = page.moment(datetime.fromisoformat(given[name][1]))
        return page.t("app_recommendations.cost.source_person", at=at)
    kind = "log" if name == "fee_vnd" else "formula" if name in _FORMULA else "default"
    return page.t(f"app_recommendations.cost.source_{kind}")


def changed_values(page: Page, texts: dict[str, str]) -> tuple[dict[str, float], list[str]]:
    """What of the typed values differs from those in force, and a sentence for each that is no allowed number."""
    force = parameters_of(read_given(page.store, page.selection.procedure))
    values, wrong = {}, []
    for name, text in texts.items():
        if text.strip() == shown(page, getattr(force, name)):
            continue
        value = entered(text, page.language)
        if value is None or (name in _FORMULA and value == 0):
            key = "app_recommendations.cost.wrong_zero" if name in _FORMULA else "app_recommendations.cost.wrong"
            wrong.append(page.t(key, name=page.t(f"app_recommendations.parameter.{name}"), value=text))
        else:
            values[name] = value
    return values, wrong


def apply_values(page: Page, texts: dict[str, str], *, now: datetime) -> tuple[Any, bool]:
    """Keep what was typed unless some of it is wrong; what to say, and whether anything changed."""
    values, wrong = changed_values(page, texts)
    if wrong:
        return html.Span(" ".join(wrong), className="wb-late", role="alert"), False
    if not values:
        return page.t("app_recommendations.cost.unchanged"), False
    with page.space.writing() as store:
        keep_given(store, page.selection.procedure, values, now=now)
    return page.t("app_recommendations.cost.applied", n=page.n(len(values))), True


def reset_values(page: Page) -> tuple[Any, bool]:
    """Go back to the defaults."""
    with page.space.writing() as store:
        drop_given(store, page.selection.procedure)
    return page.t("app_recommendations.cost.was_reset"), True


@callback(
    Output(ids.said, "children"),
    Output(JOBS_DONE, "data", allow_duplicate=True),
    Input(ids.apply, "n_clicks"),
    Input(ids.reset, "n_clicks"),
    State({"type": "cost-parameter", "name": ALL}, "value"),
    State({"type": "cost-parameter", "name": ALL}, "id"),
    State(URL, "search"),
    State(JOBS_DONE, "data"),
    prevent_initial_call=True,
)
def change_parameters(*given: Any) -> tuple[Any, Any]:
    """Put typed parameters in force, or go back to the defaults."""
    applied, reset, values, keys, search, finished = given
    if not (applied if ctx.triggered_id == ids.apply else reset):
        return no_update, no_update
    page = Page.of(search)
    texts = {key["name"]: value or "" for key, value in zip(keys, values, strict=True)}
    try:
        said, changed = reset_values(page) if ctx.triggered_id == ids.reset else apply_values(
            page, texts, now=datetime.now()
        )  # fmt: skip
    except WorkbenchError as error:
        return html.Span(error_text(error, page.language)[1], className="wb-late"), no_update
    return said, (finished or 0) + 1 if changed else no_update
