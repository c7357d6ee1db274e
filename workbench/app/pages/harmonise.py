"""Hài hòa: common step names, candidates, the unified procedure, and what every organisation has to change."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import dash
import dash_mantine_components as dmc
from dash import Input, Output, State, callback, html, no_update

from workbench.app import names, steps
from workbench.app.asked import unify_options
from workbench.app.components import (
    basis_line,
    card,
    data_grid,
    empty_state,
    graph,
    icon,
    link_button,
    page_head,
    progress_card,
    simple_table,
    slot,
)
from workbench.app.ids import JOBS_DONE, URL, Ids
from workbench.app.panels import panel
from workbench.app.unified import SECONDS, Review, Unified, accept_rows, review, undo, unify
from workbench.app.workspace import LONG_WAIT, Page
from workbench.charts.candidates import candidate_figure
from workbench.charts.records import records, row_dicts
from workbench.charts.steps import calm_label
from workbench.export.harmonisation import FILES
from workbench.i18n import format_number
from workbench.progress import Progress

ids = Ids(
    "harmonise", "start", "drawing", "candidates", "reasons", "migration", "vocabulary", "grid", "moves", "accept", "accept-sure",
    "undo", "reviewer", "said",
)  # fmt: skip
SURE = 0.8


def layout(page: Page) -> html.Div:
    """Begin, drawing, candidates and reasons, migration, vocabulary."""
    return html.Div(
        [
            page_head(page, "harmonise"),
            slot(ids.start, 150),
            slot(ids.drawing, 420),
            html.Div([slot(ids.candidates, 380), slot(ids.reasons, 380)], className="wb-two"),
            slot(ids.migration, 320),
            slot(ids.vocabulary, 420),
        ],
        className="wb-stack",
    )


def _unified(page: Page) -> Unified | None:
    if steps.several_procedures(page) or not page.view.param("run"):
        return None
    found: Unified | None = page.kept(unify, page.selection, **unify_options(page))
    return found


@panel(ids.start)
def show_start(page: Page) -> Any:
    """Begin, watch, or begin again with more time."""
    if steps.several_procedures(page):
        return steps.choose_procedure(page, "harmonise")
    if not page.view.param("run"):
        body = empty_state(
            page.t("app_harmonise.start_title"), page.t("app_harmonise.start_text"), *_runs(page), icon_name="git-merge"
        )
        return html.Section(body, className="wb-card")
    found: Unified = page.long("app_harmonise.job", unify, page.selection, **unify_options(page))
    mean = found.result.unified.facts()["mean"]
    sentence = page.t(
        "app_harmonise.sentence",
        name=page.t(f"harmonise.candidate.{_kind(found, found.result.recommended)}"),
        size=page.n(found.result.bpmn.size), f=page.n(mean["f"], 3), fitness=page.n(mean["fitness"], 3),
        precision=page.n(mean["precision"], 3), n=page.n(len(found.result.unified.organisations)),
    )  # fmt: skip
    stopped = page.t(f"harmonise.stopped.{found.result.search['stopped']}")
    notes = [html.Li(page.t(f"harmonise.note.{code}")) for code in found.result.notes]
    body = [html.P(sentence, className="wb-finding"), html.P(stopped, className="wb-caption"),
            html.Ul(notes, className="wb-notes"), dmc.Group(_runs(page), gap="xs", mt="md")]  # fmt: skip
    return card(page.t("app_harmonise.found"), body, basis=basis_line(page, found.result.basis))


def _runs(page: Page) -> list[Any]:
    chosen = page.view.param("run")
    return [
        link_button(
            page.t("app_harmonise.run", seconds=seconds), page.view.with_params(run=str(seconds)).search(),
            "player-play", variant="filled" if not chosen and seconds == SECONDS[1] else "default",
        )
        for seconds in SECONDS
        if str(seconds) != chosen
    ]  # fmt: skip


def _kind(found: Unified, name: str) -> str:
    table = found.result.candidates
    return str(table.loc[table["name"] == name, "kind"].iloc[0])


@panel(ids.drawing)
def show_drawing(page: Page) -> Any:
    """The unified procedure with its lanes, and the files."""
    found = _unified(page)
    if found is None:
        return None
    picture = "data:image/svg+xml;base64," + base64.b64encode(found.files["unified.svg"]).decode()
    title = page.t("app_harmonise.drawing")
    query = page.view.search()
    links = [
        html.A([icon("download", 15), name], href=f"/harmonised/{name}{query}", download=name,
               className="wb-button wb-button-default wb-button-small")
        for name in FILES
    ]  # fmt: skip
    image = html.Img(src=picture, alt=page.t("app_harmonise.drawing_alt", steps=", ".join(found.result.bpmn.steps)))
    return card(
        title,
        [
            html.Div(image, className="wb-picture", tabIndex=0, role="region", **{"aria-label": title}),
            dmc.Group(links, gap="xs", mt="md"),
        ],
        caption=page.t("app_harmonise.drawing_text"),
        basis=basis_line(page, found.result.basis),
    )


@panel(ids.candidates)
def show_candidates(page: Page) -> Any:
    """What was chosen from."""
    found = _unified(page)
    if found is None:
        return None
    table = found.result.candidates
    named = {row.name: page.t(f"harmonise.candidate.{row.kind}") for row in records(table)}
    title = page.t("app_harmonise.candidates.title")
    numbers = {row.name: str(place) for place, row in enumerate(records(table), 1)}
    rows = [
        [
            html.Span([html.Span(numbers[row.name], className="wb-number"), named[row.name]],
                      className="wb-strong" if row.recommended else ""),
            page.n(row.size), page.n(row.f, 3), page.n(row.fitness, 3), page.n(row.precision, 3), page.n(row.changes),
            page.t("app_harmonise.candidates.yes") if row.sound is True else "–",
        ]
        for row in records(table)
    ]  # fmt: skip
    heads = [page.t(f"app_harmonise.candidates.{name}") for name in
             ("name", "size", "f", "fitness", "precision", "changes", "sound")]  # fmt: skip
    body = [
        graph(candidate_figure(table, named, numbers, page.language), label=title),
        simple_table(heads, rows, numeric=(1, 2, 3, 4, 5), label=title),
    ]
    return card(title, body, caption=page.t("app_harmonise.candidates.caption"),
                basis=basis_line(page, found.result.basis))  # fmt: skip


@panel(ids.reasons)
def show_reasons(page: Page) -> Any:
    """Why this one."""
    found = _unified(page)
    if found is None:
        return None
    sentences = [html.Li(_reason(page, item)) for item in found.result.reasons]
    missing = [html.Li(f"{page.t(f'harmonise.candidate.{kind}')}: {page.t(f'harmonise.missing.{code}')}")
               for kind, code in found.result.missing]  # fmt: skip
    title = page.t("app_harmonise.reasons.title")
    body: list[Any] = [html.Ul(sentences, className="wb-list")]
    if missing:
        body += [html.H3(page.t("app_harmonise.reasons.missing"), className="wb-sub"),
                 html.Ul(missing, className="wb-notes")]  # fmt: skip
    table = found.result.unified.organisations.sort_values("f")
    rows = [
        [names.organisation(page, row.organisation), page.n(row.dossiers), page.n(row.f, 3), page.n(row.fitness, 3),
         page.n(row.precision, 3)]
        for row in records(table)
    ]  # fmt: skip
    heads = [
        page.t(f"app_harmonise.reasons.{name}") for name in ("organisation", "dossiers", "f", "fitness", "precision")
    ]
    label = page.t("app_harmonise.reasons.by_organisation")
    body += [html.H3(label, className="wb-sub"),
             html.Div(simple_table(heads, rows, numeric=(1, 2, 3, 4), label=label), className="wb-tall")]  # fmt: skip
    return card(title, body)


def _reason(page: Page, item: dict[str, Any]) -> str:
    facts = {
        name: names.organisation(page, value) if name == "organisation" else _figure(page, name, value)
        for name, value in item["facts"].items()
    }
    return page.t(f"harmonise.reason.{item['code']}", **facts)


def _figure(page: Page, name: str, value: Any) -> str:
    whole = name in ("size", "markings")
    return format_number(value, page.language, 0 if whole else 1 if name in ("expected", "recorded", "hours") else 3)


@panel(ids.migration)
def show_migration(page: Page) -> Any:
    """What every organisation has to change."""
    found = _unified(page)
    if found is None:
        return None
    table = found.result.migration
    title = page.t("app_harmonise.migration.title")
    if table.empty:
        return card(title, empty_state(page.t("app_harmonise.migration.none"), "", icon_name="check"))
    rows = [
        {
            "organisation": names.organisation(page, row.organisation),
            "action": page.t(f"harmonise.action.{row.action}"),
            "step": calm_label(row.step),
            "after": calm_label(row.after) if isinstance(row.after, str) else "",
            "share": row.share,
            "dossiers": int(row.dossiers),
        }
        for row in records(table)
    ]
    caption = page.t("app_harmonise.migration.caption", n=page.n(len(table)))
    grid = data_grid(page, ids.moves, rows, _migration_columns(page))
    return card(title, grid, caption=caption, basis=basis_line(page, found.result.basis))


def _migration_columns(page: Page) -> list[dict[str, Any]]:
    widths = {"organisation": 170, "action": 160, "share": 150, "dossiers": 110}
    columns = []
    for name in ("organisation", "action", "step", "after", "share", "dossiers"):
        column: dict[str, Any] = {"field": name, "headerName": page.t(f"app_harmonise.migration.{name}")}
        column |= {"width": widths[name]} if name in widths else {"flex": 1, "minWidth": 200, "tooltipField": name}
        if name in ("share", "dossiers"):
            column["type"] = "rightAligned"
        columns.append(column)
    columns[4]["valueFormatter"] = {"function": _as_percent(page)}
    return columns


def _as_percent(page: Page) -> str:
    return f"params.value.toLocaleString('{page.language}', {{style: 'percent'}})"


# vocabulary --------------------------------------------------------------------------------------------------
@panel(ids.vocabulary)
def show_vocabulary(page: Page) -> Any:
    """Labels with the steps they are taken for, to be accepted, changed and undone."""
    if steps.several_procedures(page) or page.selection.procedure is None:
        return None
    job = page.space.jobs.latest(_key(page))
    if job is not None and not job.finished:
        return progress_card(job, page.language)
    found: Review = page.ask(review, page.selection.procedure)
    title = page.t("app_harmonise.vocabulary.title")
    caption = page.t("app_harmonise.vocabulary.caption", labels=page.n(found.n_labels), steps=page.n(found.n_steps))
    undo_button = dmc.Button(page.t("app_harmonise.vocabulary.undo"), id=ids.undo, variant="default", size="xs",
                             disabled=not found.changes, leftSection=icon("history", 15))  # fmt: skip
    if found.table.empty:
        body: Any = [empty_state(page.t("app_harmonise.vocabulary.done"), "", icon_name="check"), undo_button]
        return card(title, body, caption=caption)
    return card(title, [_review_tools(page, found, undo_button), _review_grid(page, found)], caption=caption)


def _key(page: Page) -> tuple[str, str | None]:
    return ("vocabulary", page.selection.procedure)


def _review_tools(page: Page, found: Review, undo_button: Any) -> html.Div:
    sure = int((found.table["confidence"] >= SURE).sum())
    return html.Div(
        [
            dmc.TextInput(id=ids.reviewer, label=page.t("app_harmonise.vocabulary.reviewer"), size="xs", w=220,
                          placeholder=page.t("app_harmonise.vocabulary.reviewer_text")),
            dmc.Button(page.t("app_harmonise.vocabulary.accept_sure", n=page.n(sure), share=page.percent(SURE, 0)),
                       id=ids.accept_sure, size="xs", disabled=not sure, leftSection=icon("check", 15)),
            dmc.Button(page.t("app_harmonise.vocabulary.accept"), id=ids.accept, size="xs", variant="default"),
            undo_button,
            html.Span(id=ids.said, className="wb-basis", **{"aria-live": "polite"}),
        ],
        className="wb-decide wb-review-tools",
    )  # fmt: skip


def _review_grid(page: Page, found: Review) -> Any:
    heads = {name: page.t(f"app_harmonise.vocabulary.{name}") for name in
             ("label", "step", "confidence", "organisations", "dossiers")}  # fmt: skip
    columns = [
        {"field": "label", "headerName": heads["label"], "flex": 3, "minWidth": 220, "tooltipField": "label"},
        {"field": "step", "headerName": heads["step"], "flex": 3, "minWidth": 220, "editable": True,
         "tooltipField": "step"},
        {"field": "confidence", "headerName": heads["confidence"], "width": 120, "type": "rightAligned",
         "valueFormatter": {"function": _as_percent(page)}},
        {"field": "organisations", "headerName": heads["organisations"], "width": 110, "type": "rightAligned"},
        {"field": "dossiers", "headerName": heads["dossiers"], "width": 110, "type": "rightAligned"},
    ]  # fmt: skip
    rows = found.table.assign(proposed=found.table["step"], confidence=found.table["confidence"].round(4))
    return data_grid(
        page,
        ids.grid,
        row_dicts(rows),
        columns,
        rowSelection={"mode": "multiRow", "enableClickSelection": False},
        singleClickEdit=True,
        stopEditingWhenCellsLoseFocus=True,
    )


@callback(
    Output(ids.said, "children"),
    Output(JOBS_DONE, "data", allow_duplicate=True),
    Input(ids.accept, "n_clicks"),
    State(ids.grid, "selectedRows"),
    State(ids.reviewer, "value"),
    State(URL, "search"),
    State(JOBS_DONE, "data"),
    prevent_initial_call=True,
)
def accept_selected(
    clicks: int | None, rows: list[dict[str, Any]] | None, reviewer: str | None, search: str | None,
    finished: int | None,
) -> tuple[Any, Any]:  # fmt: skip
    """Put the chosen rows in force."""
    if not clicks:
        return no_update, no_update
    page = Page.of(search)
    if not rows:
        return page.t("app_harmonise.vocabulary.choose"), no_update
    return _accept(page, rows, reviewer), (finished or 0) + 1


@callback(
    Output(ids.said, "children", allow_duplicate=True),
    Output(JOBS_DONE, "data", allow_duplicate=True),
    Input(ids.accept_sure, "n_clicks"),
    State(ids.grid, "rowData"),
    State(ids.reviewer, "value"),
    State(URL, "search"),
    State(JOBS_DONE, "data"),
    prevent_initial_call=True,
)
def accept_sure(
    clicks: int | None, rows: list[dict[str, Any]], reviewer: str | None, search: str | None, finished: int | None
) -> tuple[Any, Any]:
    """Put every row that is sure enough in force."""
    if not clicks:
        return no_update, no_update
    sure = [row for row in rows if row["confidence"] >= SURE]
    return _accept(Page.of(search), sure, reviewer), (finished or 0) + 1


def _accept(page: Page, rows: list[dict[str, Any]], reviewer: str | None) -> str:
    wanted = [{name: str(row[name]) for name in ("label", "proposed", "step")} for row in rows]
    name = (reviewer or "").strip() or page.t("app_harmonise.vocabulary.somebody")
    _start(page, partial(accept_rows, procedure=page.selection.procedure or "", rows=wanted, reviewer=name, now=_now()))
    return page.t("app_harmonise.vocabulary.accepting", n=page.n(len(wanted)))


@callback(
    Output(JOBS_DONE, "data", allow_duplicate=True),
    Input(ids.undo, "n_clicks"),
    State(URL, "search"),
    State(JOBS_DONE, "data"),
    prevent_initial_call=True,
)
def undo_last(clicks: int | None, search: str | None, finished: int | None) -> Any:
    """Take the latest decisions back."""
    if not clicks:
        return no_update
    _start(Page.of(search), undo)
    return (finished or 0) + 1


def _start(page: Page, work: Callable[..., Any]) -> None:
    space, key = page.space, _key(page)
    space.jobs.forget(key)

    def run(progress: Progress) -> Any:
        with space.writing(wait=LONG_WAIT) as store:
            return work(store, progress=progress)

    space.jobs.start(key, "app_harmonise.vocabulary.job", run)


def _now() -> datetime:
    return datetime.now()


dash.register_page(__name__, path="/harmonise", name="harmonise", icon="git-merge", order=6, layout=layout)
