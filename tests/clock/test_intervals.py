"""Wilson's interval."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.clock import wilson


def test_published_value():
    """81 of 263: 0.2553 to 0.3662 (Newcombe 1998, Statistics in Medicine 17, table I, method 3)."""
    low, high = wilson([81], [263])
    assert low[0] == pytest.approx(0.2553, abs=5e-5)
    assert high[0] == pytest.approx(0.3662, abs=5e-5)


def test_edges():
    low, high = wilson([0, 10, 0], [10, 10, 0])
    assert low[0] == 0 and high[1] == 1
    assert 0 < high[0] < 0.31 and 0.69 < low[1] < 1
    assert np.isnan(low[2]) and np.isnan(high[2])
