"""Intervals for figures about dossiers: order statistics and the seeded bootstrap by dossier."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import stats

Floats = npt.NDArray[np.float64]
LEVEL = 0.95
BUCKETS = 1000
"""Larger samples are first cut into this many random groups, which are then resampled: for sums and ratios of
sums this gives the same interval up to 1/BUCKETS and keeps the cost of a country that of a district."""


def median_interval(ordered: Floats, level: float = LEVEL) -> tuple[float, float]:
    """The distribution-free interval of the median of sorted values, from order statistics.

    Needs at least 6 values at 95 %; NaN when there are fewer. Source: David and Nagaraja (2003), Order
    Statistics, 7.1.
    """
    n = len(ordered)
    below = int(stats.binom.ppf((1 - level) / 2, n, 0.5)) if n else 0
    while below > 0 and stats.binom.cdf(below - 1, n, 0.5) > (1 - level) / 2:
        below -= 1
    if below < 1:
        return float("nan"), float("nan")
    return float(ordered[below - 1]), float(ordered[n - below])


def bootstrap(
    values: Floats,
    figure: Callable[[Floats], Floats],
    *,
    seed: int,
    repeats: int = 500,
    level: float = LEVEL,
) -> tuple[Floats, Floats]:
    """The percentile bootstrap interval of `figure`, resampling whole dossiers.

    `values` has one row per dossier and one column per quantity; `figure` turns summed columns, one row per
    repeat, into figures (a share is one column over another). Returns the lower and the upper ends.
    """
    random = np.random.default_rng(seed)
    rows = _buckets(values, random)
    n = len(rows)
    drawn = random.integers(0, n, (repeats, n)) + n * np.arange(repeats)[:, None]
    weights = np.bincount(drawn.ravel(), minlength=repeats * n).reshape(repeats, n).astype(np.float64)
    figures = figure(weights @ rows)
    tail = (1 - level) / 2
    with np.errstate(all="ignore"):
        low, high = np.nanquantile(figures, [tail, 1 - tail], axis=0)
    return np.asarray(low), np.asarray(high)


def mean_interval(values: Floats, *, seed: int, repeats: int = 500, level: float = LEVEL) -> tuple[float, float]:
    """The bootstrap interval of a mean; NaN for fewer than two values."""
    if len(values) < 2:
        return float("nan"), float("nan")
    columns = np.column_stack([values, np.ones(len(values))])
    low, high = bootstrap(columns, lambda sums: sums[:, 0] / sums[:, 1], seed=seed, repeats=repeats, level=level)
    return float(low), float(high)


def _buckets(values: Floats, random: np.random.Generator) -> Floats:
    if len(values) <= BUCKETS:
        return values
    place = random.permutation(len(values)) % BUCKETS
    out = np.zeros((BUCKETS, values.shape[1]))
    np.add.at(out, place, values)
    return out
