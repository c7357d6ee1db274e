"""The matrix of organisations and procedures, by hand and beside the conformance of one procedure."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.conftest import trace_events
from workbench.errors import Cancelled
from workbench.mining.conformance import check_conformance
from workbench.mining.discovery import discover
from workbench.mining.fit_matrix import fit_matrix
from workbench.mining.variants import variant_counts
from workbench.selection import Selection

ONE = {("H01", f"{n}"): "a b c" for n in range(4)} | {("H02", f"x{n}"): "a c" for n in range(2)}
TWO = {("H01", f"p{n}"): "k m" for n in range(3)}


@pytest.fixture
def store(store_from):
    events = trace_events({**ONE, **TWO})
    codes = events[["province_code", "dossier_code"]].drop_duplicates()
    procedure = ["2.000002" if code.startswith("p") else "1.000001" for code in codes["dossier_code"]]
    return store_from(events=events, dossiers=codes.assign(procedure_code=procedure))


def test_every_procedure_is_judged_by_its_own_model(store):
    model = discover((((("a", "b", "c")), 4),)).model
    found = fit_matrix(store, models={"1.000001": model}, too_few=2)
    rows = found.table.set_index(["procedure", "organisation"])
    assert rows.loc[("1.000001", "H01"), "fitness"] == 1.0
    # Skipping b costs 1 of the worst case 2 + 3.
    assert rows.loc[("1.000001", "H02"), "fitness"] == pytest.approx(1 - 1 / 5)
    assert rows.loc[("1.000001", "H02"), "perfect_share"] == 0.0
    assert rows.loc[("2.000002", "H01"), ["dossiers", "variants", "fitness"]].tolist() == [3, 1, 1.0]
    assert found.models["model"].tolist() == ["given", "discovered"]
    assert found.matrix().loc["H02"].isna().tolist() == [False, True]


def test_equal_to_the_conformance_of_each_procedure(store):
    found = fit_matrix(store)
    for procedure in ("1.000001", "2.000002"):
        chosen = Selection(procedure=procedure)
        model = discover(variant_counts(store, chosen), algorithm="inductive", noise=0.2).model
        theirs = check_conformance(store, chosen, model).organisations[["organisation", "dossiers", "fitness"]]
        ours = found.table[found.table["procedure"] == procedure][["organisation", "dossiers", "fitness"]]
        pd.testing.assert_frame_equal(ours.reset_index(drop=True), theirs, check_dtype=False)


def test_few_dossiers_are_marked_and_left_out_of_the_matrix(store):
    found = fit_matrix(store)
    assert found.table["too_few"].all() and found.matrix().empty


def test_a_procedure_without_steps_says_why(store_from):
    store = store_from({("H01", "1"): "a b"}, procedure="1.000001")
    events = trace_events({("H09", "9"): "z"}).assign(artefact="synthetic_first")
    codes = events[["province_code", "dossier_code"]].drop_duplicates().assign(procedure_code="3.000003")
    other = store_from(events=events, dossiers=codes)
    assert fit_matrix(store).models["why"].tolist() == [None]
    assert fit_matrix(other).models["why"].notna().all() and fit_matrix(other).table.empty


def test_it_can_be_cancelled_between_procedures(store):
    seen = []

    def stop(stage: str, done: float, total: float) -> None:
        seen.append((stage, done, total))
        if done >= 1:
            raise Cancelled("stopped", fix="")

    with pytest.raises(Cancelled):
        fit_matrix(store, progress=stop)
    assert seen[0] == ("matrix", 0, 2)
