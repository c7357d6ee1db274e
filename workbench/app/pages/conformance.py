"""Tuân thủ: the dossiers against a model or a published internal process."""

from __future__ import annotations

from typing import Any

import dash
import dash_mantine_components as dmc
from dash import ClientsideFunction, Input, Output, State, callback, clientside_callback, dcc, html, no_update

from workbench.app import names, steps
from workbench.app.accepted import Accepted, accept_deviation, now, read_accepted, withdraw
from workbench.app.answers import lasting, passing
from workbench.app.asked import check_options, model_of
from workbench.app.bind import Bound, bind
from workbench.app.card_tools import data_tools
from workbench.app.components import (
    basis_line,
    basis_text,
    card,
    drawing,
    empty_state,
    key_figure,
    page_head,
    simple_table,
    slot,
)
from workbench.app.icons import icon
from workbench.app.ids import JOBS_DONE, THEME, URL, Ids
from workbench.app.models import DISCOVERED, Checked, Deviating, check, deviating, published
from workbench.app.panels import panel
from workbench.app.workspace import Page, error_text
from workbench.charts.procedure import Emphasis, model_elements, model_layout, model_stylesheet
from workbench.charts.records import records
from workbench.charts.steps import calm_label
from workbench.charts.tokens import DURATION, ramp, scale_on, theme
from workbench.errors import WorkbenchError
from workbench.mining.acceptance import Discounted, discount_accepted
from workbench.reference import InternalProcess, check_limits, onestop_workflows, reference_processes

ids = Ids("conformance", "figures", "source", "model", "deviations", "organisations", "breaches", "limits", "chosen",
          "detail", "reason", "who", "accept", "withdraw", "said", "unknown")  # fmt: skip
BETWEEN = "|"
"""Between kind and step of a deviation in the address."""


def layout(page: Page) -> html.Div:
    """The choice of the model, the figures, the drawing, deviations, organisations, limits."""
    return html.Div(
        [
            page_head(page, "conformance"),
            html.Div([_source(page), html.Div(id=ids.unknown, role="status")], className="wb-controls"),
            slot(ids.figures, 92),
            html.Div([slot(ids.model, 560), slot(ids.deviations, 560)], className="wb-two"),
            slot(ids.detail, 40),
            html.Div([slot(ids.organisations, 320), slot(ids.breaches, 320)], className="wb-two"),
            slot(ids.limits, 240),
        ],
        className="wb-stack",
    )


def _source(page: Page) -> Any:
    return dmc.Select(
        id=ids.source,
        label=page.t("app_conformance.model"),
        data=_models(page),
        value=page.view.param("model", DISCOVERED),
        allowDeselect=False,
        w=520,
        maw="100%",
    )


def _models(page: Page) -> list[dict[str, str]]:
    """What can be chosen. A name the procedure does not have stands for the discovered model, which is taken instead."""
    given = page.view.param("model", DISCOVERED)
    first = given if model_of(page) == DISCOVERED else DISCOVERED
    options = [{"value": first, "label": page.t("app_conformance.discovered")}]
    for place, process in enumerate(published(page.store, page.selection.procedure)):
        options.append({"value": f"published:{place}", "label": _process_name(page, process)})
    return options


lasting(f"..{ids.source}.data")


@callback(Output(ids.source, "data"), Output(ids.unknown, "children"), Input(URL, "search"), Input(JOBS_DONE, "data"))
def offer_models(search: str | None, _jobs: Any) -> tuple[Any, Any]:
    """The models of the procedure now chosen, and what is said of one the address names in vain."""
    try:
        page = Page.of(search)
    except WorkbenchError:
        passing()
        return no_update, no_update
    given = page.view.param("model", DISCOVERED)
    if given == model_of(page):
        return _models(page), None
    return _models(page), dmc.Alert(
        page.t("app_conformance.unknown_model", name=given),
        color="yellow",
        variant="light",
        icon=icon("alert-triangle"),
    )


def _process_name(page: Page, process: InternalProcess) -> str:
    if not process.province:
        return page.t("app_conformance.published_anywhere", name=process.name)
    return page.t("app_conformance.published", name=process.name, place=process.province)


bind(Bound(ids.source, "model", default=DISCOVERED))


def _checked(page: Page) -> Checked | None:
    if steps.several_procedures(page):
        return None
    found: Checked | None = page.kept(check, page.selection, **check_options(page))
    return found


@panel(ids.figures)
def show_figures(page: Page) -> Any:
    """Fitness, precision, share of dossiers that follow the model."""
    if steps.several_procedures(page):
        return steps.choose_procedure(page, "conformance")
    found: Checked = page.long("app_conformance.job", check, page.selection, **check_options(page))
    result = found.conformance
    free = _discounted(page, found)
    beside = {} if free is None else {"perfect": page.percent(free.perfect_share), "fitness": page.n(free.fitness, 3)}
    figures = [
        key_figure(
            page.t(f"app_conformance.{name}"),
            text,
            hint=page.t(f"app_conformance.{name}_hint"),
            basis=basis_text(page, result.basis),
            note=page.t("app_conformance.accepted.beside", value=beside[name]) if name in beside else None,
        )
        for name, text in (
            ("perfect", page.percent(result.perfect_share)),
            ("fitness", page.n(result.fitness, 3)),
            ("precision", page.n(result.precision, 3)),
            ("f", page.n(result.f, 3)),
            ("size", page.n(found.model.size)),
        )
    ]
    notes = []
    if free is not None:
        notes.append(page.t("app_conformance.accepted.discounted", n=page.n(len(_accepted(page)))))
    if result.not_aligned:
        notes.append(page.t("app_conformance.not_aligned", n=page.n(result.not_aligned)))
    if found.published is not None:
        pairs = ", ".join(f"{name} → {step}" for name, step in result.matched.items() if name != step)
        notes.append(page.t("app_conformance.matched", pairs=pairs) if pairs else page.t("app_conformance.matched_all"))
    return html.Div([html.Div(figures, className="wb-kpis"), *(html.P(note, className="wb-caption") for note in notes)])


def _discounted(page: Page, found: Checked) -> Discounted | None:
    """The figures without accepted deviations; None when nothing was accepted."""
    accepted = tuple(sorted(_accepted(page)))
    if not accepted:
        return None
    free: Discounted = page.long("app_conformance.job", discount_accepted, page.selection, found.model, accepted)
    return free


@panel(ids.model, Input(THEME, "data"))
def show_model(page: Page, theme_name: str | None = None) -> Any:
    """The model, its steps coloured by how many dossiers deviate there."""
    found = _checked(page)
    if found is None:
        return None
    chosen = theme(theme_name)
    scale = scale_on(DURATION, chosen)
    accepted = _accepted(page)
    table = found.conformance.deviations
    right = [(row.kind, row.step) in accepted for row in records(table)]
    kept = [place for place, one in enumerate(right) if not one]
    summed = table.iloc[kept].groupby("step")["share"].sum()
    stressed = {
        str(step): Emphasis(ramp(scale, float(share)), page.t("app_conformance.share", share=page.percent(share, 0)))
        for step, share in summed.items()
        if share >= 0.005
    }
    places = model_layout(found.model)
    elements = model_elements(
        found.model, places, steps.colours(page), chosen, emphasis=stressed, language=page.language
    )
    canvas = drawing(page, elements, model_stylesheet(chosen), ids.chosen, height=min(places.height, 1150) * 0.85)
    legend = [
        html.Span(page.t(f"app_conformance.legend.{name}"), className="wb-legend-item", style={"--swatch": colour})
        for name, colour in (("none", chosen.surface), ("some", scale[2]), ("many", scale[5]))
    ]
    return card(
        page.t("app_conformance.drawing"), [canvas, html.Div(legend, className="wb-legend")],
        caption=page.t("app_conformance.drawing_text"), basis=basis_line(page, found.conformance.basis),
        tools=data_tools(page, "deviations"),
    )  # fmt: skip


@panel(ids.deviations)
def show_deviations(page: Page) -> Any:
    """What deviates, down to dossiers."""
    found = _checked(page)
    if found is None:
        return None
    result = found.conformance
    title = page.t("app_conformance.deviations.title")
    accepted, at = _accepted(page), page.view.param("at")
    table = result.deviations[result.deviations["step"] == at] if at else result.deviations
    if at and table.empty:
        table, at = result.deviations, ""
    if result.deviations.empty:
        return card(title, empty_state(page.t("app_conformance.deviations.none"), "", icon_name="check"))
    palette = steps.colours(page)
    rows = []
    for row in sorted(records(table.head(30)), key=lambda row: (row.kind, row.step) in accepted):
        few = result.examples
        here = page.view.with_params(dev=f"{row.kind}{BETWEEN}{row.step}").search()
        right = accepted.get((row.kind, row.step))
        kind = [dcc.Link(page.t(f"mining.deviation.{row.kind}"), href=here)]
        if right is not None:
            kind.append(html.Span(page.t("app_conformance.accepted.mark"), className="wb-few", title=right.reason))
        codes = list(few[(few["kind"] == row.kind) & (few["step"] == row.step)]["dossier_code"].head(2))
        rows.append(
            [
                html.Span(kind),
                steps.chip(row.step, palette.get(row.step, "")),
                page.n(row.dossiers),
                page.percent(row.share),
                html.Span([html.Code(code, title=code) for code in codes], className="wb-codes"),
            ]
        )
    heads = [page.t(f"app_conformance.deviations.{name}") for name in ("kind", "step", "dossiers", "share", "examples")]
    return card(
        title, [*_only_here(page, at), html.Div(simple_table(heads, rows, numeric=(2, 3), label=title), className="wb-tall wb-taller")],
        caption=page.t("app_conformance.deviations.caption"), basis=basis_line(page, result.basis),
        tools=data_tools(page, "deviations"),
    )  # fmt: skip


def _only_here(page: Page, at: str) -> list[Any]:
    if not at:
        return []
    every = dcc.Link(page.t("app_conformance.deviations.all"), href=page.view.with_params(at=None).search())
    return [html.P([page.t("app_conformance.deviations.at", step=at), " ", every], className="wb-caption")]


clientside_callback(
    ClientsideFunction("pages", "step"),
    Output(ids.chosen, "tapNodeData"),
    Input(ids.chosen, "tapNodeData"),
    State(URL, "search"),
    prevent_initial_call=True,
)


# one deviation -------------------------------------------------------------------------------------------------
def _accepted(page: Page) -> dict[tuple[str, str], Accepted]:
    return read_accepted(page.store, page.selection.procedure, model_of(page))


def _deviation(page: Page) -> tuple[str, str] | None:
    kind, mark, step = page.view.param("dev").partition(BETWEEN)
    return (kind, step) if mark else None


@panel(ids.detail)
def show_detail(page: Page) -> Any:
    """The dossiers of one deviation, and accepting it with a reason."""
    found, chosen = _checked(page), _deviation(page)
    if found is None or chosen is None:
        return None
    kind, step = chosen
    listed: Deviating = page.long(
        "app_conformance.detail.job", deviating, page.selection, deviation=chosen, **check_options(page)
    )
    title = page.t("app_conformance.detail.title", kind=page.t(f"mining.deviation.{kind}"), step=step)
    here = found.conformance.by_organisation
    here = here[(here["kind"] == kind) & (here["step"] == step)].sort_values("share", ascending=False)
    left = [
        [names.organisation(page, row.organisation), page.n(row.dossiers), page.percent(row.share)]
        for row in records(here.head(40))
    ]
    heads = [page.t(f"app_conformance.organisations.{name}") for name in ("name", "dossiers")]
    heads.append(page.t("app_conformance.deviations.share"))
    rows = [[html.Code(row.dossier_code), names.organisation(page, row.organisation)] for row in records(listed.table)]
    words = [page.t("app_conformance.detail.dossier"), page.t("app_conformance.organisations.name")]
    body = html.Div(
        [
            html.Div(simple_table(heads, left, numeric=(1, 2), label=page.t("app_conformance.detail.where")), className="wb-tall"),
            html.Div(simple_table(words, rows, label=page.t("app_conformance.detail.dossiers")), className="wb-tall"),
        ],
        className="wb-two",
    )  # fmt: skip
    close = dcc.Link(page.t("app_conformance.detail.close"), href=page.view.with_params(dev=None).search())
    caption = page.t("app_conformance.detail.caption", n=page.n(len(listed.table)), all=page.n(listed.n))
    return card(title, [body, _acceptance(page, _accepted(page).get(chosen)), close], caption=caption,
                basis=basis_line(page, listed.basis), tools=data_tools(page, "deviating"))  # fmt: skip


def _acceptance(page: Page, kept: Accepted | None) -> html.Div:
    reason = dmc.TextInput(
        id=ids.reason, value=kept.reason if kept else "", label=page.t("app_conformance.accepted.reason"), size="xs",
        w=420, maw="100%", placeholder=page.t("app_conformance.accepted.reason_text"),
    )  # fmt: skip
    who = dmc.TextInput(
        id=ids.who, value=kept.by if kept else "", label=page.t("app_conformance.accepted.who"), size="xs", w=200
    )
    word = "again" if kept else "accept"
    buttons = [
        dmc.Button(page.t(f"app_conformance.accepted.{word}"), id=ids.accept, size="xs"),
        dmc.Button(page.t("app_conformance.accepted.withdraw"), id=ids.withdraw, size="xs", variant="default",
                   style={} if kept else {"display": "none"}),
    ]  # fmt: skip
    told = page.t("app_conformance.accepted.kept", at=kept.at.replace("T", " ")) if kept else ""
    return html.Div([reason, who, *buttons, html.Span(told, id=ids.said, className="wb-basis", role="status")],
                    className="wb-decide wb-accept")  # fmt: skip


@callback(
    Output(ids.said, "children"),
    Output(JOBS_DONE, "data", allow_duplicate=True),
    Input(ids.accept, "n_clicks"),
    Input(ids.withdraw, "n_clicks"),
    State(ids.reason, "value"),
    State(ids.who, "value"),
    State(URL, "search"),
    State(JOBS_DONE, "data"),
    prevent_initial_call=True,
)
def keep(accepts: int | None, withdraws: int | None, *given: Any) -> tuple[Any, Any]:
    """Accept the chosen deviation with its reason, or withdraw that."""
    reason, who, search, finished = given
    page = Page.of(search)
    chosen = _deviation(page)
    if chosen is None or not (accepts or withdraws):
        return no_update, no_update
    source = model_of(page)
    one = Accepted(page.selection.procedure, source, *chosen, reason or "", (who or "").strip(), now())
    try:
        with page.space.writing() as store:
            (withdraw if withdraws else accept_deviation)(store, one)
    except WorkbenchError as error:
        return " ".join(error_text(error, page.language)), no_update
    return "", (finished or 0) + 1


@panel(ids.organisations)
def show_organisations(page: Page) -> Any:
    """Organisations by fitness."""
    found = _checked(page)
    if found is None:
        return None
    table = found.conformance.organisations.sort_values("fitness")
    title = page.t("app_conformance.organisations.title")
    rows = [
        [
            names.organisation(page, row.organisation), page.n(row.dossiers), page.n(row.fitness, 3),
            page.percent(row.perfect_share),
        ]
        for row in records(table)
    ]  # fmt: skip
    heads = [page.t(f"app_conformance.organisations.{name}") for name in ("name", "dossiers", "fitness", "perfect")]
    body = html.Div(simple_table(heads, rows, numeric=(1, 2, 3), label=title), className="wb-tall")
    return card(title, body, caption=page.t("app_conformance.organisations.caption"),
                basis=basis_line(page, found.conformance.basis), tools=data_tools(page, "conformance"))  # fmt: skip


@panel(ids.breaches)
def show_breaches(page: Page) -> Any:
    """Deadlines of steps."""
    found = _checked(page)
    if found is None:
        return None
    table = found.conformance.breaches
    title = page.t("app_conformance.breaches.title")
    if table.empty:
        return card(title, empty_state(page.t("app_conformance.breaches.none"), "", icon_name="info-circle"))
    table = table.sort_values("breach_share", ascending=False)
    rows = [
        [names.organisation(page, row.organisation), calm_label(row.step), page.n(row.events), page.n(row.breaches),
         page.percent(row.breach_share)]
        for row in records(table[table["events"] >= page.few].head(20))
    ]  # fmt: skip
    heads = [page.t(f"app_conformance.breaches.{name}") for name in ("organisation", "step", "n", "late", "share")]
    body = html.Div(simple_table(heads, rows, numeric=(2, 3, 4), label=title), className="wb-tall")
    return card(title, body, caption=page.t("app_conformance.breaches.caption", few=page.few),
                basis=basis_line(page, found.conformance.basis),
                tools=data_tools(page, "step_deadlines"))  # fmt: skip


@panel(ids.limits, needs_dossiers=False)
def show_limits(page: Page) -> Any:
    """Published processes whose steps do not sum up to the declared limit."""
    workflows = onestop_workflows()
    table = check_limits([*reference_processes(), *workflows])
    title = page.t("app_conformance.limits.title")
    rows = [
        [row.code, row.name.rstrip(" ,"),
         html.Span(row.province, className="wb-whole") if isinstance(row.province, str) else "–",
         page.n(row.declared_days) if row.declared_days >= 0 else page.t("app_conformance.limits.unsaid"), page.n(row.sum_days),
         page.n(row.difference)]
        for row in records(table)
    ]  # fmt: skip
    heads = [page.t(f"app_conformance.limits.{name}") for name in
             ("code", "name", "place", "declared", "sum", "difference")]  # fmt: skip
    caption = page.t("app_conformance.limits.caption", n=len(table), all=len(workflows) + len(reference_processes()))
    body = html.Div(simple_table(heads, rows, numeric=(3, 4, 5), label=title), className="wb-tall")
    return card(title, body, caption=caption, tools=data_tools(page, "limits"))


dash.register_page(__name__, path="/conformance", name="conformance", icon="checklist", order=5, layout=layout)
