"""Workbooks: sheets, headings, native dates, formulas never evaluated."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from tests.sources.test_encodings import TEXT, to_tcvn3
from workbench.errors import FormatError
from workbench.sources.excel import read_excel
from workbench.sources.opening import kind_of, register


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "log.xlsx"
    with xlsxwriter.Workbook(path) as made:
        moment = made.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        sheet = made.add_worksheet("Hồ sơ")
        sheet.write(0, 0, "DANH SÁCH")
        sheet.write_row(3, 0, ["Mã hồ sơ", "Bước", "Lúc", "Số"])
        sheet.write_string(4, 0, "H1")
        sheet.write_string(4, 1, "=1+1")
        sheet.write_datetime(4, 2, datetime(2024, 12, 31, 17, 5), moment)
        sheet.write_number(4, 3, 12)
        sheet.write_string(6, 0, "H2")
        sheet.write_formula(6, 1, '=HYPERLINK("http://x","y")', None, "y")
        sheet.write_string(6, 2, "01/02/2024")
        sheet.write_number(6, 3, 0.5)
        made.add_worksheet("Trống")
    return path


def test_a_sheet_becomes_a_table(book: Path, folder, rows):
    assert kind_of(book) == "xlsx"
    (table,) = read_excel(register(book), folder)
    assert list(table.columns) == ["Mã hồ sơ", "Bước", "Lúc", "Số"]
    assert rows(table) == [("H1", "=1+1", "2024-12-31T17:05:00", "12"), ("H2", "y", "01/02/2024", "0.5")]
    assert table.parts[0].source.endswith("log.xlsx: Hồ sơ")


def test_rows_keep_their_number_in_the_sheet(book: Path, folder):
    import duckdb

    (table,) = read_excel(register(book), folder)
    found = duckdb.execute("select __line from read_parquet(?)", [str(table.parts[0].parquet)]).fetchall()
    assert found == [("5",), ("7",)]


def test_a_formula_without_a_stored_result_is_not_evaluated(tmp_path: Path, folder, rows):
    path = tmp_path / "formula.xlsx"
    book = openpyxl.Workbook()
    for row in (["a", "b"], ["=1+1", "x"], ["'=2+2", "y"]):
        book.active.append(row)
    book.save(path)
    (table,) = read_excel(register(path), folder)
    assert rows(table) == [(None, "x"), ("'=2+2", "y")]


def test_a_sheet_can_be_named(book: Path, folder):
    assert len(read_excel(register(book), folder, sheet="Hồ sơ")) == 1
    with pytest.raises(FormatError, match="no sheet 'X'") as caught:
        read_excel(register(book), folder, sheet="X")
    assert "Hồ sơ" in caught.value.fix


def test_a_workbook_without_tables_is_said(tmp_path: Path, folder):
    path = tmp_path / "empty.xlsx"
    openpyxl.Workbook().save(path)
    with pytest.raises(FormatError, match="no sheet of it"):
        read_excel(register(path), folder)


def test_a_damaged_workbook_is_said(book: Path, folder):
    book.write_bytes(book.read_bytes()[: book.stat().st_size // 2])
    with pytest.raises(FormatError, match="damaged archive"):
        kind_of(book)
    with pytest.raises(FormatError, match="cannot be read as a workbook"):
        read_excel(register(book), folder)


def test_cells_in_a_legacy_font_are_said(tmp_path: Path, folder, rows):
    path = tmp_path / "abc.xlsx"
    book = openpyxl.Workbook()
    for row in (["a", "b"], ["1", to_tcvn3(TEXT)]):
        book.active.append(row)
    book.save(path)
    with pytest.raises(FormatError, match="legacy encoding TCVN3"):
        read_excel(register(path), folder)
    (table,) = read_excel(register(path), folder, encoding="tcvn3")
    assert rows(table) == [("1", TEXT)]
