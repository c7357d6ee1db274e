"""`workbench indicators`: recomputed, beside the portal's score, as a workbook."""

from __future__ import annotations

import json

import openpyxl
import pytest

from tests.cli.conftest import Invoke

PERIOD = ("--from", "2025-01-01", "--to", "2025-12-31")


def test_recomputed_indicators(invoke, small):
    found = invoke("indicators", "--store", small, "--every", "year", "--by", "channel", "--json").json
    assert {"group", "id", "numerator", "denominator", "ratio", "points"} <= found["table"][0].keys()
    assert {"2.1", "3.3"} <= {row["id"] for row in found["table"]}


def test_the_table_says_it_is_recomputed(invoke, small):
    done = invoke("indicators", "--store", small)
    assert done.code == 0
    assert "Tính lại" in done.out


@pytest.fixture
def portal(invoke: Invoke, small, tmp_path):
    """A portal file: one indicator equal to ours, one with a dossier more, one null, one unit we do not have."""
    ours = invoke("indicators", "--store", small, "--province", "H29", "--by", "province_code", *PERIOD, "--json").json
    by_id = {row["id"]: row for row in ours["table"]}
    same, more = by_id["4.1"], by_id["2.1"]
    rows = [
        {
            "unit": "Thành phố Hồ Chí Minh",
            "id": "4.1",
            "numerator": same["numerator"],
            "denominator": same["denominator"],
        },
        {"unit": "H29", "id": "2.1", "numerator": more["numerator"] + 1, "denominator": more["denominator"] + 1},
        {"unit": "H29", "id": "3.6", "numerator": None, "denominator": None, "ratio": None, "score": None},
        {"unit": "Bộ Tư pháp", "id": "2.1", "numerator": 1, "denominator": 2},
    ]
    path = tmp_path / "scores.json"
    path.write_text(json.dumps(rows, ensure_ascii=False), "utf-8")
    return path


def test_the_portals_score_is_explained_by_cause(invoke: Invoke, small, portal, tmp_path):
    words = ("--store", small, "--province", "H29", *PERIOD, "--portal", portal, "--quiet")
    found = invoke("indicators", *words, "--json").json
    rows = {row["id"]: row for row in found["portal"]["table"]}
    assert rows["4.1"]["cause"] == "equal" and rows["2.1"]["cause"] == "more_dossiers_at_portal"
    assert rows["3.6"]["cause"] == "portal_missing" and rows["3.6"]["portal_ratio"] is None, "null is not 0"
    assert found["portal"]["unmatched"] == ["Bộ Tư pháp"]
    assert found["cheapest"][0]["points"] > 0, "where points are won back"
    told = invoke("indicators", *words)
    assert "Cổng có nhiều hồ sơ hơn" in told.out and "Bộ Tư pháp" in told.err and "Lấy lại điểm" in told.out
    report = invoke("report", "indicators", *words, "--out", tmp_path / "i.html")
    text = (tmp_path / "i.html").read_text("utf-8")
    assert report.code == 0 and "Cổng không có số liệu (không phải bằng 0)" in text and "Bộ Tư pháp" in text
    assert invoke("report", "--store", small, "--verify", tmp_path / "i.html", "--portal", portal).code == 0
    unnamed = invoke("report", "--store", small, "--verify", tmp_path / "i.html")
    assert unnamed.code not in (0, 9) and "--portal" in unnamed.err


def test_a_score_of_other_units_is_refused(invoke: Invoke, small, tmp_path):
    path = tmp_path / "other.json"
    path.write_text(json.dumps([{"unit": "Bộ Tư pháp", "id": "2.1", "numerator": 1, "denominator": 2}]), "utf-8")
    done = invoke("indicators", "--store", small, *PERIOD, "--portal", path)
    assert done.code != 0 and "Bộ Tư pháp" in done.err and done.out == ""
    named = invoke("indicators", "--store", small, *PERIOD, "--portal", path, "--unit-is", "Bộ Tư pháp=H29", "--json")
    assert named.code == 0 and named.json["portal"]["table"][0]["group"] == "H29"
    every = invoke("indicators", "--store", small, "--every", "month", "--portal", path)
    assert every.code != 0 and "một kỳ" in every.err


def test_a_workbook_of_indicators(invoke: Invoke, small, portal, tmp_path):
    path = tmp_path / "i.xlsx"
    words = ("--store", small, "--province", "H29", *PERIOD, "--portal", portal, "--out", path, "--quiet")
    assert invoke("indicators", *words).code == 0
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Chỉ số", "Thời gian giải quyết", "Lấy lại điểm", "So với Cổng", "i"]
    head, *rows = book["Chỉ số"].iter_rows(values_only=True)
    row = dict(zip(head, next(row for row in rows if "2.1" in row), strict=True))
    assert (
        isinstance(row["Tử số"], int) and 0 < row["Tỷ lệ"] <= 1 and row["Chỉ số"] == "Hồ sơ xử lý trước hạn, đúng hạn"
    )
    null = next(row for row in book["So với Cổng"].iter_rows(min_row=2, values_only=True) if "3.6" in row)
    assert null[2] is None and null[3] is None, "null is an empty cell"


def test_an_empty_period_gives_no_figure(invoke: Invoke, small):
    done = invoke("indicators", "--store", small, "--from", "1999-01-01", "--to", "1999-01-31", "--json")
    assert done.code == 0, done.err
    found = done.json
    assert found["table"] == [] and found["cheapest"] == [] and found["basis"]["n_dossiers"] == 0, "no invented value"
