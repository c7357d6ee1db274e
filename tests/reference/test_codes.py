"""Dossier and procedure codes."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest

from workbench.reference import (
    DOSSIER_CODE_PATTERN,
    PROCEDURE_CODE_PATTERN,
    normalise_procedure_code,
    parse_dossier_code,
    parse_procedure_code,
    procedure_name,
)


@pytest.mark.parametrize(
    ("text", "agency", "province", "depth"),
    [
        ("000.17.22.H56-210531-0001", "000.17.22.H56", "H56", 3),
        ("000.00.06.H56-231027-0361", "000.00.06.H56", "H56", 2),
        ("000.00.64.H10-230515-0011", "000.00.64.H10", "H10", 2),
        ("H27.01-240102-0003", "H27.01", "H27", 2),
        ("H55.242-250801-12345", "H55.242", "H55", 2),
        ("K54.1-250801-0001", "K54.1", None, 2),
        ("000.00.00.G01-250801-0001", "000.00.00.G01", None, 1),
    ],
)
def test_dossier_codes(text, agency, province, depth):
    code = parse_dossier_code(text)
    assert (code.agency, code.province_code, code.depth) == (agency, province, depth)


def test_day_and_sequence():
    code = parse_dossier_code(" 000.17.22.H56-210531-0017 ")
    assert (code.day, code.sequence) == (date(2021, 5, 31), 17)
    assert parse_dossier_code("H56-219931-0017").day is None


@pytest.mark.parametrize(
    "text", ["", "H56", "case-10011", "H56-210531-001", "000.17.H56-210531-0001", "h56-210531-0001"]
)
def test_other_texts_are_no_dossier_codes(text):
    assert parse_dossier_code(text) is None


@pytest.mark.parametrize(
    ("text", "national", "agency", "case"),
    [
        ("1.012783", "1.012783", None, None),
        ("1.012783.H61", "1.012783", "H61", None),
        ("2.000815.01", "2.000815", None, "01"),
        ("1.001612.000.00.00.H01", "1.001612", "000.00.00.H01", None),
        ("2.000815.000.00.00.H55.02", "2.000815", "000.00.00.H55", "02"),
    ],
)
def test_procedure_codes(text, national, agency, case):
    code = parse_procedure_code(text)
    assert (code.national, code.agency, code.case) == (national, agency, case)
    assert normalise_procedure_code(text) == national


def test_unknown_form_stays():
    assert normalise_procedure_code(" WABO ") == "WABO"
    assert parse_procedure_code("WABO") is None


def test_names():
    assert procedure_name("1.000894.H29") == "Đăng ký kết hôn"
    assert procedure_name("9.999999") is None


def test_duckdb_reads_the_patterns():
    rows = duckdb.execute(
        "select regexp_matches('H55.242-250801-0007', $1), regexp_extract('1.012783.H61', $2, 1)",
        [DOSSIER_CODE_PATTERN, PROCEDURE_CODE_PATTERN],
    ).fetchall()
    assert rows == [(True, "1.012783")]
