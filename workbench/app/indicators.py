"""The step behind the indicators page: the selection as a whole, where points are won back, and each organisation."""

from __future__ import annotations

from workbench.indicators import CheapestPoints, Indicators, cheapest_points, compute_indicators
from workbench.progress import Progress, silent
from workbench.selection import Selection
from workbench.store import LogStore

Found = tuple[Indicators, CheapestPoints, Indicators]


def country_and_organisations(
    store: LogStore, selection: Selection, *, by: str, few: int, progress: Progress = silent
) -> tuple[Indicators, CheapestPoints, Indicators]:
    """The indicators of the selection as a whole with the cheapest points, and by organisation."""
    whole = compute_indicators(store, selection, too_few=few, progress=progress)
    apart = compute_indicators(store, selection, by=by, too_few=few, progress=progress)
    return whole, cheapest_points(whole), apart
