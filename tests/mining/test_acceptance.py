"""Deviations that are held to be right cost nothing; counted by hand."""

from __future__ import annotations

import pytest

from workbench.mining.acceptance import discount_accepted
from workbench.mining.conformance import check_conformance
from workbench.mining.discovery import discover_model
from workbench.selection import Selection


@pytest.fixture
def abc(store_from):
    """Seven dossiers a b c, one without b, one with an x too much, one with b and c changed over."""
    return store_from(
        {("H01", f"d{n}"): "a b c" for n in range(7)}
        | {("H01", "less"): "a c", ("H01", "more"): "a b x c", ("H01", "turned"): "a c b"}
    )


@pytest.mark.parametrize(
    ("accepted", "cost", "perfect"),
    [
        ([], 4, 0.7),
        ([("skipped", "b")], 3, 0.8),
        ([("extra", "x")], 3, 0.8),
        ([("skipped", "b"), ("extra", "x")], 2, 0.9),
        ([("skipped", "x")], 4, 0.7),
    ],
)
def test_accepted_deviations_are_left_out(abc, store_from, accepted, cost, perfect):
    model = _chain(store_from)
    found = discount_accepted(abc, Selection(), model, accepted)
    # worst case: the events (7 x 3 + 2 + 4 + 3 = 30) removed, and the model's run of 3 for each of ten
    assert (found.cost, found.discounted_cost) == (4, cost)
    assert found.perfect_share == pytest.approx(perfect)
    assert found.fitness == pytest.approx(1 - cost / 60)
    plain = check_conformance(abc, Selection(), model)
    assert found.fitness >= plain.fitness
    if not accepted:
        assert (found.fitness, found.perfect_share) == (plain.fitness, plain.perfect_share)


def test_a_step_out_of_order_costs_both_its_moves(abc, store_from):
    model = _chain(store_from)
    turned = check_conformance(abc, Selection(), model).deviations
    one = next((row.kind, row.step) for row in turned.itertuples() if row.kind == "out_of_order")
    found = discount_accepted(abc, Selection(), model, [one])
    assert found.discounted_cost == 2
    assert found.perfect_share == pytest.approx(0.8)


def _chain(store_from):
    from workbench.mining.variants import variant_counts

    return discover_model(variant_counts(store_from({("H01", "d"): "a b c"}), Selection()))
