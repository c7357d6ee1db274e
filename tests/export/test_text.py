"""Line breaks of long Vietnamese labels."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.export.layout import text_width, wrap

LONG = (
    "Thẩm định hồ sơ, trình lãnh đạo Chi nhánh Văn phòng Đăng ký đất đai ký duyệt Giấy chứng nhận quyền sử dụng đất "
    * 3
)


def test_arial_widths():
    assert text_width("Hồ sơ", 10) == pytest.approx(text_width("Ho so", 10) + 1.1), "a horn widens, marks do not"
    assert text_width("iii", 10) < text_width("mmm", 10)


def test_a_label_of_three_hundred_characters_fits_its_lines():
    text = LONG[:300].strip()
    lines = wrap(text, 208)
    assert " ".join(lines) == " ".join(text.split())
    assert all(text_width(line) <= 208 for line in lines)


def test_a_long_word_is_broken():
    lines = wrap("x" * 200, 100)
    assert "".join(lines) == "x" * 200 and all(text_width(line) <= 100 for line in lines)


def test_cut_lines_end_in_an_ellipsis():
    lines = wrap(LONG, 150, max_lines=3)
    assert len(lines) == 3 and lines[-1].endswith("…") and text_width(lines[-1]) <= 150


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["C"]), max_size=120), st.integers(40, 300))
def test_nothing_but_space_is_lost(text, width):
    lines = wrap(text, width)
    joined = "".join("".join(lines).split())
    assert unicodedata.normalize("NFC", joined) == unicodedata.normalize("NFC", "".join(text.split()))
