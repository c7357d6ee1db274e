"""Codes as people call them: organisations, procedures, values of columns."""

from __future__ import annotations

from datetime import date

from workbench.app.facts import Facets, facets
from workbench.app.workspace import Page
from workbench.i18n import catalogue, collation_key
from workbench.reference import SWITCH_DAY, is_province, procedure_name, province_name


def organisation(page: Page, code: str, column: str | None = None) -> str:
    """The name of an organisation; provinces compared as of 2025 carry their present names."""
    by = column or page.view.by
    if by in ("province_2025", "province_code") and is_province(code):
        day = SWITCH_DAY if by == "province_2025" else date(2018, 1, 1)
        return province_name(code, day)
    return value_name(page, by, code)


def procedure(page: Page, code: str) -> str:
    """The name of a procedure as filed, else as published, else its code."""
    rows = choices(page).procedures
    found = rows.loc[rows["code"] == code, "name"]
    if len(found) and isinstance(found.iloc[0], str) and found.iloc[0]:
        return str(found.iloc[0])
    return procedure_name(code) or code


def value_name(page: Page, column: str, value: str) -> str:
    """A value of a closed list in words; any other value as it is."""
    return catalogue(page.language).get(f"app.value.{column}.{value}", value)


def choices(page: Page) -> Facets:
    """What the store can be filtered by."""
    found: Facets = page.ask(facets)
    return found


def options(page: Page, column: str) -> list[dict[str, str]]:
    """The values of a column for a list to choose from, in the order of the language's alphabet."""
    named = [(organisation(page, value, column), value) for value, _ in choices(page).values(column)]
    return [{"value": value, "label": name} for name, value in sorted(named, key=lambda pair: collation_key(pair[0]))]


def procedure_options(page: Page) -> list[dict[str, str]]:
    """Procedures to choose from, most dossiers first."""
    rows = choices(page).procedures
    return [{"value": str(code), "label": f"{procedure(page, str(code))} ({code})"} for code in rows["code"]]
