"""Confidence intervals of shares."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import norm


def wilson(
    successes: npt.ArrayLike, n: npt.ArrayLike, *, confidence: float = 0.95
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Lower and upper limit of Wilson's score interval for a share; NaN where n is 0.

    Source: Wilson, E. B. (1927), Probable inference, the law of succession, and statistical inference,
    JASA 22 (158), 209-212. No continuity correction.
    """
    k, total = np.asarray(successes, dtype=float), np.asarray(n, dtype=float)
    z = float(norm.ppf(0.5 + confidence / 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = k / total
        centre = (share + z**2 / (2 * total)) / (1 + z**2 / total)
        half = z / (1 + z**2 / total) * np.sqrt(share * (1 - share) / total + z**2 / (4 * total**2))
    low, high = np.clip(centre - half, 0, 1), np.clip(centre + half, 0, 1)
    # Rounding must not move the limit off a share of exactly 0 or 1.
    return np.where(k == 0, np.where(total > 0, 0.0, np.nan), low), np.where(
        k == total, np.where(total > 0, 1.0, np.nan), high
    )
