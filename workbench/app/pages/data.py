"""Dữ liệu: files in, what can be trusted, what was loaded, what was refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import dash
import dash_mantine_components as dmc
from dash import ALL, Input, Output, State, callback, ctx, dcc, html, no_update

from workbench.app import reading
from workbench.app.card_tools import data_tools
from workbench.app.components import (
    card,
    data_grid,
    empty_state,
    file_name,
    icon,
    link_button,
    page_head,
    progress_card,
    segments,
    simple_table,
    slot,
)
from workbench.app.ids import JOBS_DONE, URL, Ids
from workbench.app.intake import (
    Ledger,
    Quarantine,
    Tried,
    as_role,
    edited,
    inspect,
    ledger,
    load_batch,
    load_synthetic,
    quarantine,
    take_back,
    try_batch,
)
from workbench.app.jobs import Job
from workbench.app.panels import panel
from workbench.app.quality_view import quality_parts
from workbench.app.uploads import drop_zone
from workbench.app.workspace import LONG_WAIT, Page, workspace
from workbench.charts.records import records, row_dicts
from workbench.errors import WorkbenchError
from workbench.i18n import catalogue
from workbench.intake import LoadReport
from workbench.intake.preview import Preview, TablePreview
from workbench.intake.quality import QualityReport, quality
from workbench.progress import Progress
from workbench.sources.mapping import TARGETS

ids = Ids(
    "data",
    "wizard",
    "ledger",
    "quality",
    "quarantine",
    "batch",
    "load",
    "trial",
    "synthetic",
    "dossiers",
    "grid",
)
SYNTHETIC_SIZES = ("5000", "20000", "60000", "200000")


def layout(page: Page) -> html.Div:
    """Bringing in, quality, ledger, quarantine."""
    return html.Div(
        [
            page_head(page, "data"),
            dcc.Store(id=ids.batch),
            slot(ids.wizard, 260),
            slot(ids.quality, 260),
            slot(ids.ledger, 160, "wb-ledger"),
            slot(ids.quarantine, 160),
        ],
        className="wb-stack",
    )


# bringing in -------------------------------------------------------------------------------------------------
@panel(ids.wizard, needs_dossiers=False)
def show_wizard(page: Page) -> Any:
    """The next thing to do: choose files, check the mapping, watch the load, read what it did."""
    batch = page.view.param("batch")
    job = page.space.jobs.latest(_key(page))
    if job is None and page.view.param("make") == "synthetic" and page.empty():
        job = _make_synthetic(page, int(SYNTHETIC_SIZES[0]))  # the one click of an empty store
    if job is not None and job.state in ("waiting", "running"):
        return progress_card(job, page.language)
    if job is not None and job.state == "done":
        return _loaded(page, job.result)
    if not batch:
        return [_stopped(page, job), _start(page)]
    trial = page.space.jobs.latest(("try", *_key(page)))
    if trial is not None and trial.state in ("waiting", "running"):
        return progress_card(trial, page.language)
    try:
        return [_stopped(page, job), _stopped(page, trial), _mapping(page, batch), _tried(page, trial)]
    except WorkbenchError as error:
        return [reading.unreadable(page, error), html.Div(_start(page), className="wb-after")]


def _key(page: Page) -> tuple[str, ...]:
    return ("load", page.view.param("batch") or page.view.param("make"), *map(str, reading.given(page.view).items()))


def _stopped(page: Page, job: Job | None) -> Any:
    if job is None or job.error is None:
        return None
    return reading.trouble(page, job.error)


def _tried(page: Page, job: Job | None) -> Any:
    """What a load would bring, with its quality report; nothing is in the store yet."""
    if job is None or job.state != "done":
        return None
    found: Tried = job.result
    body = [_counts(page, found.report), reading.notes(page, found.report), quality_parts(page, found.quality)]
    caption = page.t("app_data.tried.text")
    return html.Div(card(page.t("app_data.tried.title"), body, caption=caption), className="wb-after")


def _start(page: Page) -> html.Div:
    drop = drop_zone(
        ids.batch,
        title=page.t("app_data.drop"),
        text=page.t("app_data.drop_text"),
        button=page.t("app_data.choose"),
        failed=page.t("app_data.failed"),
    )
    return html.Div([html.Div(drop, className="wb-card"), _synthetic(page)], className="wb-wide")


def _synthetic(page: Page) -> html.Section:
    sizes = [{"value": size, "label": page.t("app.facts.dossiers", n=page.n(int(size)))} for size in SYNTHETIC_SIZES]
    body = dmc.Stack(
        [
            dmc.Select(
                id=ids.dossiers, data=sizes, value="20000", label=page.t("app_data.synthetic.size"), allowDeselect=False
            ),
            dmc.Button(
                page.t("app_data.synthetic.make"), id=ids.synthetic, variant="default", leftSection=icon("map-2", 16)
            ),
        ],
        gap="sm",
    )
    return card(page.t("app_data.synthetic.title"), body, caption=page.t("app_data.synthetic.text"))


def _tables(page: Page, batch: str) -> list[TablePreview]:
    files = page.space.batches.files(batch)
    given = reading.given(page.view)
    key = ("inspect", batch, *given.items())
    found: Preview = page.space.cache.get(key, lambda: inspect(files, given))
    return [as_role(table, page.view.params.get(f"role{place}")) for place, table in enumerate(found.tables)]


def _mapping(page: Page, batch: str) -> html.Div:
    tables = _tables(page, batch)
    parts: list[Any] = [_table_mapping(page, place, table) for place, table in enumerate(tables)]
    have = {target for table in tables for target in table.mapping.columns()}
    return html.Div([*parts, _constants(page, have)], className="wb-stack")


def _table_mapping(page: Page, place: int, table: TablePreview) -> html.Section:
    rows = [_column_row(page, place, table, column) for column in table.columns if column in table.sample]
    heads = [page.t(f"app_data.mapping.{name}") for name in ("column", "values", "meaning", "reason")]
    title = page.t("app_data.mapping.title", name=file_name(table.name))
    missing = table.mapping.missing()
    state = (
        dmc.Alert(
            page.t("app_data.mapping.missing", names=", ".join(_target_name(page, name) for name in missing)),
            color="yellow",
            variant="light",
            icon=icon("alert-triangle"),
            mb="md",
        )
        if missing
        else None
    )
    words = [(name, page.t(f"app_data.role.{name}")) for name in TARGETS]
    role = segments(
        page.t("app_data.role.label"), {"type": "data-role", "table": place}, words, table.mapping.role, named=False
    )
    caption = page.t(f"app_data.mapping.{table.mapping.role}")
    return card(title, [state, simple_table(heads, rows, label=title)], caption=caption, tools=[role])


@callback(
    Output(URL, "search", allow_duplicate=True),
    Input({"type": "data-role", "table": ALL}, "value"),
    State({"type": "data-role", "table": ALL}, "id"),
    State(URL, "search"),
    prevent_initial_call=True,
)
def choose_role(roles: list[str], names: list[dict[str, Any]], search: str | None) -> Any:
    """Take a table as one of events, dossiers or pauses."""
    view = Page.of(search).view
    kept = {f"role{name['table']}": role for name, role in zip(names, roles, strict=True)}
    found = Page.of(search)
    now = {f"role{place}": table.mapping.role for place, table in enumerate(_tables(found, view.param("batch")))}
    return view.with_params(**kept).search() if kept != now else no_update


def _column_row(page: Page, place: int, table: TablePreview, column: str) -> list[Any]:
    choice = next((one for one in table.mapping.choices if one.column == column), None)
    value = choice.target if choice else "extra" if column in table.mapping.extra else ""
    given = page.space.batches.kept(page.view.param("batch")).get(f"{place}/{column}", value)
    value = given if given in ("", "extra", *TARGETS[table.mapping.role]) else value
    values = [str(item) for item in table.sample[column].dropna().unique()[:3]]
    select = dmc.Select(
        id={"type": "data-map", "table": place, "column": column},
        data=_target_options(page, table.mapping.role),
        value=value,
        searchable=True,
        allowDeselect=False,
        size="xs",
        w=250,
        maxDropdownHeight=320,
        **{"aria-label": f"{page.t('app_data.mapping.meaning')}: {column}"},
    )
    return [
        html.B(column),
        html.Span(" · ".join(values)[:90] or "–", className="wb-sample"),
        select,
        html.Span(_reason(page, choice, dict(table.mapping.unused).get(column)), className="wb-caption"),
    ]


def _reason(page: Page, choice: Any, unused: str | None) -> str:
    texts = catalogue(page.language)
    if choice is not None:
        reason = texts.get(f"sources.reason.{choice.reason}", choice.reason)
        return page.t("app_data.mapping.sure", reason=reason, share=page.percent(choice.confidence, 0))
    return texts.get(f"sources.unused.{unused}", "") if unused else ""


def _target_options(page: Page, role: str) -> list[dict[str, str]]:
    named = [{"value": name, "label": _target_name(page, name)} for name in TARGETS[role] if name != "extra"]
    first = [
        {"value": "", "label": page.t("app_data.mapping.leave")},
        {"value": "extra", "label": page.t("app_data.mapping.extra")},
    ]
    return first + named


def _target_name(page: Page, name: str) -> str:
    return catalogue(page.language).get(f"app_data.column.{name}", name)


def _constants(page: Page, have: set[str]) -> html.Section:
    inputs = []
    for name in ("province_code", "procedure_code"):
        given = name in have
        inputs.append(
            dmc.TextInput(
                id={"type": "data-constant", "name": name},
                label=page.t(f"app_data.constant.{name}"),
                description=page.t(f"app_data.constant.{'given' if given else 'missing'}"),
                disabled=given,
                value=page.space.batches.kept(page.view.param("batch")).get(name, ""),
                w=300,
                maw="100%",
            )
        )
    load = dmc.Button(page.t("app_data.load"), id=ids.load, leftSection=icon("database", 16))
    check = dmc.Button(page.t("app_data.try"), id=ids.trial, variant="default", leftSection=icon("checklist", 16))
    back = link_button(page.t("app_data.other_files"), f"/data{page.view.search(page=False)}", variant="default")
    body = [
        dmc.Group(inputs, align="flex-start", mb="lg"),
        html.H3(page.t("app_data.read.title"), className="wb-sub"),
        reading.choices(page),
        dmc.Group([load, check, back]),
    ]
    return card(page.t("app_data.constant.title"), body, caption=page.t("app_data.constant.text"))


def _counts(page: Page, report: LoadReport) -> html.Dl:
    names = ("rows_in", "rows_loaded", "rows_quarantined", "rows_duplicate", "dossiers", "events")
    facts = [part for name in names for part in
             (html.Dt(page.t(f"app_data.report.{name}")), html.Dd(page.n(getattr(report, name))))]  # fmt: skip
    return html.Dl(facts, className="wb-dl wb-dl-narrow")


def _loaded(page: Page, report: LoadReport) -> html.Section:
    if report.load_id is None:
        title = page.t("app_data.already", loads=", ".join(str(item) for item in report.already))
        return html.Section(empty_state(title, page.t("app_data.already_text"), icon_name="check"), className="wb-card")
    query = page.view.search(page=False)
    links = dmc.Group(
        [
            link_button(page.t("app_data.to_overview"), f"/{query}", "layout-dashboard"),
            link_button(page.t("app_data.to_process"), f"/process{query}", "route", variant="default"),
            link_button(page.t("app_data.more_files"), f"/data{query}", "upload", variant="default"),
        ]
    )
    title = page.t("app_data.report.title", load_id=report.load_id)
    return card(title, [_counts(page, report), reading.notes(page, report), links],
                caption=page.t("app_data.report.caption"))  # fmt: skip


@callback(
    Output(URL, "search", allow_duplicate=True),
    Input(ids.batch, "data"),
    State(URL, "search"),
    prevent_initial_call=True,
)
def open_batch(batch: str | None, search: str | None) -> Any:
    """Files have arrived: look into them."""
    again: dict[str, str | None] = dict.fromkeys(reading.PARAMS)
    return Page.of(search).view.with_params(**again, batch=batch, make=None).search() if batch else no_update


@callback(
    Output(JOBS_DONE, "data", allow_duplicate=True),
    Input(ids.load, "n_clicks"),
    Input(ids.trial, "n_clicks"),
    State({"type": "data-map", "table": ALL, "column": ALL}, "value"),
    State({"type": "data-constant", "name": ALL}, "value"),
    State(URL, "search"),
    State(JOBS_DONE, "data"),
    prevent_initial_call=True,
)
def start_load(loads: int | None, tries: int | None, values: list[str], constants: list[str | None], *rest: Any) -> Any:
    """Load the batch with the mapping on the page, or only try it; the choices are kept whatever comes of it."""
    search, finished = rest
    if not (loads or tries):
        return no_update
    page = Page.of(search)
    batch = page.view.param("batch")
    chosen = {(item["id"]["table"], item["id"]["column"]): value
              for item, value in zip(ctx.states_list[0], values, strict=True)}  # fmt: skip
    given = dict(zip(("province_code", "procedure_code"), ((one or "").strip() for one in constants), strict=True))
    page.space.batches.keep(batch, {f"{place}/{column}": value for (place, column), value in chosen.items()} | given)
    asked: dict[str, Any] = {
        "paths": page.space.batches.files(batch),
        "mappings": [
            edited(table, {column: value for (at, column), value in chosen.items() if at == place})
            for place, table in enumerate(_tables(page, batch))
        ],
        "constants": {name: value for name, value in given.items() if value} | reading.given(page.view),
        "now": _now(),
    }
    if ctx.triggered_id == ids.trial:
        key = ("try", *_key(page))
        page.space.jobs.forget(key)
        page.space.jobs.start(
            key, "app_data.job.try", lambda progress: try_batch(page.space.settings, **asked, progress=progress)
        )
    else:
        _start_job(page, _key(page), "app_data.job.load", partial(load_batch, **asked))
    return (finished or 0) + 1


@callback(
    Output(URL, "search", allow_duplicate=True),
    Output(JOBS_DONE, "data", allow_duplicate=True),
    Input(ids.synthetic, "n_clicks"),
    State(ids.dossiers, "value"),
    State(URL, "search"),
    State(JOBS_DONE, "data"),
    prevent_initial_call=True,
)
def start_synthetic(clicks: int | None, dossiers: str, search: str | None, finished: int | None) -> Any:
    """Make and load the synthetic country."""
    if not clicks:
        return no_update, no_update
    page = Page.of(search)
    view = page.view.with_params(make="synthetic", batch=None)
    _make_synthetic(page, int(dossiers))
    return view.search(), (finished or 0) + 1


def _make_synthetic(page: Page, dossiers: int) -> Job:
    folder = page.space.batches.folder(page.space.batches.new()) / "log"
    work = partial(load_synthetic, folder=folder, dossiers=dossiers, seed=1, now=_now())
    return _start_job(page, ("load", "synthetic"), "app_data.job.synthetic", work)


def _start_job(page: Page, key: tuple[str, ...], title: str, work: Callable[..., Any]) -> Job:
    space = page.space
    space.jobs.forget(key)

    def run(progress: Progress) -> Any:
        with space.writing(wait=LONG_WAIT) as store:
            return work(store, progress=progress)

    return space.jobs.start(key, title, run)


def _now() -> datetime:
    return datetime.now()


# what is there -----------------------------------------------------------------------------------------------
@panel(ids.quality, needs_dossiers=False)
def show_quality(page: Page) -> Any:
    """What can be trusted."""
    if page.empty():
        return None
    report: QualityReport = page.ask_events(quality)
    return card(
        page.t("app_data.quality.title"), quality_parts(page, report),
        caption=page.t("app_data.quality.caption"),
    )  # fmt: skip


@panel(ids.ledger, needs_dossiers=False)
def show_ledger(page: Page) -> Any:
    """What was loaded, and taking it back."""
    found: Ledger = page.ask(ledger)
    title = page.t("app_data.ledger.title")
    if found.loads.empty:
        return None
    job = page.space.jobs.latest(("retract", ""))
    running = progress_card(job, page.language) if job is not None and not job.finished else None
    rows = [_ledger_row(page, row) for row in records(found.loads)]
    heads = [page.t(f"app_data.ledger.{name}") for name in
             ("load", "when", "files", "dossiers", "events", "quarantined", "state", "action")]  # fmt: skip
    body = [running, simple_table(heads, rows, numeric=(3, 4, 5), label=title)]
    return card(title, body, caption=page.t("app_data.ledger.caption"))


def _ledger_row(page: Page, row: Any) -> list[Any]:
    standing = row.status == "loaded"
    action = (
        dmc.Popover(
            [
                dmc.PopoverTarget(dmc.Button(page.t("app_data.ledger.retract"), variant="default", size="compact-xs")),
                dmc.PopoverDropdown(
                    [
                        html.P(page.t("app_data.ledger.sure", load_id=row.load_id), className="wb-caption"),
                        dmc.Button(page.t("app_data.ledger.yes"), id={"type": "data-retract", "load": int(row.load_id)},
                                   size="xs", color="red", variant="light"),
                    ]
                ),
            ],
            position="bottom-end", withinPortal=True,
        withRoles=False, width=280, trapFocus=True,
        )
        if standing
        else ""
    )  # fmt: skip
    return [
        str(row.load_id), page.moment(row.loaded_at), row.files, page.n(row.dossiers), page.n(row.events),
        page.n(row.rows_quarantined), page.t(f"app_data.ledger.{row.status}"), action,
    ]  # fmt: skip


@callback(
    Output(JOBS_DONE, "data", allow_duplicate=True),
    Input({"type": "data-retract", "load": ALL}, "n_clicks"),
    State(URL, "search"),
    State(JOBS_DONE, "data"),
    prevent_initial_call=True,
)
def start_retract(clicks: list[int | None], search: str | None, finished: int | None) -> Any:
    """Take a load back."""
    if not any(clicks) or not ctx.triggered_id:
        return no_update
    page = Page.of(search)
    _start_job(page, ("retract", ""), "app_data.job.retract", partial(take_back, load_id=ctx.triggered_id["load"]))
    return (finished or 0) + 1


@panel(ids.quarantine, needs_dossiers=False)
def show_quarantine(page: Page) -> Any:
    """Refused rows with their reasons."""
    if not workspace().store().scalar("select exists (select 1 from load)"):
        return None
    found: Quarantine = page.ask(quarantine)
    title = page.t("app_data.quarantine.title")
    if not found.n:
        return card(title, empty_state(page.t("app_data.quarantine.none"), "", icon_name="check"))
    texts = catalogue(page.language)
    reasons = [
        html.Div([html.B(page.n(row.n)), html.Span(texts.get(f"quarantine.{row.reason}", row.reason))],
                 className="wb-count")
        for row in records(found.reasons)
    ]  # fmt: skip
    rows = found.rows.assign(reason=[texts.get(f"quarantine.{r}", r) for r in found.rows["reason"]])
    columns = ("load_id", "source", "line", "column_name", "value", "reason")
    kept = rows[list(columns)]
    heads = [
        {"field": name, "headerName": page.t(f"app_data.quarantine.{name}"), "flex": 1, "tooltipField": name}
        for name in columns
    ]
    grid = data_grid(page, ids.grid, row_dicts(kept), heads)
    return card(
        title,
        [html.Div(reasons, className="wb-counts"), grid],
        caption=page.t("app_data.quarantine.caption"),
        tools=data_tools(page, "quarantine"),
    )


dash.register_page(__name__, path="/data", name="data", icon="database", order=9, layout=layout)
