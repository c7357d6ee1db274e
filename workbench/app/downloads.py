"""Files to take along, by plain links: /download/<table>.csv or .xlsx, with the view's own query."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import flask
import pandas as pd

from workbench.app.asked import (
    changes_options,
    changes_selection,
    check_options,
    comparison_options,
    graph_of,
    indicator_options,
    recommend_options,
    spectrum_options,
    spectrum_window,
    unify_options,
    waiting_options,
)
from workbench.app.chosen import Chosen, compare_chosen
from workbench.app.cost_parameters import priced
from workbench.app.facts import by_month, by_organisation, week_hours
from workbench.app.indicators import country_and_organisations
from workbench.app.intake import quarantine
from workbench.app.models import check, deviating
from workbench.app.signatures import signatures
from workbench.app.unified import (
    CANDIDATE_FILES,
    CandidateFiles,
    Review,
    Unified,
    candidate_files,
    review,
    unify,
    vary,
)
from workbench.app.workspace import Page
from workbench.clock import on_time_rates
from workbench.errors import WorkbenchError
from workbench.export.tables import csv_bytes, xlsx_bytes
from workbench.harmonise.comparison.compare import compare_organisations
from workbench.harmonise.migration.migration import migration_plan
from workbench.harmonise.migration.tracking import Tracking, track_distance
from workbench.harmonise.recommendation.cost_assessment import CostAssessment
from workbench.harmonise.recommendation.online_readiness import online_readiness
from workbench.harmonise.recommendation.recommend import recommend
from workbench.indicators import period_changes, watch_list
from workbench.mining.deadlines import recorded_breaches
from workbench.mining.dotted import dotted_chart, performance_spectrum
from workbench.mining.organisation import handovers, workload
from workbench.mining.performance import performance
from workbench.mining.rework import rework
from workbench.mining.variants import variants
from workbench.mining.waiting import waiting_causes
from workbench.reference import check_limits, onestop_workflows, reference_processes

_KINDS = {
    "bpmn": "application/xml",
    "pnml": "application/xml",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "svg": "image/svg+xml",
}
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _made(page: Page, step: Callable[..., Any], **options: Any) -> Any:
    """A long result that a page has made before."""
    found = page.kept(step, page.selection, **options)
    return _there(found)


def _map(page: Page) -> pd.DataFrame:
    everywhere = page.selection.with_(provinces_2025=())
    if page.view.param("measure", "on_time") == "on_time":
        return page.ask(on_time_rates, everywhere, by="province_2025").table
    return page.ask(by_organisation, everywhere, by="province_2025").table


def _variants(page: Page) -> pd.DataFrame:
    table = page.ask_steps(variants, page.selection).table
    return table.assign(variant=[" > ".join(steps) for steps in table["variant"]])


def _changes(page: Page) -> pd.DataFrame:
    found = page.ask(period_changes, changes_selection(page), **changes_options(page))
    return pd.concat([found.table.assign(kind="all", code=""), found.movers], ignore_index=True)


def _reconciliation(page: Page) -> pd.DataFrame:
    from workbench.app.pages.indicators import reconciled

    found = _made(page, country_and_organisations, **indicator_options(page))
    return reconciled(page, found, page.view.param("scores"))[0].table


def _chosen(page: Page) -> pd.DataFrame:
    codes = tuple(code for code in page.view.param("pick").split(",") if code)
    found: Chosen = page.ask_events(compare_chosen, page.selection, organisations=codes, by=page.view.by)
    return found.differences


def _deviating(page: Page) -> pd.DataFrame:
    kind, _, step = page.view.param("dev").partition("|")
    options = check_options(page)
    return page.ask_steps(deviating, page.selection, deviation=(kind, step), limit=100_000, **options).table


def _unified(page: Page) -> Unified:
    found: Unified = _made(page, unify, **unify_options(page))
    return found


def _plan(page: Page) -> pd.DataFrame:
    found = page.kept(
        migration_plan, page.selection, _unified(page).result.bpmn, by=page.view.by, too_few_cases=page.few
    )
    return _there(found).organisations


def _tracking(page: Page) -> Tracking:
    from workbench.app.tracking_panel import tracking_options

    found = page.kept(track_distance, page.selection, _unified(page).result.bpmn, **tracking_options(page))
    made: Tracking = _there(found)
    return made


def _variation(page: Page) -> pd.DataFrame:
    return _there(page.kept(vary, page.selection, model=_unified(page).result.bpmn, by=page.view.by)).table


def _there(found: Any) -> Any:
    if found is None:
        raise WorkbenchError("This result is not computed yet.", fix="Open the page and wait until it is shown.")
    return found


def _cost(page: Page) -> pd.DataFrame:
    from workbench.app.cost_panel import cost_found

    found: CostAssessment = _there(cost_found(page))
    return pd.concat(
        [
            found.tasks.assign(kind="task"),
            found.targets.assign(kind="target"),
            found.parameters.assign(kind="parameter"),
        ],
        ignore_index=True,
    )


def _vocabulary(page: Page) -> pd.DataFrame:
    if page.selection.procedure is None:
        raise WorkbenchError("Step names are proposed for one procedure.", fix="Choose a procedure.")
    found: Review = page.ask(review, page.selection.procedure)
    return found.table


TABLES: Mapping[str, Callable[[Page], pd.DataFrame]] = {
    "deviating": _deviating,
    "grid": lambda page: _made(page, waiting_causes, **waiting_options(page)).by_transition,
    "pingpong": lambda page: page.ask_events(handovers, page.selection).ping_pong,
    "signatures": lambda page: (
        page.ask_events(signatures, page.selection, by=page.view.by, too_few=page.few).organisations
    ),
    "rework": lambda page: page.ask_events(rework, page.selection).supplements,
    "breaches": lambda page: page.ask_events(recorded_breaches, page.selection, by=page.view.by),
    "hours": lambda page: page.ask_events(workload, page.selection).by_hour,
    "week": lambda page: page.ask_events(week_hours, page.selection).table,
    "load": lambda page: page.ask_events(workload, page.selection).by_month,
    "staff": lambda page: page.ask_events(workload, page.selection).by_unit,
    "chosen": _chosen,
    "dotted": lambda page: page.ask_steps(dotted_chart, page.selection, dossiers=250).points,
    "spectrum": lambda page: (
        page.ask_steps(performance_spectrum, spectrum_window(page), **spectrum_options(page)).lines
    ),
    "changes": _changes,
    "map": _map,
    "months": lambda page: page.ask(by_month, page.selection).table,
    "organisations": lambda page: page.ask(by_organisation, page.selection, by=page.view.by).table,
    "on_time": lambda page: page.ask(on_time_rates, page.selection, by=page.view.by).table,
    "clocks": lambda page: page.ask(on_time_rates, page.selection).table,
    "watch": lambda page: page.ask(watch_list, page.selection, clock=page.view.clock).table,
    "paths": lambda page: graph_of(page, page.selection).edges,
    "steps": lambda page: page.ask_events(performance, page.selection).steps,
    "handovers": lambda page: page.ask_events(performance, page.selection).handovers,
    "variants": _variants,
    "comparison": lambda page: _made(page, compare_organisations, **comparison_options(page)).organisations,
    "matrix": lambda page: _made(page, compare_organisations, **comparison_options(page)).matrix,
    "differences": lambda page: _made(page, compare_organisations, **comparison_options(page)).differences,
    "causes": lambda page: _made(page, waiting_causes, **waiting_options(page)).organisations,
    "transitions": lambda page: _made(page, waiting_causes, **waiting_options(page)).transitions,
    "deviations": lambda page: _made(page, check, **check_options(page)).conformance.deviations,
    "conformance": lambda page: _made(page, check, **check_options(page)).conformance.organisations,
    "step_deadlines": lambda page: _made(page, check, **check_options(page)).conformance.breaches,
    "limits": lambda _: check_limits([*reference_processes(), *onestop_workflows()]),
    "plan": _plan,
    "cost": _cost,
    "online": lambda page: page.ask_events(
        online_readiness, page.selection, by=page.view.by, too_few_cases=page.few
    ).barriers.assign(steps=lambda table: [" > ".join(names) for names in table["steps"]]),
    "tracking": lambda page: _tracking(page).months,
    "tracking_change": lambda page: _tracking(page).change,
    "variation": _variation,
    "migration": lambda page: _unified(page).result.migration,
    "candidates": lambda page: _unified(page).result.candidates,
    "vocabulary": _vocabulary,
    "recommendations": lambda page: pd.DataFrame(
        priced(page.store, page.selection.procedure, _made(page, recommend, **recommend_options(page))).to_dict()[
            "recommendations"
        ]
    ),
    "indicators": lambda page: _made(page, country_and_organisations, **indicator_options(page))[0].table,
    "cheapest": lambda page: _made(page, country_and_organisations, **indicator_options(page))[1].table,
    "organisations_lost": lambda page: _made(page, country_and_organisations, **indicator_options(page))[2].table,
    "reconciliation": _reconciliation,
    "quarantine": lambda page: page.ask(quarantine, limit=1_000_000).rows,
}
"""Name in the address to the table it holds."""


def attach(server: flask.Flask) -> None:
    """Serve the downloads."""
    server.add_url_rule("/download/<name>.<ending>", "download", _download)
    server.add_url_rule("/harmonised/<name>", "harmonised", _harmonised)


def _download(name: str, ending: str) -> flask.Response:
    if name not in TABLES or ending not in ("csv", "xlsx"):
        flask.abort(404)
    try:
        page = Page.of(flask.request.query_string.decode())
        table = TABLES[name](page)
    except WorkbenchError as error:
        return flask.make_response((str(error), 409, {"Content-Type": "text/plain; charset=utf-8"}))
    if ending == "csv":
        return file_response(csv_bytes(table), f"{name}.csv", "text/csv; charset=utf-8")
    return file_response(xlsx_bytes({name: table}), f"{name}.xlsx", _XLSX)


def _harmonised(name: str) -> flask.Response:
    try:
        page = Page.of(flask.request.query_string.decode())
        found: Unified = _made(page, unify, **unify_options(page))
    except WorkbenchError as error:
        return flask.make_response((str(error), 409, {"Content-Type": "text/plain; charset=utf-8"}))
    files = _of_candidate(page, found) if name in CANDIDATE_FILES else found.files
    if name not in files:
        flask.abort(404)
    return file_response(files[name], name, _KINDS[name.rpartition(".")[2]])


def _of_candidate(page: Page, found: Unified) -> Mapping[str, bytes]:
    """The files of the candidate a view has picked; none when it has picked none."""
    model = found.result.models.get(page.view.param("candidate"))
    if model is None:
        return {}
    drawn: CandidateFiles = page.ask_steps(candidate_files, page.selection, model=model, language=page.language)
    return drawn.files


def file_response(content: bytes, name: str, kind: str) -> flask.Response:
    """Bytes as a file to save."""
    return flask.Response(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
