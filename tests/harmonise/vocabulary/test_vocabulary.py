"""Local labels to canonical steps on small logs."""

from __future__ import annotations

import pytest

from workbench.harmonise.vocabulary.vocabulary import propose_vocabulary
from workbench.harmonise.vocabulary.vocabulary_text import normal_form, text_similarity
from workbench.selection import Selection

SAME = ["Tiếp nhận hồ sơ", "Thẩm định hồ sơ", "Lãnh đạo ký duyệt", "Trả kết quả"]
OTHER = ["B1. Tiep nhan HS", "Tham dinh ho so", "LĐ ký duyệt", "Tra KQ"]


@pytest.fixture
def two_offices(store_from):
    traces = {("H01", f"a{n}"): SAME for n in range(5)} | {("H02", f"b{n}"): OTHER for n in range(5)}
    return store_from(traces)


@pytest.mark.parametrize(
    ("label", "form"),
    [
        ("Tiếp nhận hồ sơ", "tiep nhan ho so"),
        ("B1. Tiep nhan HS", "tiep nhan ho so"),
        ("2) Trả KQ", "tra ket qua"),
        ("Đóng dấu", "dong dau"),
        ("[CM] Thẩm định lần hai", "tham dinh lan 2"),
        ("MC03 - TN hồ sơ", "tiep nhan ho so"),
    ],
)
def test_normal_form(label, form):
    assert normal_form(label) == form


def test_word_order_costs_nothing():
    assert text_similarity(["Tiếp nhận hồ sơ", "Hồ sơ tiếp nhận"])[0, 1] == pytest.approx(1.0)


def test_every_label_gets_the_step_of_its_counterpart(two_offices):
    proposals = propose_vocabulary(two_offices, Selection()).proposals
    step = dict(zip(proposals["label"], proposals["step"], strict=True))
    assert [step[label] for label in OTHER] == SAME
    assert [step[label] for label in SAME] == SAME
    assert proposals["confidence"].between(0.5, 1).all()


def test_labels_used_in_the_same_dossiers_stay_apart(store_from):
    traces = {("H01", f"a{n}"): ["Ký duyệt lần 1", "Ký duyệt lần 2"] for n in range(5)}
    proposals = propose_vocabulary(store_from(traces), Selection()).proposals
    assert proposals["step"].nunique() == 2


def test_known_steps_give_their_name(two_offices):
    known = ["Tiếp nhận", "Thẩm định hồ sơ", "Ký duyệt của lãnh đạo", "Trả kết quả"]
    proposals = propose_vocabulary(two_offices, Selection(), known=known).proposals
    assert {"Thẩm định hồ sơ", "Trả kết quả"} <= set(proposals["step"])


def test_two_names_that_meet_where_a_step_is_passed_twice_are_one_step(store_from):
    one, other = "Trưởng phòng xét duyệt", "Trưởng phòng duyệt hồ sơ"
    rest = ["Tiếp nhận hồ sơ", "Trả kết quả"]
    traces = {("H01", f"a{n}"): [rest[0], one, rest[1]] for n in range(20)}
    traces |= {("H02", f"b{n}"): [rest[0], other if n % 5 == 0 else one, rest[1]] for n in range(20)}
    # Sent back once: passed again under the other name, as in a fifth of the dossiers passed twice.
    traces |= {("H02", f"c{n}"): [rest[0], one, other, rest[1]] for n in range(2)}
    traces |= {("H02", f"d{n}"): [rest[0], one, one, rest[1]] for n in range(8)}
    step = propose_vocabulary(store_from(traces), Selection()).proposals.set_index("label")["step"]
    assert step[other] == one


def test_two_signatures_in_every_dossier_of_one_organisation_are_two_steps(store_from):
    one, other = "Trưởng phòng xét duyệt", "Trưởng phòng duyệt hồ sơ"
    traces = {("H01", f"a{n}"): ["Tiếp nhận hồ sơ", one, "Trả kết quả"] for n in range(20)}
    traces |= {("H02", f"b{n}"): ["Tiếp nhận hồ sơ", one, other, "Trả kết quả"] for n in range(6)}
    step = propose_vocabulary(store_from(traces), Selection()).proposals.set_index("label")["step"]
    assert step[other] not in set(step[[one]])
