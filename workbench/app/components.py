"""The pieces all pages are built from: cards, key figures, empty, loading and error states."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import dash_ag_grid as dag
import dash_cytoscape as cyto
import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from workbench.app.icons import icon
from workbench.app.jobs import Job
from workbench.app.workspace import Page, error_text, request_language
from workbench.charts.tokens import on_dark
from workbench.errors import WorkbenchError
from workbench.i18n import Language, catalogue, t
from workbench.results import Basis

Children = Any
"""What Dash takes as children: a component, a text, or a list of them."""


def page_head(page: Page, name: str, *tools: Component) -> html.Div:
    """Title and the one sentence that says how to read the page."""
    return html.Div(
        [
            html.Div(
                [
                    html.H1(page.t(f"app_{name}.title"), className="wb-title"),
                    html.P(page.t(f"app_{name}.caption"), className="wb-caption"),
                ]
            ),
            dmc.Group(list(tools), gap="xs", className="wb-tools"),
        ],
        className="wb-page-head",
    )


def slot(panel_id: str, height: int = 240, class_name: str = "") -> html.Div:
    """The place a panel fills; a calm grey shape stands there meanwhile."""
    waiting = dmc.Skeleton(height=height, radius="md", className="wb-skeleton")
    return dcc.Loading(
        html.Div(html.Div(waiting, className="wb-card"), id=panel_id, className=f"wb-panel {class_name}".strip()),
        custom_spinner=html.Div(className="wb-busy"),
        delay_show=250,
        overlay_style={"visibility": "visible", "opacity": 0.55},
        parent_className="wb-slot",
    )


def card(
    title: str,
    body: Children,
    *,
    caption: Children = None,
    basis: Children = None,
    tools: Sequence[Component] = (),
    class_name: str = "",
) -> html.Section:
    """A figure with its title, how to read it, and what it rests on."""
    pictures = [picture_tool()] if _drawn(body) else []
    head = html.Div(
        [
            html.Div([html.H2(title, className="wb-card-title"), html.Div(caption, className="wb-caption")]),
            dmc.Group([*tools, *pictures], gap=4, wrap="nowrap", className="wb-tools"),
        ],
        className="wb-card-head",
    )
    foot: list[Any] = [html.Div(basis, className="wb-basis")] if basis is not None else []
    return html.Section([head, html.Div(body, className="wb-card-body"), *foot], className=f"wb-card {class_name}")


_PICTURES = ("wb-tiles", "wb-variants", "wb-picture")
"""Classes of drawings made of HTML or of a picture file."""


def _drawn(body: Children) -> bool:
    """Whether there is a chart to take a picture of; decoration does not count."""
    if isinstance(body, list | tuple):
        return any(_drawn(part) for part in body)
    if not isinstance(body, Component):
        return False
    if isinstance(body, dcc.Graph):
        return True
    classes = str(getattr(body, "className", "") or "").split()
    if isinstance(body, cyto.Cytoscape) or any(name in classes for name in _PICTURES):
        return True
    return _drawn(getattr(body, "children", None))


def picture_tool() -> html.Details:
    """The charts of a card as PNG or SVG, made in the browser with title and basis; see assets/pictures.js."""
    language = request_language()
    label = t(language, "app.picture.title")
    buttons = [
        html.Button(kind.upper(), type="button", className="wb-menu-link", **{"data-wb-picture": kind})
        for kind in ("png", "svg")
    ]
    return html.Details(
        [
            html.Summary(icon("photo", 17), title=label, **{"aria-label": label}),
            html.Div(buttons, className="wb-menu"),
        ],
        className="wb-picture-tool",
        **{"data-failed": t(language, "app.picture.failed")},
    )


def key_figure(
    label: str, value: str, *, note: Children = None, hint: str = "", basis: str = "", late: bool = False
) -> html.Div:
    """One number with its name; `hint` and `basis` say on hover what it is and what it rests on.

    `late` marks what is late.
    """
    body = html.Div(
        [
            html.Div(label, className="wb-kpi-label"),
            html.Div(value, className="wb-kpi-value" + (" wb-late" if late else "")),
            html.Div(note, className="wb-kpi-note"),
        ],
        className="wb-kpi",
        tabIndex=0 if hint or basis else None,
    )
    said: list[Any] = [html.Div(text) for text in (hint, basis) if text]
    return hinted(body, said) if said else body


def hinted(child: Component, text: Children, *, width: int = 320) -> Component:
    """`child` with a text on hover and on keyboard focus."""
    events = {"hover": True, "focus": True, "touch": True}
    return dmc.Tooltip(
        child,
        label=text,
        multiline=True,
        maw=width,
        events=events,
        withArrow=True,
        openDelay=200,
        boxWrapperProps={"className": "wb-hinted"},
    )


def basis_line(page: Page, basis: Basis, *, clock: bool = False) -> list[Children]:
    """n, period, clock and selection of a figure as one quiet line."""
    out: list[Children] = [basis_text(page, basis, clock=clock)]
    if basis.n_dossiers < page.few:
        out.append(html.Span(page.t("app.basis.few", few=page.few), className="wb-few"))
    return out


def basis_text(page: Page, basis: Basis, *, clock: bool = False) -> str:
    """n, period, clock where it matters, and selection of a figure, in words."""
    parts = [page.t("app.basis.dossiers", n=page.n(basis.n_dossiers))]
    if basis.period:
        parts.append(period_text(page, basis.period))
    if clock:
        parts.append(page.t("app.basis.clock", clock=page.t(f"app.clock.{page.view.clock}")))
    parts.append(selection_text(page))
    return " · ".join(part for part in parts if part)


def period_text(page: Page, period: tuple[str, str]) -> str:
    """First to last day."""
    from datetime import date

    first, last = (page.day(date.fromisoformat(day)) for day in period)
    return f"{first} – {last}"


def probability(page: Page, value: float) -> str:
    """A p or q value; one too small for three digits as `< 0,001`."""
    if value != value:  # noqa: PLR0124 - NaN
        return "–"
    return page.n(value, 3) if value >= 0.001 else "< " + page.n(0.001, 3)


def selection_text(page: Page) -> str:
    """The selection in words, without procedure names of a line's length."""
    chosen = page.selection.to_dict()
    chosen.pop("start", None)
    chosen.pop("end", None)
    if not chosen:
        return page.t("app.basis.all")
    words = [", ".join(v) if isinstance(v, list) else str(v) for v in chosen.values()]
    return " · ".join(word if len(word) < 60 else word[:57] + "…" for word in words)


def empty_state(title: str, text: str, *actions: Component, icon_name: str = "inbox") -> html.Div:
    """What would be here, and the one button that fills it."""
    return html.Div(
        [
            html.Div(icon(icon_name, 28), className="wb-empty-icon"),
            html.Div(title, className="wb-empty-title"),
            html.P(text, className="wb-caption"),
            dmc.Group(list(actions), gap="sm", justify="center"),
        ],
        className="wb-empty",
    )


def no_store(page: Page) -> html.Div:
    """An empty store leads to an own file or the synthetic country."""
    return html.Section(
        empty_state(
            page.t("app.empty.title"),
            page.t("app.empty.text"),
            link_button(page.t("app.empty.load"), f"/data{page.view.search(page=False)}", "upload"),
            link_button(
                page.t("app.empty.synthetic"),
                f"/data{page.view.with_params(make='synthetic').search()}",
                "map-2",
                variant="default",
            ),
        ),
        className="wb-card",
    )


def link_button(text: str, href: str, icon_name: str | None = None, *, variant: str = "filled") -> dcc.Link:
    """A link that looks like a button and does not reload the page."""
    parts: list[Any] = [icon(icon_name, 16)] if icon_name else []
    return dcc.Link([*parts, html.Span(text)], href=href, className=f"wb-button wb-button-{variant}")


def few_cases(page: Page, n: int) -> html.Div:
    """Said instead of noise."""
    title = page.t("app.few.title")
    return empty_state(title, page.t("app.few.text", n=page.n(n), few=page.few), icon_name="info-circle")


def nothing(page: Page) -> html.Div:
    """A selection without a dossier."""
    clear = link_button(
        page.t("app.nothing.clear"),
        page.view.select(
            **{
                name: type(value)() if isinstance(value, tuple) else None
                for name, value in ((n, getattr(page.selection, n)) for n in page.selection.to_dict())
            }
        ).search()
        or "?",
        "x",
        variant="default",
    )
    return html.Section(
        empty_state(page.t("app.nothing.title"), page.t("app.nothing.text"), clear, icon_name="filter"),
        className="wb-card wb-nothing",
    )


def unexpected(error: Exception) -> WorkbenchError:
    """What nobody foresaw, as an error that can be shown."""
    reason = f"{type(error).__name__}: {error}".rstrip(".")
    return WorkbenchError(f"The work stopped unexpectedly: {reason}.", fix="The log of the server has the details.")


def file_name(text: str) -> str:
    """A text with the names a person gave to files, without the folder they were uploaded to."""
    return re.sub(r"\S*workbench-upload-\S*?/files/", "", text)


def failure(error: WorkbenchError, language: Language, *, home: bool = False, again: str | None = None) -> html.Section:
    """What is wrong, and a way on: the page without filters, the first page where there is none (`home`), or the same
    view asked for once more (`again`, the query part of its address)."""
    kind, detail = error_text(error, language)
    name, href, sign = ("back", f"?lang={language}", "refresh")
    if home:
        name, href, sign = ("home", f"/?lang={language}", "layout-dashboard")
    button = link_button(t(language, f"app.error.{name}"), href, sign, variant="default")
    if again is not None:
        words = [icon("refresh", 16), html.Span(t(language, "app.error.again"))]
        button = dcc.Link(words, href=again or "?", refresh=True, className="wb-button wb-button-default")
    return html.Section(
        html.Div(
            [
                html.Div(icon("alert-triangle", 28), className="wb-empty-icon wb-late"),
                html.Div(kind, className="wb-empty-title"),
                html.P(file_name(detail), className="wb-caption"),
                button,
            ],
            className="wb-empty",
            role="alert",
        ),
        className="wb-card",
    )


def progress_card(job: Job, language: Language) -> html.Section:
    """Long work under way, stopped or failed; polls while under way."""
    what = t(language, job.title)
    if job.state == "failed" and job.error is not None:
        return _stopped(job, language, *error_text(job.error, language))
    if job.state == "cancelled":
        return _stopped(job, language, t(language, "app.job.cancelled"), what)
    return html.Section(
        [
            html.Div(
                [
                    html.Div(t(language, "app.job.running"), className="wb-empty-title"),
                    html.P(what, className="wb-caption"),
                    dmc.Progress(
                        value=100,
                        id={"type": "job-bar", "job": job.id},
                        size="md",
                        w=320,
                        maw="100%",
                        animated=True,
                        **{"aria-label": what},
                    ),
                    html.Div(stage_text(job, language), id={"type": "job-stage", "job": job.id}, className="wb-basis"),
                    dmc.Button(
                        t(language, "app.job.cancel"),
                        id={"type": "job-cancel", "job": job.id},
                        variant="default",
                        size="xs",
                    ),
                ],
                className="wb-empty",
            ),
            dcc.Interval(id={"type": "job-poll", "job": job.id}, interval=700),
        ],
        className="wb-card",
        **{"aria-live": "polite"},
    )


def stage_text(job: Job, language: Language) -> str:
    """Where a job is, in words."""
    texts = catalogue(language)
    stage = texts.get(f"progress.{job.stage}", texts.get(f"app.stage.{job.stage}", job.stage))
    if job.total:
        return t(language, "app.job.stage", stage=stage, percent=f"{job.share * 100:.0f} %")
    return stage


def _stopped(job: Job, language: Language, title: str, text: str) -> html.Section:
    again = dmc.Button(
        t(language, "app.job.again"),
        id={"type": "job-again", "job": job.id},
        variant="default",
        size="sm",
        leftSection=icon("refresh", 16),
    )
    state = empty_state(title, text, again, icon_name="alert-triangle" if job.state == "failed" else "info-circle")
    return html.Section(state, className="wb-card", role="alert")


def simple_table(
    heads: Sequence[str], rows: Sequence[Sequence[Any]], *, numeric: Sequence[int] = (), label: str = ""
) -> html.Div:
    """A short table; `numeric` columns are right-aligned with tabular figures."""

    def cell(tag: Any, value: Any, place: int) -> Any:
        return tag(value, className="wb-num" if place in numeric else None)

    body = [html.Tr([cell(html.Td, value, place) for place, value in enumerate(row)]) for row in rows]
    head = html.Thead(html.Tr([cell(html.Th, text, place) for place, text in enumerate(heads)]))
    table = html.Table([head, html.Tbody(body)], className="wb-table", **({"aria-label": label} if label else {}))
    return html.Div(table, className="wb-table-scroll", tabIndex=0, role="region", **{"aria-label": label or "table"})


def said(page: Page, key: str, **facts: Any) -> str:
    """A text shared with the commands; where that names an option of a command, what to do in the app instead."""
    instead = f"app.instead.{key}"
    return page.t(instead if instead in catalogue(page.language) else key, **facts)


def segments(
    label: str, control_id: Any, options: Sequence[tuple[str, str]], value: str, *, named: bool = True
) -> Component:
    """A choice of one of a few (value, words) with its name; `named` shows the name beside it, else it is only read."""
    data = [{"value": one, "label": words} for one, words in options]
    control = dmc.SegmentedControl(id=control_id, data=data, value=value, size="xs", **{"aria-label": label})
    if not named:
        return control
    return html.Div([html.Span(label, className="wb-control-label"), control], className="wb-control")


def swatch(colour: str) -> dict[str, str]:
    """The style of a legend's colour, on light and on dark pages."""
    return {"--swatch": colour, "--swatch-dark": on_dark(colour)}


def graph(figure: Any, *, height: int | None = None, dots: bool = False, label: str = "", graph_id: Any = None) -> Any:
    """A figure without the library's tool bar; in one of `dots` lines end round, so that a stroke of no length is a dot."""
    from workbench.charts.figures import CONFIG

    named = {"id": graph_id} if graph_id is not None else {}
    style = {"height": height or figure.layout.height or 280}
    plot = dcc.Graph(figure=figure, config=CONFIG, style=style, **named)
    return html.Div(
        plot, className="wb-graph wb-dots" if dots else "wb-graph", role="img", **{"aria-label": label or "chart"}
    )


_GRID_THEME = (
    "themeQuartz.withParams({fontFamily: 'inherit', fontSize: 13, headerFontWeight: 500, "
    "backgroundColor: 'var(--wb-surface)', foregroundColor: 'var(--wb-text)', borderColor: 'var(--wb-line)', "
    "headerBackgroundColor: 'var(--wb-surface)', headerTextColor: 'var(--wb-muted)', "
    "accentColor: 'var(--wb-accent)', wrapperBorderRadius: 8})"
)
_GRID_WORDS = ("page", "to", "of", "noRowsToShow", "firstPage", "previousPage", "nextPage", "lastPage", "contains",
               "notContains", "equals", "notEqual", "startsWith", "endsWith", "blank", "notBlank", "filterOoo",
               "andCondition", "orCondition", "greaterThan", "lessThan", "inRange", "greaterThanOrEqual",
               "lessThanOrEqual")  # fmt: skip


def data_grid(
    page: Page, grid_id: Any, rows: list[dict[str, Any]], columns: list[dict[str, Any]], **options: Any
) -> dag.AgGrid:
    """A long table to sort, filter and page through."""
    return dag.AgGrid(
        id=grid_id,
        rowData=rows,
        columnDefs=columns,
        defaultColDef={
            "sortable": True,
            "filter": True,
            "resizable": True,
            "minWidth": 90,
            "wrapHeaderText": True,
            "autoHeaderHeight": True,
        },
        dashGridOptions={
            "pagination": True,
            "paginationPageSize": 50,
            "paginationPageSizeSelector": False,
            "animateRows": False,
            "theme": {"function": _GRID_THEME},
            "localeText": {word: page.t(f"app.grid.{word}") for word in _GRID_WORDS},
            **options,
        },
        style={"height": 460},
    )


def _tallest(elements: list[dict[str, Any]]) -> str:
    """No taller than the drawing as wide as its frame, or as small as its words can be read (0.7): no empty room."""
    places = [one["position"] for one in elements if "position" in one]
    wide, high = (
        max((place[axis] for place in places), default=0.0) - min((place[axis] for place in places), default=0.0) + room
        for axis, room in (("x", 224.0), ("y", 104.0))
    )
    return f"max(380px, {high * 0.7:.0f}px, {high / wide * 100:.1f}cqw)"


def drawing(
    page: Page, elements: list[dict[str, Any]], styles: list[dict[str, Any]], drawing_id: Any, *, height: float
) -> html.Div:
    """A graph at given places, as tall as its boxes need to be read, with zoom in a corner."""
    canvas = cyto.Cytoscape(
        id=drawing_id,
        elements=elements,
        stylesheet=styles,
        layout={"name": "preset", "fit": True, "padding": 24},
        style={"width": "100%", "height": max(380, min(height * 0.84 + 90, 1400)), "maxHeight": _tallest(elements)},
        minZoom=0.1,
        maxZoom=2.5,
        userZoomingEnabled=False,
        autoungrabify=True,
        boxSelectionEnabled=False,
        responsive=True,
    )
    buttons = [
        html.Button(
            sign,
            type="button",
            title=page.t(f"app.zoom.{name}"),
            **{"data-wb-zoom": name, "aria-label": page.t(f"app.zoom.{name}")},
        )
        for name, sign in (("in", "+"), ("out", "−"), ("fit", "⤢"))
    ]
    return html.Div(
        [canvas, html.Div(buttons, className="wb-zoom")],
        className="wb-canvas-frame",
        tabIndex=0,
        role="group",
        **{"data-wb-hint": page.t("app.zoom.drag"), "aria-label": page.t("app.zoom.keys")},
    )
