"""Local labels to canonical steps on small logs."""

from __future__ import annotations

import pytest

from workbench.harmonise.vocabulary import propose_vocabulary
from workbench.harmonise.vocabulary_text import normal_form, text_similarity
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
