"""Many tests at once: the rate of false discoveries kept under control."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def benjamini_hochberg(p_values: Floats) -> Floats:
    """The q-values of p-values: the smallest false-discovery rate at which each is called a discovery.

    Source: Benjamini and Hochberg (1995), Controlling the false discovery rate.
    """
    n = len(p_values)
    order = np.argsort(p_values, kind="stable")
    scaled = p_values[order] * n / np.arange(1, n + 1)
    out = np.empty(n)
    out[order] = np.minimum.accumulate(scaled[::-1])[::-1].clip(max=1.0)
    return out
