from __future__ import annotations

import json

import pytest

from tests.harmonise.logs import traces
from workbench.errors import SelectionError, TooFewCases
from workbench.harmonise.comparison.compare import compare_organisations
from workbench.results import plain
from workbench.selection import Selection

P = Selection(procedure="1.000001")


def test_three_organisations_side_by_side(store_from):
    store = store_from(traces(A="a b c x40", B="a b c x30, a c x5", C="a c b x35"))
    found = compare_organisations(store, P, bootstrap=5)
    table = found.organisations.set_index("organisation")
    assert table.index.tolist() == ["A", "B", "C"]
    assert table["dossiers"].tolist() == [40, 35, 35]
    assert found.medoid == "B"  # as near to A as A to it, and it shares a pair with C
    square = found.square("fitness")
    assert square.loc["A", "A"] == 1.0
    # model a b c on a c b: one event left out, one step without event, of 3 + 3
    assert square.loc["A", "C"] == pytest.approx(1 - 2 / 6)
    assert len(found.distances) == 3
    assert found.basis.n_dossiers == 110
    assert "all_open" in found.notes
    assert "no_due_dates" in found.notes
    assert table["on_time"].isna().all()
    json.dumps(plain(found), allow_nan=False)


def test_a_step_one_organisation_adds_is_named(store_from):
    store = store_from(traces(A="a b c x60", B="a b c x60", C="a s b c x60"))
    found = compare_organisations(store, P, bootstrap=2)
    first = found.differences[found.differences["kind"] == "step"].iloc[0]
    assert (first["organisation"], first["source"], first["share"], first["share_others"]) == ("C", "s", 1.0, 0.0)
    assert found.tests > len(found.differences)


def test_hand_overs_are_compared_without_unit_names(store_from):
    from tests.conftest import trace_events

    events = trace_events(traces(A="a b x5", B="a b x5", C="a b x5"))
    unit = {("A", "a"): "desk A", ("A", "b"): "desk A", ("B", "a"): "desk B", ("B", "b"): "desk B"}
    events["unit"] = [
        unit.get((o, s), f"{s} unit") for o, s in zip(events["province_code"], events["label"], strict=True)
    ]
    found = compare_organisations(store_from(events=events), P, bootstrap=2)
    pairs = found.distances.set_index(["a", "b"])["resources"]
    assert pairs["A", "B"] == 0
    assert pairs["A", "C"] == pairs["B", "C"] == 1


def test_what_cannot_be_compared_is_said(store_from):
    with pytest.raises(TooFewCases, match="one organisation only: A"):
        compare_organisations(store_from(traces(A="a b x5")), P)
    with pytest.raises(TooFewCases, match="more than one dossier"):
        compare_organisations(store_from(traces(A="a b", B="a b")), P)
    with pytest.raises(SelectionError):
        compare_organisations(store_from(traces(A="a b x5", B="a b x5")), P, by="moon")


def test_organisations_without_a_shared_step_are_as_far_apart_as_can_be(store_from):
    found = compare_organisations(store_from(traces(A="a b x5", B="p q x5")), P, bootstrap=2)
    assert "no_shared_step" in found.notes
    assert "few_cases" in found.notes
    assert found.distances["control_flow"].tolist() == [pytest.approx(1.0)]
    assert found.square("fitness").loc["A", "B"] == 0


def test_ties_only_is_said(store_from):
    from tests.conftest import trace_events

    events = trace_events(traces(A="a b c x4", B="a c b x4"))
    events["completed_at"] = events["completed_at"].min()
    found = compare_organisations(store_from(events=events), P, bootstrap=2)
    assert "ties_only" in found.notes


def test_the_result_does_not_depend_on_chance(store_from):
    store = store_from(traces(A="a b c x20, a c x3", B="a b c x30, a b x2", C="a c b x10, b x4"))
    assert plain(compare_organisations(store, P, bootstrap=9, seed=4)) == plain(
        compare_organisations(store, P, bootstrap=9, seed=4)
    )
