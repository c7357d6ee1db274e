"""The frame around every page: head, navigation, the filter line, language and theme."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import dash
import dash_mantine_components as dmc
from dash import ALL, ClientsideFunction, Input, Output, State, callback, clientside_callback, ctx, dcc, html, no_update

from workbench.app import filters, saved_menu
from workbench.app.answers import lasting, passing
from workbench.app.bind import Bound, bind
from workbench.app.components import failure, hinted, icon, no_store, page_head, period_text, stage_text, unexpected
from workbench.app.ids import JOBS_DONE, THEME, URL, Ids
from workbench.app.view import language_of
from workbench.app.workspace import Page, workspace
from workbench.charts.tokens import MANTINE_THEME
from workbench.errors import WorkbenchError
from workbench.i18n import Language, t

_log = logging.getLogger(__name__)
ids = Ids(
    "shell",
    "provider",
    "frame",
    "content",
    "shown",
    "app",
    "burger",
    "language",
    "facts",
    "naming",
    "banner",
    "titles",
    "title-set",
    "tongue",
    "place",
    "wrong",
    "drawer",
    "stack",
)


def root() -> dmc.MantineProvider:
    """What every visit starts from; the frame is filled in the language of the address."""
    return dmc.MantineProvider(
        [
            dcc.Location(id=URL, refresh="callback-nav"),
            dcc.Store(id=THEME, storage_type="local"),
            dcc.Store(id=JOBS_DONE, data=0),
            dcc.Store(id=ids.tongue),
            html.Div(id=ids.frame),
        ],
        id=ids.provider,
        theme=MANTINE_THEME,
        defaultColorScheme="light",
    )


@callback(
    Output(ids.frame, "children"),
    Output(ids.frame, "lang"),
    Input(ids.tongue, "data"),
    State(URL, "search"),
    State(ids.frame, "lang"),
)
def show_frame(_tongue: str | None, search: str | None, shown: str | None) -> tuple[Any, Any]:
    """The frame, again only when the language changes."""
    space = workspace()
    language = language_of(search, space.settings["language"])  # type: ignore[arg-type]
    if shown == language:
        return no_update, no_update
    try:
        page = Page.of(search)
    except WorkbenchError:
        page = Page.of(f"?lang={language}")
    return frame(page), language


for _output in (ids.frame, ids.content, ids.facts):
    lasting(f"..{_output}.children")
lasting(f"{ids.naming}.children")


def frame(page: Page) -> html.Div:
    """Head, navigation and the empty place of the page."""
    shell = dmc.AppShell(
        [
            dmc.AppShellHeader(_header(page)),
            dmc.AppShellNavbar(_navbar(page), id=ids.drawer),
            dmc.AppShellMain(
                [
                    html.Div(id=ids.banner, className="wb-banner", **{"aria-live": "polite"}),
                    html.Div(id=ids.naming, className="wb-banner", **{"aria-live": "polite"}),
                    html.Div(id=ids.stack, className="wb-stack-bar"),
                    html.Div(_arriving(), id=ids.content, className="wb-content"),
                ],
                id="main",
            ),
        ],
        id=ids.app,
        header={"height": {"base": 100, "sm": 104}},
        navbar={"width": 220, "breakpoint": "md", "collapsed": {"mobile": True}},
        padding=0,
    )
    skip = html.A(page.t("app.skip"), href="#main", className="wb-skip")
    stores = [
        *(dcc.Store(id=name) for name in (ids.shown, ids.place, ids.wrong)),
        dcc.Store(id=ids.titles, data=_titles(page)),
        html.Div(id=ids.title_set),
    ]
    offline = html.Div([icon("alert-triangle", 18), page.t("app.offline")], className="wb-offline", role="alert")
    return html.Div([skip, shell, *stores, offline], lang=page.language)


def _arriving() -> list[Any]:
    """Grey shapes where a page will stand."""
    return [dmc.Skeleton(height=height, radius="md", mb="lg", className="wb-skeleton") for height in (54, 92, 420)]


def _header(page: Page) -> html.Div:
    top = html.Div(
        [
            dmc.Burger(id=ids.burger, size="sm", hiddenFrom="md", opened=False, **{"aria-label": page.t("app.menu")}),
            dcc.Link([html.Span(className="wb-mark"), html.Span(page.t("app.name"))], href="/", className="wb-brand"),
            html.Div(id=ids.facts, className="wb-facts"),
            dmc.Group(
                [
                    dmc.SegmentedControl(
                        id=ids.language,
                        data=[{"value": "vi", "label": "VI"}, {"value": "en", "label": "EN"}],
                        value=page.language,
                        size="xs",
                        **{"aria-label": page.t("app.language")},
                    ),
                    saved_menu.menu(page),
                    hinted(
                        dmc.ActionIcon(
                            icon("moon"),
                            id={"type": "theme-toggle", "place": "head"},
                            variant="subtle",
                            color="gray",
                            size="lg",
                            **{"aria-label": page.t("app.theme")},
                        ),
                        page.t("app.theme"),
                    ),
                ],
                gap="xs",
                wrap="nowrap",
            ),
        ],
        className="wb-top",
    )
    return html.Div([top, filters.filter_line(page)], className="wb-header")


def _navbar(page: Page) -> html.Nav:
    links = [
        dmc.NavLink(
            id={"type": "nav", "path": entry["path"]},
            label=page.t(f"app_{entry['name']}.nav"),
            leftSection=icon(entry["icon"]),
            href=entry["path"] + page.view.search(page=False),
            variant="light",
        )
        for entry in entries()
    ]
    foot = html.Div(page.t("app.foot"), className="wb-nav-foot")
    return html.Nav([html.Div(links), foot], className="wb-nav", **{"aria-label": page.t("app.navigation")})


def entries() -> list[dict[str, Any]]:
    """The registered pages in order."""
    pages = sorted(dash.page_registry.values(), key=lambda entry: entry["order"])
    return [{"path": p["path"], "name": p["name"], "icon": p["icon"], "layout": p["layout"]} for p in pages]


def _titles(page: Page) -> dict[str, str]:
    name = page.t("app.name")
    return {entry["path"]: page.t(f"app_{entry['name']}.title") + f" · {name}" for entry in entries()}


@callback(
    Output(ids.content, "children"),
    Output(ids.shown, "data"),
    Input(ids.place, "data"),
    Input(JOBS_DONE, "data"),
    Input(ids.wrong, "data"),
    State(URL, "pathname"),
    State(URL, "search"),
    State(ids.shown, "data"),
)
def fill_page(
    _place: Any, jobs: Any, _wrong: Any, pathname: str | None, search: str | None, shown: Any
) -> tuple[Any, Any]:
    """The page, asked for when its place changes: path or language, or the address while that is or was wrong."""
    return show_page(pathname, search, jobs, shown)


def show_page(pathname: str | None, search: str | None, _jobs: Any, shown: Any) -> tuple[Any, Any]:
    """The page of the address, laid out again only when path, language or state of the store changes."""
    space = workspace()
    language = language_of(search, space.settings["language"])  # type: ignore[arg-type]
    try:
        page = Page.of(search)
        entry = next((e for e in entries() if e["path"] == (pathname or "/")), None)
        now = [pathname, language, page.empty() and entry is not None and entry["name"] not in _WITHOUT_STORE]
        if now == shown:
            return no_update, no_update
        return _content(page, entry, empty=bool(now[2])), now
    except WorkbenchError as error:
        passing()
        return _failed(error, language, pathname), None
    except Exception as error:
        _log.exception("page failed")
        passing()
        return _failed(unexpected(error), language, pathname, again=search or ""), None


def _failed(error: WorkbenchError, language: Language, pathname: str | None, *, again: str | None = None) -> html.Div:
    """A page that cannot be shown: its heading, what is wrong with the address, and a way on."""
    entry = next((e for e in entries() if e["path"] == (pathname or "/")), None)
    title = t(language, f"app_{entry['name']}.title" if entry else "app.error.no_page_title")
    return html.Div(
        [html.H1(title, className="wb-title"), failure(error, language, home=entry is None, again=again)],
        className="wb-stack",
    )


_WITHOUT_STORE = ("data", "settings")
"""Pages that make sense without any dossier."""


def _content(page: Page, entry: dict[str, Any] | None, *, empty: bool) -> Any:
    if entry is None:
        raise WorkbenchError(page.t("app.error.no_page"), fix=page.t("app.error.no_page_fix"))
    if empty:
        return html.Div([page_head(page, entry["name"]), no_store(page)], className="wb-stack")
    return entry["layout"](page)


@callback(
    Output(ids.facts, "children"),
    Output({"type": "pill", "name": ALL}, "children"),
    Output({"type": "pill-button", "name": ALL}, "data-active"),
    Output(ids.banner, "children"),
    Output(ids.wrong, "data"),
    Input(URL, "search"),
    Input(JOBS_DONE, "data"),
)
def show_facts(search: str | None, _jobs: Any) -> tuple[Any, list[Any], list[Any], Any, Any]:
    """What the figures are about: store, dossiers, events; what each pill says; warnings; a wrong address."""
    try:
        page = Page.of(search)
        on = [str(active).lower() for active in filters.active(page)]
        return _facts(page), filters.labels(page), on, _banner(page), no_update
    except WorkbenchError:
        passing()
        plain = Page.of(f"?lang={language_of(search, workspace().settings['language'])}")  # type: ignore[arg-type]
        return "", filters.labels(plain), ["false"] * len(filters.PILLS), "", search


@callback(Output(ids.stack, "children"), Input(URL, "pathname"), Input(URL, "search"), Input(JOBS_DONE, "data"))
def show_stack(pathname: str | None, search: str | None, _jobs: Any) -> Any:
    """Every filter in force, each with its way out, on the pages that follow filters."""
    try:
        page = Page.of(search)
        known = next((e["name"] for e in entries() if e["path"] == (pathname or "/")), _WITHOUT_STORE[0])
        if known in _WITHOUT_STORE or page.empty() or not page.selection.to_dict():
            return None
        return filters.stack(page)
    except WorkbenchError:
        return None


@callback(
    Output(filters.ids.procedure, "data"),
    *(Output(getattr(filters.ids, name), "data") for name in filters.MANY),
    Input(JOBS_DONE, "data"),
    State(URL, "search"),
    prevent_initial_call=True,
)
def refresh_choices(_jobs: Any, search: str | None) -> list[Any]:
    """What can be chosen, after a load or a retraction."""
    try:
        return filters.choices_of(Page.of(search))
    except WorkbenchError:
        return [no_update] * (1 + len(filters.MANY))


def _facts(page: Page) -> list[Any]:
    data = f"/data{page.view.search(page=False)}"
    store = dcc.Link(page.space.path.stem, href=data, title=page.t("app.facts.store"))
    if page.empty():
        return [store]
    basis = page.basis()
    counts = [
        dcc.Link(page.t("app.facts.dossiers", n=page.n(basis.n_dossiers)), href=f"/{page.view.search(page=False)}"),
        dcc.Link(page.t("app.facts.events", n=page.n(basis.n_events)), href=f"/process{page.view.search(page=False)}"),
    ]
    if basis.period:
        counts.append(html.Span(period_text(page, basis.period)))
    return [part for place, item in enumerate([store, *counts]) for part in ((" · ", item) if place else (item,))]


def _banner(page: Page) -> Any:
    if page.empty():
        return [part for part in [saved_menu.notice(page)] if part is not None]
    parts = [part for part in [saved_menu.notice(page)] if part is not None]
    if filters.names.choices(page).synthetic:
        parts.append(html.Span([icon("info-circle", 14), page.t("app.banner.synthetic")]))
    return parts


_STEP_PAGES = ("/process", "/compare", "/bottlenecks", "/conformance", "/recommendations")
"""Pages whose figures depend on step names."""


@callback(
    Output(ids.naming, "children"),
    Input(URL, "pathname"),
    Input(URL, "search"),
    Input(JOBS_DONE, "data"),
)
def show_naming(pathname: str | None, search: str | None, _jobs: Any) -> Any:
    """Which step names the figures of the page use."""
    try:
        page = Page.of(search)
        if pathname not in _STEP_PAGES or page.empty() or page.selection.procedure is None:
            return ""
        if page.view.names == "labels":
            link = dcc.Link(page.t("app.naming.use_proposed"), href=replace(page.view, names="proposed").search())
            return html.Span([icon("info-circle", 14), page.t("app.naming.labels"), link])
        naming = page.naming()
        if not naming.tried:
            return ""
        text = page.t("app.naming.proposed", labels=page.n(naming.labels), steps=page.n(naming.steps))
        review = dcc.Link(page.t("app.naming.review"), href=f"/harmonise{page.view.search(page=False)}")
        labels = dcc.Link(page.t("app.naming.use_labels"), href=replace(page.view, names="labels").search())
        return html.Span([icon("info-circle", 14), text, review, labels])
    except WorkbenchError:
        passing()
        return ""


@callback(
    Output({"type": "job-bar", "job": ALL}, "value"),
    Output({"type": "job-stage", "job": ALL}, "children"),
    Output(JOBS_DONE, "data", allow_duplicate=True),
    Input({"type": "job-poll", "job": ALL}, "n_intervals"),
    State(URL, "search"),
    State(JOBS_DONE, "data"),
    prevent_initial_call=True,
)
def poll_jobs(_ticks: list[Any], search: str | None, finished: int | None) -> tuple[list[Any], list[Any], Any]:
    """How far the jobs on the page are; a finished one makes the panels ask again."""
    space = workspace()
    language: Language = language_of(search, space.settings["language"])  # type: ignore[arg-type]
    jobs = [space.jobs.get(item["id"]["job"]) for item in ctx.inputs_list[0]]
    bars = [max(job.share * 100, 3) if job and job.total else 100 for job in jobs]
    stages = [stage_text(job, language) if job else t(language, "app.job.lost") for job in jobs]
    done = any(job is None or job.finished for job in jobs)
    return bars, stages, (finished or 0) + 1 if done else no_update


@callback(
    Output(JOBS_DONE, "data", allow_duplicate=True),
    Input({"type": "job-cancel", "job": ALL}, "n_clicks"),
    Input({"type": "job-again", "job": ALL}, "n_clicks"),
    State(JOBS_DONE, "data"),
    prevent_initial_call=True,
)
def steer_job(_cancels: list[Any], _agains: list[Any], finished: int | None) -> Any:
    """Cancel a job, or forget a stopped one so that it is started again."""
    if not ctx.triggered_id or not ctx.triggered[0]["value"]:
        return no_update
    jobs = workspace().jobs
    job = jobs.get(ctx.triggered_id["job"])
    if job is None:
        return (finished or 0) + 1
    if ctx.triggered_id["type"] == "job-cancel":
        job.cancel()
        return no_update
    jobs.forget(job.key)
    return (finished or 0) + 1


bind(Bound(ids.language, "lang", default="vi"))

clientside_callback(
    ClientsideFunction("left", "tongue"),
    Output(ids.tongue, "data"),
    Input(URL, "search"),
    State(ids.tongue, "data"),
)
clientside_callback(
    ClientsideFunction("left", "place"),
    Output(ids.place, "data"),
    Input(URL, "pathname"),
    Input(URL, "search"),
    State(ids.shown, "data"),
    State(ids.place, "data"),
)
clientside_callback(
    ClientsideFunction("workbench", "theme"),
    Output(THEME, "data"),
    Output(ids.provider, "forceColorScheme"),
    Input({"type": "theme-toggle", "place": ALL}, "n_clicks"),
    State(THEME, "data"),
)
clientside_callback(
    ClientsideFunction("workbench", "nav"),
    Output({"type": "nav", "path": ALL}, "href"),
    Output({"type": "nav", "path": ALL}, "active"),
    Input(URL, "pathname"),
    Input(URL, "search"),
    State({"type": "nav", "path": ALL}, "id"),
)
clientside_callback(ClientsideFunction("left", "view"), Input(URL, "search"), Input(URL, "pathname"))
clientside_callback(
    ClientsideFunction("workbench", "title"),
    Output(ids.title_set, "children"),
    Input(URL, "pathname"),
    Input(URL, "search"),
    Input(ids.titles, "data"),
)
clientside_callback(
    "function(opened, path, bar) { return {...bar, collapsed: {mobile: !opened}}; }",
    Output(ids.app, "navbar"),
    Input(ids.burger, "opened"),
    State(URL, "pathname"),
    State(ids.app, "navbar"),
)
clientside_callback(
    "function(path) { return false; }",
    Output(ids.burger, "opened"),
    Input(URL, "pathname"),
)
