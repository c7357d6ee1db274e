"""From a share to points."""

from __future__ import annotations

import pytest

from workbench.indicators import points_of


@pytest.mark.parametrize(
    ("ratio", "top", "threshold", "points"),
    [(0.8, 2, 0.8, 2), (0.9, 2, 0.8, 2), (0.4, 2, 0.8, 1), (0.5, 20, None, 10), (0, 6, 0.9, 0), (None, 6, 0.9, None), (1, None, None, None)],
)  # fmt: skip
def test_points(ratio, top, threshold, points):
    assert points_of(ratio, top, threshold) == (None if points is None else pytest.approx(points))
