"""Portal scores read and compared; null is not 0."""

from __future__ import annotations

import json
from datetime import date

import openpyxl
import pandas as pd
import pytest

from workbench.errors import FormatError, MappingError, SelectionError
from workbench.indicators import Indicators, parse_portal_scores, read_portal_scores, reconcile
from workbench.reference import indicators_766
from workbench.results import Basis

RULES = {i.id: i for i in indicators_766()}


def ours(**values: tuple[float, float] | None) -> Indicators:
    """Recomputed figures of one unit: id to numerator and denominator."""
    rows = []
    for key, value in values.items():
        rule = RULES[key.replace("_", ".")[1:]]
        n, d = value if value else (None, None)
        ratio = n / d if value else None
        points = (
            None
            if ratio is None or rule.max_points is None
            else rule.max_points * min(ratio / (rule.threshold or 1), 1)
        )
        rows.append(
            {"group": "H55", "start": date(2024, 3, 1), "end": date(2024, 3, 31), "id": rule.id, "numerator": n,
             "denominator": d, "ratio": ratio, "points": points, "max_points": rule.max_points, "threshold": rule.threshold}
        )  # fmt: skip
    ways = pd.DataFrame(
        [("H55", "2.1", "clock_local", 95, 100), ("H55", "2.1", "closed_only", 80, 85)],
        columns=["group", "id", "variant", "numerator", "denominator"],
    )
    empty = pd.DataFrame()
    return Indicators(pd.DataFrame(rows), empty, ways, empty, "province_code", "recomputed", Basis(100))


def cause(portal: dict, figures: Indicators) -> pd.Series:
    return reconcile(figures, parse_portal_scores([portal])).table.iloc[0]


@pytest.mark.parametrize(
    ("portal", "expected", "variant"),
    [
        ({"id": "2.1", "numerator": 90, "denominator": 100, "score": 18}, "equal", ""),
        ({"id": "2.1", "numerator": 90, "denominator": 100, "score": 17}, "other_points_rule", ""),
        ({"id": "2.1", "numerator": 95, "denominator": 100}, "other_way", "clock_local"),
        ({"id": "2.1", "ratio": "94,12 %"}, "other_way", "closed_only"),
        ({"id": "2.1", "numerator": 92, "denominator": 100}, "other_numerator", ""),
        ({"id": "2.1", "numerator": 99, "denominator": 110}, "more_dossiers_at_portal", ""),
        ({"id": "2.1", "numerator": 70, "denominator": 80}, "fewer_dossiers_at_portal", ""),
        ({"id": "2.1", "numerator": 70, "denominator": 120, "TEMP_NATIONAL_REPORT_DENOMINATOR": True},
         "temporary_denominator", ""),
        ({"id": "2.1", "numerator": None, "denominator": None, "score": None}, "portal_missing", ""),
        ({"id": "2.1", "numerator": 0, "denominator": 100}, "other_numerator", ""),
        ({"id": "4.4", "numerator": 3, "denominator": 100}, "ours_missing", ""),
    ],
)  # fmt: skip
def test_causes(portal, expected, variant):
    row = cause(portal, ours(i2_1=(90, 100), i4_4=None))
    assert (row.cause, row.variant) == (expected, variant)


def test_the_two_parts_make_the_difference():
    row = cause({"id": "2.1", "numerator": 99, "denominator": 120, "score": 16.5}, ours(i2_1=(90, 100)))
    assert row.difference == pytest.approx(99 / 120 - 0.9)
    assert row.by_denominator + row.by_numerator == pytest.approx(row.difference)
    assert row.by_denominator == pytest.approx(90 / 120 - 0.9)
    assert row.points_difference == pytest.approx(-1.5)


def test_null_is_not_zero():
    row = cause(
        {"id": "2.1", "numerator": None, "denominator": None, "ratio": None, "score": None}, ours(i2_1=(90, 100))
    )
    assert pd.isna(row.portal_ratio) and pd.isna(row.difference) and pd.isna(row.points_difference)


def test_json_tree(tmp_path):
    answer = {
        "data": [
            {
                "departmentName": "Tỉnh A",
                "metrics": [
                    {
                        "metricCode": "DOSSIER_SYNC",
                        "numerator": 80,
                        "denominator": 100,
                        "ratio": 80.0,
                        "score": 4.8,
                        "maxScore": 6,
                    },
                    {"metricCode": "REUSED_DIGITIZED_DATA", "numerator": None, "denominator": None, "score": None},
                    {"metricCode": "SOMETHING_ELSE", "score": 1},
                ],
            }
        ]
    }
    file = tmp_path / "scores.json"
    file.write_text(json.dumps(answer), "utf-8")
    table = read_portal_scores(file).table
    assert table[["group", "id", "ratio", "score", "max_score"]].iloc[0].tolist() == ["Tỉnh A", "1.4", 0.8, 4.8, 6]
    assert table.iloc[1]["id"] == "4.3" and pd.isna(table.iloc[1]["score"])


def test_excel_with_vietnamese_headings(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Bảng điểm tháng 3/2024"])
    sheet.append([])
    sheet.append(["Mã chỉ số", "Chỉ số", "Đơn vị", "Tử số", "Mẫu số", "Tỷ lệ", "Điểm", "Điểm tối đa"])
    sheet.append(["2.1", "Hồ sơ xử lý trước hạn, đúng hạn", "H55", 90, 100, "90,0 %", "18,0", 20])
    sheet.append([None, "Khai thác, sử dụng lại dữ liệu số hóa", "H55", None, None, None, None, 2])
    sheet.append([None, "Tổng", None, None, None, None, 59.91, 100])
    book.save(tmp_path / "scores.xlsx")
    scores = read_portal_scores(tmp_path / "scores.xlsx")
    assert scores.table[["group", "id", "numerator", "ratio", "score"]].iloc[0].tolist() == ["H55", "2.1", 90, 0.9, 18]
    assert scores.table["id"].tolist() == ["2.1", "4.3"]
    assert scores.unread == ("Tổng",)
    found = reconcile(ours(i2_1=(90, 100), i4_3=(1, 2)), scores).table
    assert found.cause.tolist() == ["equal", "portal_missing"]


def test_scores_of_other_units_are_refused():
    scores = parse_portal_scores([{"id": "2.1", "unit": "Tỉnh B", "numerator": 1, "denominator": 2}])
    with pytest.raises(SelectionError, match="Tỉnh B"):
        reconcile(ours(i2_1=(90, 100)), scores)
    named = reconcile(ours(i2_1=(90, 100)), scores, units={"Tỉnh B": "H55"})
    assert len(named.table) == 1 and named.unmatched == ()


def test_several_periods_are_refused():
    figures = ours(i2_1=(90, 100))
    figures.table.loc[1] = figures.table.loc[0]
    figures.table.loc[1, "start"] = date(2024, 4, 1)
    with pytest.raises(SelectionError, match="several periods"):
        reconcile(figures, parse_portal_scores([{"id": "2.1", "numerator": 1, "denominator": 2}]))


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("a.json", b"{", FormatError),
        ("a.json", b'{"a": [1, 2]}', MappingError),
        ("a.xlsx", b"not excel", FormatError),
        ("a.pdf", b"", FormatError),
    ],
)
def test_bad_files(tmp_path, name, content, error):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(error) as caught:
        read_portal_scores(tmp_path / name)
    assert caught.value.fix
    with pytest.raises(FormatError, match="no file"):
        read_portal_scores(tmp_path / "none.json")
