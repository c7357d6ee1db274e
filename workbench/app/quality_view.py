"""The quality report as tables: of the store, and of files that are only tried."""

from __future__ import annotations

from typing import Any

import pandas as pd
from dash import html

from workbench.app import names
from workbench.app.components import simple_table
from workbench.app.workspace import Page
from workbench.i18n import catalogue
from workbench.intake.quality import QualityReport

_PARTS = ("checks", "artefact_totals", "sync_gaps")


def quality_parts(page: Page, report: QualityReport) -> html.Div:
    """Checks, traces of synchronisation, gaps."""
    return html.Div([_part(page, name, getattr(report, name)) for name in _PARTS], className="wb-stack")


def _part(page: Page, name: str, table: pd.DataFrame) -> Any:
    title = page.t(f"app_data.quality.{name}")
    counted = next((column for column in ("count", "dossiers") if column in table), None)
    found = (
        table.sort_values("missing_events", ascending=False)
        if counted is None
        else table[table[counted] > 0].sort_values("share", ascending=False)
    )
    if found.empty:
        none = html.P(page.t("app_data.quality.none"), className="wb-caption")
        return html.Div([html.H3(title, className="wb-sub"), none])
    numeric = [place for place, column in enumerate(found.columns) if pd.api.types.is_numeric_dtype(found[column])]
    heads = [page.t(f"app_data.quality.head.{column}") for column in found.columns]
    rows = [
        [_cell(page, column, value) for column, value in zip(found.columns, row, strict=True)]
        for row in found.head(40).itertuples(index=False)
    ]
    table_of = html.Div(simple_table(heads, rows, numeric=numeric, label=title), className="wb-tall")
    return html.Div([html.H3(title, className="wb-sub"), table_of])


def _cell(page: Page, column: str, value: Any) -> Any:
    if column in ("check", "artefact"):
        rule = catalogue(page.language).get(f"quality.rule.{value}", "")
        return html.Span(page.t(f"quality.{column}.{value}"), title=rule)
    if column in ("evidence", "unit"):
        return page.t(f"{'quality.evidence' if column == 'evidence' else 'app_data.quality.unit'}.{value}")
    if column == "province_code":
        return names.organisation(page, str(value), "province_code")
    if column == "share":
        return "< " + page.percent(0.001) if 0 < value < 0.0005 else page.percent(value)
    if hasattr(value, "strftime"):
        return page.day(value)
    return page.n(value, 1 if isinstance(value, float) else 0) if isinstance(value, int | float) else str(value)
