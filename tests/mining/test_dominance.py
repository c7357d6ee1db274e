"""Windowed sums against a plain loop."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.mining import dominance
from workbench.mining.dominance import windowed_sums


@settings(max_examples=60, deadline=None)
@given(n=st.integers(1, 40), seed=st.integers(0, 10_000))
def test_equal_to_a_loop(n, seed):
    random = np.random.default_rng(seed)
    weights, rank = random.random((n, 2)), random.permutation(n)
    left, right = random.integers(0, n + 1, 25), random.integers(0, n + 1, 25)
    below = random.integers(0, n + 2, 25)
    expected = [
        sum((weights[j] for j in range(a, b) if rank[j] < k), np.zeros(2))
        for a, b, k in zip(left, right, below, strict=True)
    ]
    assert np.allclose(windowed_sums(weights, rank, left, right, below), expected)
    right = np.maximum(left, right)
    assert np.allclose(dominance._by_wavelet(weights, rank, left, right, below), expected)
    assert np.allclose(dominance._looked_through(weights, rank, left, right, below), expected)


def test_windows_are_looked_through_in_chunks(monkeypatch):
    monkeypatch.setattr(dominance, "CHUNK", 7)
    random = np.random.default_rng(1)
    weights, rank = random.random((30, 1)), random.permutation(30)
    left, below = random.integers(0, 30, 40), random.integers(0, 31, 40)
    right = np.minimum(left + random.integers(0, 20, 40), 30)
    ours = dominance._looked_through(weights, rank, left, right, below)
    assert np.allclose(ours, dominance._by_wavelet(weights, rank, left, right, below))
