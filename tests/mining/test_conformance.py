"""Conformance, counted by hand and against known figures of real logs."""

from __future__ import annotations

import json

import pytest

from tests.mining.logs import events_of, timed_events, xes_frame
from tests.mining.models import bpmn
from workbench.errors import ModelError
from workbench.mining.alignments import Move
from workbench.mining.conformance import check_conformance, deviating_dossiers
from workbench.mining.deviations import deviations
from workbench.mining.discovery import discover_model
from workbench.mining.internal_process import process_model
from workbench.mining.variants import variant_counts
from workbench.reference.processes import InternalProcess, ProcessStep
from workbench.selection import Selection


def published(*steps: tuple[str, float | None]) -> InternalProcess:
    made = tuple(ProcessStep(i, name, None, days) for i, (name, days) in enumerate(steps, 1))
    return InternalProcess("P1", "P1", "1.0", "H49", ("H49",), None, 5.0, None, None, made, "", "QĐ 1")


MODEL = process_model(published(("a", None), ("b", None), ("c", None), ("d", None)))
TRACES = {
    ("H01", "1"): "a b c d",
    ("H01", "2"): "a b c d",
    ("H01", "3"): "a c d",  # b skipped
    ("H02", "4"): "a b b c d",  # b repeated
    ("H02", "5"): "a x b c d",  # x extra
    ("H02", "6"): "b c d a",  # a out of order
}


def moves(text: str) -> list[Move]:
    """`a` agrees, `+a` is in the log only, `-a` in the model only."""
    kinds = {"+": "log", "-": "model"}
    out = []
    for word in text.split():
        kind = kinds.get(word[0], "sync")
        step = word.lstrip("+-")
        out.append(Move(kind, step, None if kind == "log" else step))
    return out


@pytest.mark.parametrize(
    ("alignment", "expected"),
    [
        ("a b c", {}),
        ("a -b c", {("skipped", "b"): 1}),
        ("a b +b c", {("repeated", "b"): 1}),
        ("a +b b c", {("repeated", "b"): 1}),
        ("a +b c", {("extra", "b"): 1}),
        ("a +b +b c", {("extra", "b"): 1, ("repeated", "b"): 1}),
        ("a +x c", {("extra", "x"): 1}),
        ("a +x c +x", {("extra", "x"): 2}),
        ("-a b c +a", {("out_of_order", "a"): 1}),
        ("+c a b -c +c", {("out_of_order", "c"): 1, ("repeated", "c"): 1}),
        ("-a -a b +a", {("out_of_order", "a"): 1, ("skipped", "a"): 1}),
    ],
)
def test_kinds_of_deviation_from_an_alignment(alignment, expected):
    assert deviations(moves(alignment), frozenset("abc")) == expected


def test_every_kind_is_found_with_its_dossiers(store_of):
    found = check_conformance(store_of(TRACES), None, MODEL)
    rows = {(row.kind, row.step): row.dossiers for row in found.deviations.itertuples(index=False)}
    assert rows == {("skipped", "b"): 1, ("repeated", "b"): 1, ("extra", "x"): 1, ("out_of_order", "a"): 1}
    named = {(row.kind, row.step): row.dossier_code for row in found.examples.itertuples(index=False)}
    assert named == {("skipped", "b"): "3", ("repeated", "b"): "4", ("extra", "x"): "5", ("out_of_order", "a"): "6"}
    assert found.perfect_share == pytest.approx(2 / 6)
    # 5 moves too many (1 + 1 + 1 + 2) of 25 events and six runs of four steps
    assert found.fitness == pytest.approx(1 - 5 / (25 + 24))
    assert found.precision == 1
    assert found.soundness.sound is True
    json.dumps(found.to_dict(), allow_nan=False)


def test_steps_of_model_and_log(store_of):
    rows = check_conformance(store_of(TRACES), None, MODEL).steps.set_index("step")
    assert rows.index.tolist() == ["a", "b", "c", "d", "x"]
    assert rows["in_model"].tolist() == [True] * 4 + [False]
    assert rows.loc["b", ["dossiers", "skipped", "extra", "repeated", "out_of_order"]].tolist() == [5, 1, 0, 1, 0]
    assert rows.loc["a", "out_of_order"] == 1


def test_organisations_differ(store_of):
    found = check_conformance(store_of(TRACES), None, MODEL)
    rows = found.organisations.set_index("organisation")
    assert rows.loc["H01", "perfect_share"] == pytest.approx(2 / 3)
    assert rows.loc["H02", "perfect_share"] == 0
    assert rows.loc["H01", "fitness"] == pytest.approx(1 - 1 / (11 + 12))
    assert rows.loc["H02", ["skipped", "extra", "repeated", "out_of_order"]].tolist() == [0, 1, 1, 1]
    one = found.by_organisation.query("organisation == 'H01'")
    assert one[["kind", "step", "dossiers"]].to_numpy().tolist() == [["skipped", "b", 1]]
    alone = check_conformance(store_of(TRACES), Selection(provinces=("H02",)), MODEL)
    assert alone.fitness == pytest.approx(rows.loc["H02", "fitness"])


def test_dossiers_of_one_deviation(store_of):
    traces = {("H01", str(n)): "a c d" for n in range(5)} | {("H02", "x"): "a c d", ("H02", "y"): "a b c d"}
    store = store_of(traces)
    found = deviating_dossiers(store, Selection(), MODEL, kind="skipped", step="b", limit=4)
    assert found.to_numpy().tolist() == [["H01", str(n)] for n in range(4)]
    assert len(deviating_dossiers(store, Selection(), MODEL, kind="skipped", step="b")) == 6
    assert deviating_dossiers(store, Selection(), MODEL, kind="skipped", step="a").empty


def test_a_discovered_model_fits_its_log(store_of):
    store = store_of({key: text for key, text in TRACES.items() if key[1] in "123"})
    model = discover_model(variant_counts(store), algorithm="inductive", noise=0.0)
    found = check_conformance(store, None, model)
    assert found.fitness == 1
    assert found.deviations.empty
    assert found.examples.empty


def test_a_published_process_is_matched_and_its_limits_checked(store_of):
    rows = [
        ("H01", "1", "Tiếp nhận hồ sơ", "2024-01-02 08:00"),
        ("H01", "1", "Thẩm định", "2024-01-03 10:00"),  # 10 working hours
        ("H02", "2", "Tiếp nhận hồ sơ", "2024-01-02 08:00"),
        ("H02", "2", "Thẩm định", "2024-01-02 11:00"),
    ]
    due = ["2024-01-02 09:00", "2024-01-02 17:00", None, None]
    store = store_of(events=timed_events(rows, step_due_at=due), office=True)
    process = published(("Tiếp nhận", 0.5), ("Thẩm định", 1.0), ("Phê duyệt", 1.0))
    found = check_conformance(store, None, process)
    assert found.matched == {"Tiếp nhận": "Tiếp nhận hồ sơ", "Thẩm định": "Thẩm định"}
    assert found.deviations[["kind", "step", "dossiers"]].to_numpy().tolist() == [["skipped", "Phê duyệt", 2]]
    assert found.unmatched == ("Phê duyệt",)
    assert found.without_end == 2
    assert len(deviating_dossiers(store, Selection(), process, kind="skipped", step="Phê duyệt")) == 2
    rules = found.breaches.set_index(["rule", "organisation", "step"])
    assert rules.loc[("recorded", "H01", "Thẩm định"), "breaches"] == 1
    assert rules.loc[("recorded", "H01", "Thẩm định"), "median_over_seconds"] == 17 * 3600
    assert rules.loc[("recorded", "H01", "Tiếp nhận hồ sơ"), "breaches"] == 0
    assert rules.loc[("published", "H01", "Thẩm định"), "median_over_seconds"] == 2 * 3600
    assert rules.loc[("published", "H02", "Thẩm định"), "breach_share"] == 0


def test_no_shared_step_is_said(store_of):
    with pytest.raises(ModelError, match="share no step"):
        check_conformance(store_of({("H01", "1"): "x y"}), None, MODEL)


def test_a_model_whose_branches_pile_up_is_refused(store_of):
    model = bpmn("s>x1 x1>a a>p1 p1>x1 p1>b b>e")
    with pytest.raises(ModelError, match="pile up"):
        check_conformance(store_of(TRACES), None, model)


def test_an_empty_selection_has_no_figure(store_of):
    found = check_conformance(store_of(TRACES), Selection(channels=("post",)), MODEL)
    assert found.fitness is None
    assert found.precision is None
    assert found.basis.n_dossiers == 0
    assert found.organisations.empty


def test_receipt_log_against_imf_has_the_known_fitness(store_of):
    store = store_of(events=events_of(xes_frame("receipt_WABO_CoSeLoG.xes.gz")))
    model = discover_model(variant_counts(store), algorithm="inductive", noise=0.2)
    found = check_conformance(store, None, model)
    assert 0.8277 <= found.fitness <= 0.8278
    assert found.not_aligned == 0


@pytest.mark.slow
@pytest.mark.parametrize(("name", "fitness"), [("BPIC15_1f", 0.897), ("BPIC15_2f", 0.783), ("BPIC15_3f", 0.800)])
def test_own_split_models_have_the_reference_fitness(store_of, name, fitness):
    store = store_of(events=events_of(xes_frame(f"{name}.xes.gz")))
    found = check_conformance(store, None, discover_model(variant_counts(store)))
    assert found.fitness == pytest.approx(fitness, abs=0.0006)
