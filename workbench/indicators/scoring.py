"""From a share to points."""

from __future__ import annotations

from workbench.reference import Indicator


def points_of(ratio: float | None, max_points: float | None, threshold: float | None) -> float | None:
    """Points of a share: full from the threshold on, below it in proportion; None where one of them is unknown.

    Without a published threshold the points grow in proportion up to a share of 1 (an assumption).
    """
    if ratio is None or max_points is None:
        return None
    return max_points * min(max(ratio, 0.0) / (threshold or 1.0), 1.0)


def points_verified(indicator: Indicator) -> bool:
    """Whether the rule from share to points was published in what was read: only where there is a threshold."""
    return indicator.max_points is not None and indicator.threshold is not None
