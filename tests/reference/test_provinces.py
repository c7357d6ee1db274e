"""63 provinces, 34 successors, and a code that changed its meaning on 1/7/2025."""

from __future__ import annotations

from datetime import date

import pytest

from workbench.reference import all_2025, is_province, province_name, province_of_gso, provinces, successor

BEFORE, AFTER = date(2025, 6, 30), date(2025, 7, 1)


def test_63_provinces_became_34():
    assert len({p.h_code for p in provinces()}) == len({p.gso_code for p in provinces()}) == 63
    assert len({p.h_code for p in all_2025()}) == len({p.gso_code for p in all_2025()}) == 34
    assert {p.successor for p in provinces()} == {p.h_code for p in all_2025()}
    assert sum(len(p.predecessors) for p in all_2025()) == 63
    assert sum(p.h_code_verified for p in provinces()) == 13


@pytest.mark.parametrize(
    ("code", "old", "new"),
    [
        ("91", "Kiên Giang", "An Giang"),
        ("24", "Bắc Giang", "Bắc Ninh"),
        ("15", "Yên Bái", "Lào Cai"),
        ("52", "Bình Định", "Gia Lai"),
        ("82", "Tiền Giang", "Đồng Tháp"),
        ("44", "Quảng Bình", "Quảng Trị"),
        ("80", "Long An", "Tây Ninh"),
    ],
)
def test_a_gso_code_needs_its_day(code, old, new):
    assert province_name(province_of_gso(code, BEFORE)) == old
    assert province_name(province_of_gso(code, AFTER), AFTER) == new


def test_exactly_seven_codes_change_their_meaning():
    changed = [
        p.gso_code
        for p in all_2025()
        if (old := province_of_gso(p.gso_code, BEFORE)) is not None and old != province_of_gso(p.gso_code, AFTER)
    ]
    assert len(changed) == 7


def test_codes_out_of_their_time_are_unknown():
    assert province_of_gso("89", BEFORE) == "H01"
    assert province_of_gso("89", AFTER) is None
    assert province_of_gso(1, AFTER) == "H26"


def test_successors():
    assert successor("H02") == "H05"  # Bắc Giang went into Bắc Ninh, which kept its code
    assert successor("H57") == "H57"  # Huế changed its name only
    assert province_name("H57") == "Thừa Thiên Huế"
    assert province_name("H57", AFTER) == "Huế"
    assert province_name("H02", AFTER) == "Bắc Ninh"


def test_other_organisations_stand_for_themselves():
    assert (successor("BPIC15_1"), province_name("BPIC15_1"), is_province("BPIC15_1")) == (
        "BPIC15_1",
        "BPIC15_1",
        False,
    )
