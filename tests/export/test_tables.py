"""Tables written for spreadsheets and for machines."""

from __future__ import annotations

import io
from datetime import date, datetime

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import WorkbenchError
from workbench.export.tables import csv_bytes, safe_text, write_table, xlsx_bytes

EVIL = ["=1+1", "+84 912", "-2", "@SUM(A1)", "\t=1", "  =cmd|' /C calc'!A0", "\r=1", "＝1", "bình thường", "a=b"]


def table() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "text": EVIL,
            "count": range(10),
            "rate": [0.5, None, 1.0, 0.25, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
            "due": pd.to_datetime(["2024-07-01", None] + ["2024-07-02 08:30"] * 8, format="mixed"),
            "loss": [-1.5] * 10,
        }
    )


def test_formulas_are_neutralised_and_numbers_are_not_touched():
    back = pd.read_csv(io.BytesIO(csv_bytes(table())), encoding="utf-8-sig")
    assert list(back["text"]) == ["'" + t for t in EVIL[:8]] + EVIL[8:]
    assert list(back["loss"]) == [-1.5] * 10 and list(back["count"]) == list(range(10))
    assert back["due"][0] == "2024-07-01 00:00:00" or back["due"][0] == "2024-07-01"


def test_headings_cannot_be_formulas():
    assert csv_bytes(pd.DataFrame({"=1": [1]})).startswith(b"\xef\xbb\xbf'=1")


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=20))
def test_no_text_starts_like_a_formula(text):
    assert not safe_text(text).lstrip(" \t\r\n").startswith(("=", "+", "-", "@"))
    assert safe_text(text).removeprefix("'") == text or safe_text(text) == text


def test_excel_keeps_types_and_has_no_formula():
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx_bytes({"Bảng": table()}))).active
    rows = list(sheet.iter_rows(min_row=2))
    assert [row[0].value for row in rows if "\r" not in str(row[0].value)][:6] == EVIL[:6]
    assert all(row[0].data_type in ("s", "inlineStr") for row in rows), "texts, not formulas"
    assert rows[0][0].quotePrefix and not rows[8][0].quotePrefix
    assert rows[3][1].value == 3 and rows[0][4].value == -1.5
    assert rows[0][3].value == datetime(2024, 7, 1) and rows[0][3].number_format == "dd/mm/yyyy"
    assert rows[2][3].number_format == "dd/mm/yyyy hh:mm"
    assert rows[0][2].number_format == "0.0 %" and rows[1][2].value is None


def test_large_whole_numbers_are_not_rounded():
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx_bytes({"k": pd.DataFrame({"key": [2**60, 5]})}))).active
    assert sheet["A2"].value == str(2**60) and sheet["A3"].value == 5


def test_sheet_names_are_made_legal_and_unique():
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes({"a/b" * 20: table(), "a b" * 20: table()}, notes={"x": "1"})))
    assert len(book.sheetnames) == 3 and all(len(name) <= 31 for name in book.sheetnames)


def test_the_same_table_gives_the_same_bytes():
    assert xlsx_bytes({"t": table()}) == xlsx_bytes({"t": table()})


def test_the_suffix_names_the_format(tmp_path):
    for suffix in (".csv", ".xlsx", ".parquet"):
        assert write_table(table(), tmp_path / f"t{suffix}", headings={"text": "Chữ"}).stat().st_size > 100
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "t.parquet"), table(), check_dtype=False)
    assert "Chữ" in (tmp_path / "t.csv").read_text("utf-8-sig")
    with pytest.raises(WorkbenchError, match="no known table format"):
        write_table(table(), tmp_path / "t.doc")


def test_dates_and_gaps():
    frame = pd.DataFrame({"day": [date(2024, 1, 2), None], "ok": [True, None], "big": [float("inf"), 1.0]})
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx_bytes({"t": frame}))).active
    assert sheet["A2"].value == datetime(2024, 1, 2) and sheet["A3"].value is None
    assert sheet["B2"].value is True and sheet["C2"].value is None
