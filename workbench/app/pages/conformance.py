"""Tuân thủ: the dossiers against a model or a published internal process."""

from __future__ import annotations

from typing import Any

import dash
import dash_mantine_components as dmc
from dash import Input, html

from workbench.app import names, steps
from workbench.app.asked import check_options
from workbench.app.bind import Bound, bind
from workbench.app.card_tools import data_tools
from workbench.app.components import basis_line, card, drawing, empty_state, key_figure, page_head, simple_table, slot
from workbench.app.ids import THEME, Ids
from workbench.app.models import DISCOVERED, Checked, check, published
from workbench.app.panels import panel
from workbench.app.workspace import Page
from workbench.charts.procedure import Emphasis, model_elements, model_layout, model_stylesheet
from workbench.charts.records import records
from workbench.charts.tokens import DURATION, ramp, theme
from workbench.reference import InternalProcess, check_limits, onestop_workflows, reference_processes

ids = Ids("conformance", "figures", "source", "model", "deviations", "organisations", "breaches", "limits", "chosen")


def layout(page: Page) -> html.Div:
    """The choice of the model, the figures, the drawing, deviations, organisations, limits."""
    return html.Div(
        [
            page_head(page, "conformance"),
            html.Div(_source(page), className="wb-controls"),
            slot(ids.figures, 92),
            html.Div([slot(ids.model, 560), slot(ids.deviations, 560)], className="wb-two"),
            html.Div([slot(ids.organisations, 320), slot(ids.breaches, 320)], className="wb-two"),
            slot(ids.limits, 240),
        ],
        className="wb-stack",
    )


def _source(page: Page) -> Any:
    options = [{"value": DISCOVERED, "label": page.t("app_conformance.discovered")}]
    for place, process in enumerate(published(page.store, page.selection.procedure)):
        options.append({"value": f"published:{place}", "label": _process_name(page, process)})
    value = page.view.param("model", DISCOVERED)
    return dmc.Select(
        id=ids.source,
        label=page.t("app_conformance.model"),
        data=options,
        value=value if any(option["value"] == value for option in options) else DISCOVERED,
        allowDeselect=False,
        w=520,
        maw="100%",
    )


def _process_name(page: Page, process: InternalProcess) -> str:
    return page.t("app_conformance.published", name=process.name, place=process.province or "–")


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
    figures = [
        key_figure(page.t(f"app_conformance.{name}"), text, hint=page.t(f"app_conformance.{name}_hint"))
        for name, text in (
            ("perfect", page.percent(result.perfect_share)),
            ("fitness", page.n(result.fitness, 3)),
            ("precision", page.n(result.precision, 3)),
            ("f", page.n(result.f, 3)),
            ("size", page.n(found.model.size)),
        )
    ]
    notes = []
    if result.not_aligned:
        notes.append(page.t("app_conformance.not_aligned", n=page.n(result.not_aligned)))
    if found.published is not None:
        pairs = ", ".join(f"{name} → {step}" for name, step in result.matched.items())
        notes.append(page.t("app_conformance.matched", pairs=pairs))
    return html.Div([html.Div(figures, className="wb-kpis"), *(html.P(note, className="wb-caption") for note in notes)])


@panel(ids.model, Input(THEME, "data"))
def show_model(page: Page, theme_name: str | None = None) -> Any:
    """The model, its steps coloured by how many dossiers deviate there."""
    found = _checked(page)
    if found is None:
        return None
    chosen = theme(theme_name)
    deviating = found.conformance.deviations.groupby("step")["share"].sum()
    stressed = {
        str(step): Emphasis(ramp(DURATION, float(share)), page.t("app_conformance.share", share=page.percent(share, 0)))
        for step, share in deviating.items()
        if share >= 0.005
    }
    places = model_layout(found.model)
    elements = model_elements(
        found.model, places, steps.colours(page), chosen, emphasis=stressed, language=page.language
    )
    canvas = drawing(page, elements, model_stylesheet(chosen), ids.chosen, height=places.height)
    legend = [
        html.Span(page.t(f"app_conformance.legend.{name}"), className="wb-legend-item", style={"--swatch": colour})
        for name, colour in (("none", chosen.surface), ("some", DURATION[2]), ("many", DURATION[5]))
    ]
    return card(
        page.t("app_conformance.drawing"), [canvas, html.Div(legend, className="wb-legend")],
        caption=page.t("app_conformance.drawing_text"), basis=basis_line(page, found.conformance.basis),
    )  # fmt: skip


@panel(ids.deviations)
def show_deviations(page: Page) -> Any:
    """What deviates, down to dossiers."""
    found = _checked(page)
    if found is None:
        return None
    result = found.conformance
    title = page.t("app_conformance.deviations.title")
    if result.deviations.empty:
        return card(title, empty_state(page.t("app_conformance.deviations.none"), "", icon_name="check"))
    palette = steps.colours(page)
    rows = []
    for row in records(result.deviations.head(20)):
        few = result.examples
        codes = list(few[(few["kind"] == row.kind) & (few["step"] == row.step)]["dossier_code"].head(2))
        rows.append(
            [
                page.t(f"mining.deviation.{row.kind}"),
                steps.chip(row.step, palette.get(row.step, "")),
                page.n(row.dossiers),
                page.percent(row.share),
                html.Span([html.Code(code) for code in codes], className="wb-codes"),
            ]
        )
    heads = [page.t(f"app_conformance.deviations.{name}") for name in ("kind", "step", "dossiers", "share", "examples")]
    return card(
        title, simple_table(heads, rows, numeric=(2, 3), label=title),
        caption=page.t("app_conformance.deviations.caption"), basis=basis_line(page, result.basis),
        tools=data_tools(page, "deviations"),
    )  # fmt: skip


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
        [names.organisation(page, row.organisation), row.step, page.n(row.events), page.n(row.breaches),
         page.percent(row.breach_share)]
        for row in records(table[table["events"] >= page.few].head(20))
    ]  # fmt: skip
    heads = [page.t(f"app_conformance.breaches.{name}") for name in ("organisation", "step", "n", "late", "share")]
    return card(title, simple_table(heads, rows, numeric=(2, 3, 4), label=title),
                caption=page.t("app_conformance.breaches.caption", few=page.few))  # fmt: skip


@panel(ids.limits, needs_dossiers=False)
def show_limits(page: Page) -> Any:
    """Published processes whose steps do not sum up to the declared limit."""
    workflows = onestop_workflows()
    table = check_limits([*reference_processes(), *workflows])
    title = page.t("app_conformance.limits.title")
    rows = [
        [row.code, row.name, row.province or "–", page.n(row.declared_days if row.declared_days >= 0 else None), page.n(row.sum_days),
         page.n(row.difference)]
        for row in records(table)
    ]  # fmt: skip
    heads = [page.t(f"app_conformance.limits.{name}") for name in
             ("code", "name", "place", "declared", "sum", "difference")]  # fmt: skip
    caption = page.t("app_conformance.limits.caption", n=len(table), all=len(workflows) + len(reference_processes()))
    body = html.Div(simple_table(heads, rows, numeric=(3, 4, 5), label=title), className="wb-tall")
    return card(title, body, caption=caption)


dash.register_page(__name__, path="/conformance", name="conformance", icon="checklist", order=5, layout=layout)
