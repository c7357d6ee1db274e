"""Monthly distance to the unified procedure, before and after the day from which it applies."""

from __future__ import annotations

from datetime import date
from typing import Any

import dash_mantine_components as dmc
import pandas as pd
from dash import dcc, html

from workbench.app import names
from workbench.app.asked import unified
from workbench.app.bind import Bound, bind
from workbench.app.card_tools import data_tools
from workbench.app.components import basis_line, card, empty_state, graph, probability, said, simple_table
from workbench.app.ids import Ids
from workbench.app.workspace import Page
from workbench.charts.records import records
from workbench.charts.tracking import tracking_figure
from workbench.errors import SelectionError
from workbench.harmonise.migration.tracking import ALL, Tracking, track_distance

ids = Ids("harmonise-tracking", "since")
bind(Bound(ids.since, "since"))


def since_of(page: Page) -> date | None:
    """The day in the address; None without one, SelectionError for what is no day."""
    text = page.view.param("since")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as exc:
        key = "since"
        raise SelectionError(
            f"{key} is {text!r}, which is not a day.", fix="Write it as 2025-07-01.", field=key, value=text
        ) from exc


def tracking_options(page: Page) -> dict[str, Any]:
    """How a view asks for the distance over time."""
    return {"since": since_of(page), "by": page.view.by, "too_few_cases": page.few}


def tracking_panel(page: Page) -> Any:
    """A day to choose; then the distance by month, and what changed for every organisation."""
    found_before = unified(page)
    if found_before is None:
        return None
    title = page.t("app_harmonise.tracking.title")
    if since_of(page) is None:
        return card(title, [_picker(page), empty_state(page.t("app_harmonise.tracking.choose"), "", icon_name="route")])
    found: Tracking = page.long(
        "app_harmonise.tracking.job", track_distance, page.selection, found_before.result.bpmn, **tracking_options(page)
    )
    return html.Div([months_card(page, found), change_card(page, found)], className="wb-stack")


def _picker(page: Page) -> dmc.DatePickerInput:
    found = names.choices(page)
    return dmc.DatePickerInput(
        id=ids.since,
        label=page.t("app_harmonise.tracking.since"),
        value=page.view.param("since") or None,
        valueFormat="DD/MM/YYYY",
        minDate=found.first_day.date().isoformat() if found.first_day else None,
        maxDate=found.last_day.date().isoformat() if found.last_day else None,
        clearable=True,
        w=240,
        maw="100%",
    )


def _organisation(page: Page, code: str) -> str:
    return page.t("app_harmonise.tracking.all") if code == ALL else names.organisation(page, code)


def months_card(page: Page, found: Tracking) -> html.Section:
    """The months of the chosen organisation, or of all together."""
    known = set(found.months["organisation"])
    chosen = page.view.param("tracked", ALL)
    chosen = chosen if chosen in known else ALL
    table = found.months[found.months["organisation"] == chosen]
    rows = [
        [f"{pd.Timestamp(row.month):%m/%Y}", page.t(f"app_harmonise.tracking.{'after' if row.after else 'before'}"),
         page.n(row.dossiers), page.n(row.distance, 3), _interval(page, row), page.percent(row.following, 0),
         page.percent(row.open_share, 0), _doubts(page, too_few=bool(row.too_few), too_early=bool(row.too_early))]
        for row in records(table)
    ]  # fmt: skip
    heads = [page.t(f"app_harmonise.tracking.{key}") for key in
             ("month", "side", "dossiers", "distance", "interval", "following", "open", "doubt")]  # fmt: skip
    title = page.t("app_harmonise.tracking.of", organisation=_organisation(page, chosen))
    body = [
        _picker(page),
        graph(tracking_figure(table, found.since, page.language), label=title),
        html.Div(simple_table(heads, rows, numeric=(2, 3, 4, 5, 6), label=title), className="wb-tall"),
        html.Ul([html.Li(said(page, f"harmonise.tracking.gap.{code}")) for code in found.gaps], className="wb-notes"),
    ]
    return card(title, body, caption=page.t("app_harmonise.tracking.caption"), basis=basis_line(page, found.basis),
                tools=data_tools(page, "tracking"))  # fmt: skip


def change_card(page: Page, found: Tracking) -> html.Section:
    """Before and after the day for every organisation; its name leads to its months."""
    title = page.t("app_harmonise.tracking.change")
    if found.change.empty:
        return card(title, empty_state(page.t("app_harmonise.tracking.no_change"), "", icon_name="info-circle"))
    rows = [
        [dcc.Link(_organisation(page, row.organisation), href=page.view.with_params(tracked=row.organisation).search()),
         page.n(row.dossiers_before), page.n(row.dossiers_after), page.n(row.before, 3), page.n(row.after, 3),
         page.n(row.difference, 3), _interval(page, row), probability(page, row.q_value),
         _doubts(page, too_few=bool(row.too_few))]
        for row in records(found.change)
    ]  # fmt: skip
    heads = [page.t(f"app_harmonise.tracking.{key}") for key in
             ("organisation", "n_before", "n_after", "before", "after", "difference", "interval", "q", "doubt")]  # fmt: skip
    body = html.Div(simple_table(heads, rows, numeric=tuple(range(1, 8)), label=title), className="wb-tall")
    return card(title, body, caption=page.t("app_harmonise.tracking.change_caption"),
                basis=basis_line(page, found.basis), tools=data_tools(page, "tracking_change"))  # fmt: skip


def _interval(page: Page, row: Any) -> str:
    return "–" if pd.isna(row.low) else f"{page.n(row.low, 3)} – {page.n(row.high, 3)}"


def _doubts(page: Page, *, too_few: bool, too_early: bool = False) -> str:
    said = {"too_few": too_few, "too_early": too_early}
    return ", ".join(page.t(f"app_harmonise.tracking.{name}") for name, holds in said.items() if holds) or "–"
