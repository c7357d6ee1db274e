"""Intervals against tables and theory."""

from __future__ import annotations

import math

import numpy as np
import pytest

from workbench.mining.intervals import BUCKETS, bootstrap, mean_interval, median_interval


@pytest.mark.parametrize(("n", "rank"), [(6, 1), (10, 2), (15, 4), (20, 6), (100, 40)])
def test_ranks_of_the_median_interval_equal_the_published_table(n, rank):
    values = np.arange(1.0, n + 1)
    assert median_interval(values) == (rank, n + 1 - rank)


def test_five_values_give_no_median_interval():
    assert all(math.isnan(end) for end in median_interval(np.arange(5.0)))
    assert all(math.isnan(end) for end in median_interval(np.array([])))


def test_the_median_interval_covers_as_often_as_it_says():
    random = np.random.default_rng(5)
    samples = np.sort(random.exponential(size=(2000, 40)), axis=1)
    ends = [median_interval(sample) for sample in samples]
    covered = np.mean([low <= math.log(2) <= high for low, high in ends])
    assert 0.94 <= covered <= 0.985


def test_the_bootstrap_of_a_mean_agrees_with_the_normal_interval():
    values = np.random.default_rng(1).normal(10, 2, size=400)
    low, high = mean_interval(values, seed=1)
    half = 1.96 * values.std() / 20
    assert low == pytest.approx(values.mean() - half, abs=0.05)
    assert high == pytest.approx(values.mean() + half, abs=0.05)


def test_buckets_keep_the_interval_of_a_large_sample():
    values = np.random.default_rng(2).exponential(3, size=BUCKETS * 20 + 7)
    low, high = mean_interval(values, seed=1)
    half = 1.96 * values.std() / math.sqrt(len(values))
    assert high - low == pytest.approx(2 * half, rel=0.15)


def test_the_seed_decides():
    values = np.random.default_rng(3).random((50, 2))

    def share(sums):
        return sums[:, 0] / sums.sum(axis=1)

    first, again, other = (bootstrap(values, share, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_one_value_gives_no_mean_interval():
    assert all(math.isnan(end) for end in mean_interval(np.array([3.0]), seed=1))
