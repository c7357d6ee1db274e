"""How a view asks for each long result: pages and downloads of one view ask for the same thing."""

from __future__ import annotations

from typing import Any

from workbench.app.models import DISCOVERED
from workbench.app.workspace import Page

AGAINST = ("month", "month_year", "quarter", "quarter_year", "year")
"""Periods that are held against each other: the latest one against the one before, or a year earlier."""


def comparison_options(page: Page) -> dict[str, Any]:
    """How a view compares organisations."""
    return {"by": page.view.by, "clock": page.view.clock, "too_few_cases": page.few}


def waiting_options(page: Page) -> dict[str, Any]:
    """How a view looks for causes of waiting."""
    return {"by": page.view.by, "too_few_cases": page.few}


def check_options(page: Page) -> dict[str, Any]:
    """Which model a view holds the dossiers against."""
    return {"source": page.view.param("model", DISCOVERED), "by": page.view.by}


def recommend_options(page: Page) -> dict[str, Any]:
    """How a view asks for recommendations."""
    return {"by": page.view.by}


def unify_options(page: Page) -> dict[str, Any]:
    """How a view asks for the unified procedure; `run` in its address is the time of the search."""
    return {"by": page.view.by, "seconds": int(page.view.number("run", 60)), "language": page.language}


def indicator_options(page: Page) -> dict[str, Any]:
    """How a view asks for indicators."""
    return {"by": page.view.by, "few": page.few}


def changes_options(page: Page) -> dict[str, Any]:
    """How a view asks what changed."""
    every, _, year = page.view.param("against", "month", AGAINST).partition("_")
    return {
        "every": every, "against": "year" if year else "previous", "by": page.view.by, "clock": page.view.clock,
        "too_few": page.few,
    }  # fmt: skip
