"""How a view asks for each long result: pages and downloads of one view ask for the same thing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from workbench.app.models import DISCOVERED, is_model
from workbench.app.unified import SECONDS, Unified, unify
from workbench.app.workspace import Page
from workbench.mining.dfg import Dfg, discover_dfg
from workbench.selection import Selection

GRAPH_SAMPLE = 300_000
"""Events behind the durations of a graph; more would not move a median by what can be seen."""
SPECTRUM_PATHS, SPECTRUM_LINES, SPECTRUM_DAYS = 6, 400, 60
"""Bands, lines a band and days of receipt of a performance spectrum: more would be too dense to read."""
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
    return {"source": model_of(page), "by": page.view.by}


def model_of(page: Page) -> str:
    """The model of the address, or the discovered one where the procedure has none of that name."""
    given = page.view.param("model", DISCOVERED)
    return given if is_model(page.store, page.selection.procedure, given) else DISCOVERED


def recommend_options(page: Page) -> dict[str, Any]:
    """How a view asks for recommendations."""
    return {"by": page.view.by}


def unify_options(page: Page, seconds: int | None = None) -> dict[str, Any]:
    """How a view asks for the unified procedure, with the time of `searched` unless another is given."""
    chosen = searched(page) or SECONDS[1] if seconds is None else seconds
    return {"by": page.view.by, "seconds": chosen, "language": page.language}


def searched(page: Page) -> int | None:
    """Seconds of the search a view shows: `run` of its address, else the longest one that was made or is under way."""
    if page.view.param("run"):
        return int(page.view.number("run", SECONDS[1]))
    return next((s for s in reversed(SECONDS) if page.begun(unify, page.selection, **unify_options(page, s))), None)


def unified(page: Page) -> Unified | None:
    """The unified procedure a view shows, None until one was found."""
    found: Unified | None = page.kept(unify, page.selection, **unify_options(page))
    return found


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


def changes_selection(page: Page) -> Selection:
    """What a view asks of: only a period with both ends is itself compared, a single end changes nothing."""
    s = page.selection
    return s if s.start is not None and s.end is not None else s.with_(start=None, end=None)


def graph_of(page: Page, selection: Selection) -> Dfg:
    """The directly-follows graph a view shows of a selection."""
    found: Dfg = page.ask_steps(discover_dfg, selection, sample=GRAPH_SAMPLE)
    return found


def spectrum_options(page: Page) -> dict[str, Any]:
    """Which paths a view draws as a spectrum: the one in its address, else those that take the most time together."""
    source, mark, target = page.view.param("segment").partition("\u2192")
    if mark:
        return {"segments": ((source, target),), "lines": SPECTRUM_LINES}
    graph = graph_of(page, page.selection)
    spent = graph.edges.assign(spent=graph.edges["count"] * graph.edges["mean_seconds"])
    busiest = spent.sort_values(["spent", "source", "target"], ascending=[False, True, True]).head(SPECTRUM_PATHS)
    pairs = tuple(zip(busiest["source"], busiest["target"], strict=True))
    return {"segments": pairs, "lines": SPECTRUM_LINES}


def spectrum_window(page: Page) -> Selection:
    """The dossiers a view draws as a spectrum: those received in its last weeks, unless it asks for all times."""
    chosen = page.selection
    period = page.basis().period
    if page.view.param("weeks") == "all" or period is None:
        return chosen
    last = date.fromisoformat(period[1])
    first = max(date.fromisoformat(period[0]), last - timedelta(days=SPECTRUM_DAYS))
    return chosen.with_(start=first, end=last)
