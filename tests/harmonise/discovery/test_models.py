"""Sound models of one log, also of logs with very many steps."""

from __future__ import annotations

import pytest

from tests.mining.models import random_variants
from tests.mining.test_nets import language
from workbench.harmonise.discovery import models
from workbench.harmonise.discovery.models import _sequential, sound_model
from workbench.mining.pm4py_door import discover_split, split_pairs, to_petri
from workbench.mining.states import prove_soundness


def test_pairs_by_hand():
    counts = ((("a", "b", "c"), 6), (("a", "c"), 4), (("a", "b", "b", "c"), 1))
    # a > c (4) is below the filter's threshold: the strongest way into and out of every step has at least 7
    assert split_pairs(counts) == {(None, "a"), ("a", "b"), ("b", "b"), ("b", "c"), ("c", None)}


@pytest.mark.parametrize("seed", range(6))
def test_the_sequential_model_is_split_miners_without_parallel_steps(seed: int):
    counts = random_variants(seed, n=15)
    ours, theirs = _sequential(counts, 0.4), discover_split(counts, epsilon=0.0)
    assert prove_soundness(to_petri(ours)).sound is True
    assert set(ours.steps) == set(theirs.steps)
    if prove_soundness(to_petri(theirs)).sound:
        assert language(ours) == language(theirs)


def test_logs_of_very_many_steps_get_the_sequential_model(monkeypatch):
    counts = ((("a", "b", "c"), 5), (("a", "c", "b"), 5))
    assert sound_model(counts).miner == "split"
    monkeypatch.setattr(models, "MANY_STEPS", 2)
    assert sound_model.__wrapped__(counts).miner == "split_sequential"
