"""Sums over a window of a list, of the items that come before a given moment in another order."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


CHUNK = 4_000_000
PAIRS = 12
"""Up to so many window items per item and query, looking at each costs less than the wavelet matrix."""


def windowed_sums(weights: Floats, rank: Ints, left: Ints, right: Ints, below: Ints) -> Floats:
    """For every query the column sums of `weights[left:right]` over items with `rank` < `below`.

    `weights` has one row per item, `rank` is a permutation of 0..n-1. Short windows are looked through; many long
    ones are answered together, so the cost is at most O((items + queries) log items).
    """
    right = np.maximum(left, right)
    if int((right - left).sum()) <= PAIRS * (len(rank) + len(left)):
        return _looked_through(weights, rank, left, right, below)
    return _by_wavelet(weights, rank, left, right, below)


def _looked_through(weights: Floats, rank: Ints, left: Ints, right: Ints, below: Ints) -> Floats:
    out = np.zeros((len(left), weights.shape[1]))
    length = right - left
    ends = np.cumsum(length)
    first = 0
    while first < len(left):
        last = max(first + 1, int(np.searchsorted(ends, (ends[first - 1] if first else 0) + CHUNK, side="right")))
        here = length[first:last]
        query = np.repeat(np.arange(len(here)), here)
        start = np.repeat(np.cumsum(here) - here, here)
        item = np.repeat(left[first:last], here) + np.arange(len(query)) - start
        counts = rank[item] < below[first:last][query]
        query, item = query[counts], item[counts]
        for column in range(weights.shape[1]):
            out[first:last, column] = np.bincount(query, weights[item, column], minlength=len(here))
        first = last
    return out


def _by_wavelet(weights: Floats, rank: Ints, left: Ints, right: Ints, below: Ints) -> Floats:
    """All queries walk one wavelet matrix (Claude and Navarro 2012); one of its levels is kept at a time."""
    n = len(rank)
    out = np.zeros((len(left), weights.shape[1]))
    left, right, below = left.copy(), right.copy(), np.minimum(below, n)
    everything = below >= n
    if everything.any():
        total = np.vstack([np.zeros(weights.shape[1]), np.cumsum(weights, axis=0)])
        out[everything] = total[right[everything]] - total[left[everything]]
        right[everything] = left[everything]
    for level in reversed(range(max(n - 1, 1).bit_length())):
        zero = (rank >> level) & 1 == 0
        zeros = np.concatenate([[0], np.cumsum(zero)])
        before = np.vstack([np.zeros(weights.shape[1]), np.cumsum(weights * zero[:, None], axis=0)])
        high = (below >> level) & 1 == 1
        out[high] += before[right[high]] - before[left[high]]
        n_zero = zeros[-1]
        left = np.where(high, n_zero + left - zeros[left], zeros[left])
        right = np.where(high, n_zero + right - zeros[right], zeros[right])
        order = np.concatenate([np.flatnonzero(zero), np.flatnonzero(~zero)])
        rank, weights = rank[order], weights[order]
    return out
