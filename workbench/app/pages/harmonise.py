"""Hài hòa: common step names, candidates, the unified procedure, and what every organisation has to change."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import dash
import dash_mantine_components as dmc
from dash import ClientsideFunction, Input, Output, State, callback, clientside_callback, ctx, dcc, html, no_update

from workbench.app import names, steps
from workbench.app.asked import searched, unified, unify_options
from workbench.app.card_tools import data_tools
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
    said,
    simple_table,
    slot,
)
from workbench.app.ids import JOBS_DONE, URL, Ids
from workbench.app.panels import panel
from workbench.app.tracking_panel import tracking_panel
from workbench.app.unified import (
    CANDIDATE_FILES,
    SECONDS,
    VERDICTS,
    CandidateFiles,
    NamingEffect,
    Review,
    Unified,
    Variation,
    accept_rows,
    candidate_files,
    candidate_names,
    decided,
    naming_effect,
    review,
    undo,
    unify,
    vary,
)
from workbench.app.workspace import LONG_WAIT, Page
from workbench.charts.candidates import candidate_figure
from workbench.charts.records import records, row_dicts
from workbench.charts.steps import calm_label
from workbench.export.harmonisation import FILES
from workbench.harmonise.migration.migration import MigrationPlan, migration_plan
from workbench.i18n import catalogue, format_number
from workbench.progress import Progress

ids = Ids(
    "harmonise", "start", "drawing", "candidates", "reasons", "migration", "vocabulary", "grid", "moves", "accept", "accept-sure",
    "undo", "reviewer", "said", "reject", "merge", "split", "effect", "picked", "front", "plan", "variation", "tracking",
)  # fmt: skip
SURE = 0.8
KEYS = ("A", "R", "M", "S")
"""Keys of the verdicts while the list has the focus."""


def layout(page: Page) -> html.Div:
    """Begin, drawing, candidates and reasons, migration, vocabulary."""
    return html.Div(
        [
            page_head(page, "harmonise"),
            slot(ids.start, 150),
            slot(ids.drawing, 420),
            html.Div([slot(ids.candidates, 380), slot(ids.reasons, 380)], className="wb-two"),
            slot(ids.picked, 40),
            slot(ids.migration, 320),
            html.Div([slot(ids.plan, 160), slot(ids.variation, 160)], className="wb-two"),
            slot(ids.tracking, 160),
            slot(ids.vocabulary, 420),
        ],
        className="wb-stack",
    )


@panel(ids.start)
def show_start(page: Page) -> Any:
    """Begin, watch, or begin again with more time."""
    if steps.several_procedures(page):
        return steps.choose_procedure(page, "harmonise")
    if searched(page) is None:
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
    notes = [html.Li(said(page, f"harmonise.note.{code}")) for code in found.result.notes]
    body = [html.P(sentence, className="wb-finding"), html.P(stopped, className="wb-caption"),
            html.Ul(notes, className="wb-notes"), dmc.Group(_runs(page), gap="xs", mt="md")]  # fmt: skip
    return card(page.t("app_harmonise.found"), body, basis=basis_line(page, found.result.basis))


def _runs(page: Page) -> list[Any]:
    chosen = searched(page)
    return [
        link_button(
            page.t("app_harmonise.run", seconds=seconds), page.view.with_params(run=str(seconds)).search(),
            "player-play", variant="filled" if not chosen and seconds == SECONDS[1] else "default",
        )
        for seconds in SECONDS
        if seconds != chosen
    ]  # fmt: skip


def _kind(found: Unified, name: str) -> str:
    table = found.result.candidates
    return str(table.loc[table["name"] == name, "kind"].iloc[0])


@panel(ids.drawing)
def show_drawing(page: Page) -> Any:
    """The unified procedure with its lanes, and the files."""
    found = unified(page)
    if found is None:
        return None
    title = page.t("app_harmonise.drawing")
    words = page.t("app_harmonise.drawing_alt", steps=", ".join(found.result.bpmn.steps))
    return card(
        title,
        [
            _picture(found.files["unified.svg"], title, words),
            dmc.Group(_file_links(page, FILES), gap="xs", mt="md"),
        ],
        caption=page.t("app_harmonise.drawing_text"),
        basis=basis_line(page, found.result.basis),
    )


def _picture(content: bytes, title: str, words: str) -> html.Div:
    image = html.Img(src="data:image/svg+xml;base64," + base64.b64encode(content).decode(), alt=words)
    return html.Div(image, className="wb-picture", tabIndex=0, role="region", **{"aria-label": title})


def _file_links(page: Page, files: tuple[str, ...]) -> list[Any]:
    query = page.view.search()
    return [
        html.A([icon("download", 15), name], href=f"/harmonised/{name}{query}", download=name,
               className="wb-button wb-button-default wb-button-small")
        for name in files
    ]  # fmt: skip


@panel(ids.candidates)
def show_candidates(page: Page) -> Any:
    """What was chosen from."""
    found = unified(page)
    if found is None:
        return None
    table = found.result.candidates
    named, title = candidate_names(table, page.language), page.t("app_harmonise.candidates.title")
    numbers = {row.name: str(place) for place, row in enumerate(records(table), 1)}
    rows = [
        [
            html.Span([html.Span(numbers[row.name], className="wb-number"),
                       dcc.Link(named[row.name], href=page.view.with_params(candidate=row.name).search())],
                      className="wb-strong" if row.recommended else ""),
            page.n(row.size), page.n(row.f, 3), page.n(row.fitness, 3), page.n(row.precision, 3), page.n(row.changes),
            page.t("app_harmonise.candidates.yes") if row.sound is True else "–",
        ]
        for row in records(table)
    ]  # fmt: skip
    heads = [page.t(f"app_harmonise.candidates.{name}") for name in
             ("name", "size", "f", "fitness", "precision", "changes", "sound")]  # fmt: skip
    body = [
        graph(candidate_figure(table, named, numbers, page.language), label=title, graph_id=ids.front),
        simple_table(heads, rows, numeric=(1, 2, 3, 4, 5), label=title),
    ]
    return card(title, body, caption=page.t("app_harmonise.candidates.caption"),
                basis=basis_line(page, found.result.basis), tools=data_tools(page, "candidates"))  # fmt: skip


clientside_callback(
    ClientsideFunction("pages", "candidate"),
    Output(ids.front, "clickData"),
    Input(ids.front, "clickData"),
    State(URL, "search"),
    prevent_initial_call=True,
)


@panel(ids.picked)
def show_picked(page: Page) -> Any:
    """The candidate a person picked, drawn, beside the recommended one's figures."""
    found, name = unified(page), page.view.param("candidate")
    if found is None or name not in found.result.models:
        return None
    table = found.result.candidates.set_index("name")
    mine, best = table.loc[name].to_dict(), table.loc[found.result.recommended].to_dict()
    model = found.result.models[name]
    drawn: CandidateFiles = page.ask_steps(candidate_files, page.selection, model=model, language=page.language)
    facts = [("size", 0), ("f", 3), ("fitness", 3), ("precision", 3), ("changes", 0)]
    rows = [
        [page.t(f"app_harmonise.candidates.{key}"), page.n(mine[key], digits), page.n(best[key], digits),
         _signed(page, mine[key] - best[key], digits)]
        for key, digits in facts
        if mine[key] == mine[key] and best[key] == best[key]
    ]  # fmt: skip
    heads = [page.t(f"app_harmonise.picked.{key}") for key in ("figure", "this", "recommended", "difference")]
    title = page.t("app_harmonise.picked.title", name=candidate_names(found.result.candidates, page.language)[name])
    close = dcc.Link(page.t("app_harmonise.picked.close"), href=page.view.with_params(candidate=None).search())
    body = [
        simple_table(heads, rows, numeric=(1, 2, 3), label=title),
        _picture(
            drawn.files["candidate.svg"], title, page.t("app_harmonise.drawing_alt", steps=", ".join(model.steps))
        ),
        dmc.Group([*_file_links(page, CANDIDATE_FILES), close], gap="xs", mt="md"),
    ]
    return card(title, body, caption=page.t("app_harmonise.picked.caption"), basis=basis_line(page, found.result.basis))


def _signed(page: Page, value: float, digits: int) -> str:
    return ("+" if value > 0 else "−" if value < 0 else "±") + page.n(abs(value), digits)


@panel(ids.plan)
def show_plan(page: Page) -> Any:
    """Who goes first: the order of roll-out with the distance before and after."""
    found = unified(page)
    if found is None:
        return None
    title = page.t("app_harmonise.plan.title")
    if page.view.param("plan") != "1":
        return _on_demand(page, title, "plan")
    plan: MigrationPlan = page.long(
        "app_harmonise.plan.job",
        migration_plan,
        page.selection,
        found.result.bpmn,
        by=page.view.by,
        too_few_cases=page.few,
    )
    rows = [
        [page.n(row.wave), names.organisation(page, row.organisation), page.n(row.dossiers), page.n(row.changes),
         page.n(row.distance_before, 3), page.n(row.distance_after, 3), page.n(row.cases_affected),
         page.t(f"harmonise.migration.reason.{row.reason}")]
        for row in records(plan.organisations)
    ]  # fmt: skip
    heads = [page.t(f"app_harmonise.plan.{key}") for key in
             ("wave", "organisation", "dossiers", "changes", "before", "after", "affected", "reason")]  # fmt: skip
    body = [html.Div(simple_table(heads, rows, numeric=(0, 2, 3, 4, 5, 6), label=title), className="wb-tall"),
            html.Ul([html.Li(said(page, f"harmonise.migration.gap.{code}")) for code in plan.gaps], className="wb-notes")]  # fmt: skip
    return card(title, body, caption=page.t("app_harmonise.plan.caption"), basis=basis_line(page, plan.basis),
                tools=data_tools(page, "plan"))  # fmt: skip


@panel(ids.variation)
def show_variation(page: Page) -> Any:
    """Where organisations differ from the unified procedure, and why."""
    found = unified(page)
    if found is None:
        return None
    title = page.t("app_harmonise.variation.title")
    if page.view.param("vary") != "1":
        return _on_demand(page, title, "vary")
    varied: Variation = page.long(
        "app_harmonise.vary.job", vary, page.selection, model=found.result.bpmn, by=page.view.by
    )
    table = varied.table[varied.table["differs"]]
    caption = page.t("app_harmonise.variation.caption", n=page.n(table["point"].nunique()))
    if table.empty:
        return card(title, empty_state(page.t("app_harmonise.variation.none"), "", icon_name="check"), caption=caption)
    texts = catalogue(page.language)
    rows = [
        [page.t(f"harmonise.variation.{row.kind}"), _varied_steps(page, row), names.organisation(page, row.organisation),
         _option(texts, row.option), _option(texts, row.core_option), _why(page, row)]
        for row in records(table.head(200))
    ]  # fmt: skip
    heads = [
        page.t(f"app_harmonise.variation.{key}") for key in ("kind", "steps", "organisation", "here", "core", "why")
    ]
    body = html.Div(simple_table(heads, rows, label=title), className="wb-tall")
    tools = data_tools(page, "variation")
    return card(title, body, caption=caption, basis=basis_line(page, varied.basis), tools=tools)


def _varied_steps(page: Page, row: Any) -> Any:
    return steps.chips([one for one in (row.step, row.other) if isinstance(one, str) and one], steps.colours(page))


def _option(texts: Any, option: Any) -> str:
    """What is done at a point; a procedure that lacks one of two steps says nothing of their order."""
    known = option if isinstance(option, str) else "unsaid"
    return str(texts.get(f"app_harmonise.option.{known}", known))


def _why(page: Page, row: Any) -> str:
    return page.t(f"app_harmonise.why.{row.reason}") if isinstance(row.reason, str) else "–"


def _on_demand(page: Page, title: str, name: str) -> html.Section:
    address = page.view.with_params(**{name: "1"}).search()
    start = link_button(page.t(f"app_harmonise.{name}.start"), address, "player-play", variant="default")
    return card(title, empty_state(page.t(f"app_harmonise.{name}.text"), "", start, icon_name="route"))


@panel(ids.reasons)
def show_reasons(page: Page) -> Any:
    """Why this one."""
    found = unified(page)
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
    found = unified(page)
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
    tools = data_tools(page, "migration")
    return card(title, grid, caption=caption, basis=basis_line(page, found.result.basis), tools=tools)


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
    apart = ".replace('%', '\\u00a0%')" if page.language == "vi" else ""
    return f"params.value.toLocaleString('{page.language}', {{style: 'percent'}}){apart}"


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
                             disabled=not found.changes, leftSection=icon("history", 15), rightSection=html.Kbd("Z", className="wb-kbd"),
                             **{"data-wb-key": "z"})  # fmt: skip
    if found.table.empty:
        body: Any = [empty_state(page.t("app_harmonise.vocabulary.done"), "", icon_name="check"), undo_button]
        return card(title, body, caption=caption)
    body = [_review_tools(page, found, undo_button), _review_grid(page, found)]
    return card(title, body, caption=caption, tools=data_tools(page, "vocabulary"))


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
            *(
                dmc.Button(
                    page.t(f"app_harmonise.vocabulary.{verdict}"), id=getattr(ids, verdict), size="xs", variant="default",
                    rightSection=html.Kbd(key, className="wb-kbd"), **{"data-wb-key": key.lower()},
                )
                for verdict, key in zip(VERDICTS, KEYS, strict=True)
            ),
            undo_button,
            html.Span(id=ids.said, className="wb-basis", **{"aria-live": "polite"}),
            html.Div(page.t("app_harmonise.vocabulary.effect_none"), id=ids.effect, className="wb-effect",
                     **{"aria-live": "polite"}),
        ],
        className="wb-decide wb-review-tools",
    )  # fmt: skip


def _review_grid(page: Page, found: Review) -> Any:
    heads = {name: page.t(f"app_harmonise.vocabulary.{name}") for name in
             ("label", "step", "confidence", "organisations", "dossiers")}  # fmt: skip
    columns = [
        {"field": "label", "headerName": heads["label"], "flex": 3, "minWidth": 180, "tooltipField": "label"},
        {"field": "step", "headerName": heads["step"], "flex": 3, "minWidth": 180, "editable": True,
         "tooltipField": "step"},
        {"field": "confidence", "headerName": heads["confidence"], "width": 150, "type": "rightAligned",
         "valueFormatter": {"function": _as_percent(page)}},
        {"field": "organisations", "headerName": heads["organisations"], "width": 160, "type": "rightAligned"},
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
    *(Input(getattr(ids, verdict), "n_clicks") for verdict in VERDICTS),
    State(ids.grid, "selectedRows"),
    State(ids.reviewer, "value"),
    State(URL, "search"),
    State(JOBS_DONE, "data"),
    prevent_initial_call=True,
)
def decide_selected(*given: Any) -> tuple[Any, Any]:
    """Put the chosen rows in force as the pressed button says."""
    rows, reviewer, search, finished = given[len(VERDICTS) :]
    verdict = next((one for one in VERDICTS if ctx.triggered_id == getattr(ids, one)), None)
    if verdict is None or not any(given[: len(VERDICTS)]):
        return no_update, no_update
    page = Page.of(search)
    if not rows:
        return page.t("app_harmonise.vocabulary.choose"), no_update
    return _accept(page, decided(rows, verdict), reviewer), (finished or 0) + 1


@callback(
    Output(ids.effect, "children"),
    Input(ids.grid, "selectedRows"),
    State(URL, "search"),
    prevent_initial_call=True,
)
def show_effect(rows: list[dict[str, Any]] | None, search: str | None) -> Any:
    """What each verdict on the chosen rows would do to steps and variants."""
    page = Page.of(search)
    if not rows:
        return page.t("app_harmonise.vocabulary.effect_none")
    found = {verdict: _naming_effect(page, rows, verdict) for verdict in VERDICTS}
    first = next(iter(found.values()))
    before = page.t(
        "app_harmonise.vocabulary.effect_before", n=page.n(len(rows)), steps=page.n(first.steps_before),
        variants=page.n(first.variants_before), dossiers=page.n(first.basis.n_dossiers),
    )  # fmt: skip
    after = [
        html.Li(
            page.t(
                "app_harmonise.vocabulary.effect_after", verdict=page.t(f"app_harmonise.vocabulary.{verdict}"),
                steps=page.n(one.steps_after), variants=page.n(one.variants_after),
            )
        )
        for verdict, one in found.items()
    ]  # fmt: skip
    return [html.Span(before), html.Ul(after, className="wb-effects")]


def _naming_effect(page: Page, rows: list[dict[str, Any]], verdict: str) -> NamingEffect:
    wanted = decided(rows, verdict)
    asked = tuple(sorted((str(row["label"]), str(row["proposed"]), str(row["step"])) for row in wanted))
    found: NamingEffect = page.ask(naming_effect, page.selection.procedure, asked)
    return found


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


panel(ids.tracking)(tracking_panel)
dash.register_page(__name__, path="/harmonise", name="harmonise", icon="git-merge", order=6, layout=layout)
