"""What proposals say beside one label for one step."""

from __future__ import annotations

import pytest

from workbench.harmonise.vocabulary.vocabulary import propose_vocabulary
from workbench.selection import Selection

USUAL = ["Tiếp nhận hồ sơ", "Thẩm định hồ sơ", "Lãnh đạo ký duyệt", "Trả kết quả"]


@pytest.fixture
def relation(store_from):
    traces = {(f"H0{k}", f"{k}-{n}"): USUAL for k in range(1, 5) for n in range(5)}
    traces |= {("H05", f"5-{n}"): ["Tiếp nhận và thẩm định hồ sơ", *USUAL[2:]] for n in range(5)}
    traces |= {("H06", f"6-{n}"): [*USUAL[:3], "Đóng dấu giáp lai", "Trả kết quả"] for n in range(5)}
    traces |= {("H07", f"7-{n}"): [USUAL[0], USUAL[1] if n % 2 else "Tham dinh HS", *USUAL[2:]] for n in range(6)}
    proposals = propose_vocabulary(store_from(traces), Selection()).proposals
    return proposals.set_index(["organisation", "label"])


def test_one_label_of_several_steps_says_which(relation):
    row = relation.loc[("H05", "Tiếp nhận và thẩm định hồ sơ")]
    assert row["relation"] == "several_steps"
    assert row["covers"] == "Thẩm định hồ sơ; Tiếp nhận hồ sơ"


def test_a_step_nobody_else_has_is_unmatched(relation):
    assert relation.loc[("H06", "Đóng dấu giáp lai"), "relation"] == "unmatched"


def test_several_labels_of_one_step_and_plain_ones(relation):
    assert set(relation.loc["H07"].loc[[USUAL[1], "Tham dinh HS"], "relation"]) == {"several_labels"}
    assert set(relation.loc["H01", "relation"]) == {"one"}
