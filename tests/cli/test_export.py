"""`workbench export`: logs and office tables in every format; numbers are numbers, sums hold, no text is a formula."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from tests.cli.conftest import PROCEDURE, Invoke
from workbench.cli.export import TABLES
from workbench.export.selection_file import FORMATS
from workbench.export.workbooks import TABLES as MAKERS

SOME = ("--procedure", PROCEDURE, "--province", "H29", "--quiet")


def sheets(path: Path) -> dict[str, list[tuple]]:
    book = openpyxl.load_workbook(path)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell.value for cell in cells if cell.data_type == "f"], "no formula"
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


def test_the_command_offers_every_table():
    assert {"events", *MAKERS} <= set(TABLES)


@pytest.mark.parametrize("ending", FORMATS)
def test_every_log_format_is_written(invoke: Invoke, small, tmp_path, ending):
    path = tmp_path / f"log{ending}"
    done = invoke("export", path, "--store", small, *SOME, "--json")
    assert done.code == 0 and done.json["dossiers"] > 0 and path.stat().st_size > 100


def test_received_and_handled_with_their_identities(invoke: Invoke, small, tmp_path):
    path = tmp_path / "received.xlsx"
    words = ("--from", "2025-01-01", "--to", "2025-12-31", "--quiet")
    assert invoke("export", path, "--store", small, "--table", "received", *words).code == 0
    found = sheets(path)
    head, *rows = found["Theo thủ tục"]
    assert head[:5] == ("Đơn vị, lĩnh vực", "Tổng số", "Từ kỳ trước", "Trực tiếp, dịch vụ bưu chính", "Qua mạng")
    assert "Đã giải quyết: quá hạn" in head and "Đang giải quyết: quá hạn" in head, "columns can be told apart"
    assert rows[-1][0] == "Tổng cộng" and all(isinstance(value, int) for row in rows for value in row[1:])
    at = {name: place for place, name in enumerate(head)}
    for row in rows:
        assert row[1] == sum(row[2:5]) == row[at["Đã giải quyết"]] + row[at["Đang giải quyết"]]
    assert rows[-1][1] == sum(row[1] for row in rows[:-1]) > 0
    assert found["Đẳng thức"][0][0] == "Bảng" and all(row[-1] is True for row in found["Đẳng thức"][1:])
    notes = {row[0]: row[1] for row in found["i"]}
    assert notes["Kỳ báo cáo"] == "01/01/2025 – 31/12/2025" and "giả lập" in notes["Dữ liệu"]
    assert "cần kiểm tra" in notes["Mẫu biểu"], "the form is general knowledge"


def test_watch_list_and_quarantine(invoke: Invoke, small, tmp_path):
    assert invoke("export", tmp_path / "w.xlsx", "--store", small, "--table", "watch", "--quiet").code == 0
    head, *rows = sheets(tmp_path / "w.xlsx")["Danh sách theo dõi"]
    assert head[:5] == ("Mã hồ sơ", "Mã thủ tục", "Mã tỉnh", "Mã cơ quan", "Loại")
    assert {row[4] for row in rows} <= {"Quá hạn", "Sắp đến hạn", "Không có xử lý mới"}
    assert all(row[6] is None or isinstance(row[6], int | float) for row in rows)
    done = invoke("export", tmp_path / "q.csv", "--store", small, "--table", "quarantine", "--json", "--quiet")
    assert [Path(one).name for one in done.json["paths"]] == ["q.csv", "q-Lý do từ chối.csv"]


def test_a_refused_row_reaches_the_workbook_as_text(invoke: Invoke, tmp_path):
    evil = '=HYPERLINK("http://x")'
    (tmp_path / "log.csv").write_text(
        "ma_ho_so,buoc,thoi_diem_xu_ly,ma_tinh,ma_thu_tuc\n"
        "A,Tiếp nhận,2024-03-04 08:00,H01,1.000001\nA,Trả kết quả,2024-03-05 08:00,H01,1.000001\n"
        'B,"' + evil.replace('"', '""') + '",hôm qua,H01,1.000001\n',
        "utf-8",
    )
    assert invoke("load", tmp_path / "log.csv", "--store", tmp_path / "s.duckdb", "--quiet").code == 0
    path = tmp_path / "q.xlsx"
    assert invoke("export", path, "--store", tmp_path / "s.duckdb", "--table", "quarantine", "--quiet").code == 0
    head, *rows = sheets(path)["Dòng bị từ chối"]
    assert head == ("Lần nạp", "Nguồn", "Dòng", "Cột", "Giá trị", "Lý do", "Nội dung dòng")
    (row,) = rows
    assert row[2] == 4 and row[4] == "hôm qua" and row[5] == "không đọc được thời điểm" and "HYPERLINK" in row[6]
    assert sheets(path)["Lý do từ chối"][1][-1] == 1


def test_indicators_as_a_table(invoke: Invoke, small, tmp_path):
    assert invoke("export", tmp_path / "i.parquet", "--store", small, "--table", "indicators", "--quiet").code == 0
    table = pd.read_parquet(tmp_path / "i.parquet")
    assert {"2.1", "4.5b"} <= set(table["Mã chỉ số"]) and pd.api.types.is_float_dtype(table["Tỷ lệ"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("x.odt",), "x.odt"),
        (("x.xes", "--table", "watch"), "x.xes"),
        (("nowhere/x.csv",), "Không ghi được"),
        (("nowhere/x.xlsx", "--table", "received"), "Không ghi được"),
        (("x.csv", "--procedure", "9.999999"), "9.999999"),
    ],
)
def test_what_cannot_be_written(invoke: Invoke, small, tmp_path, words, said):
    done = invoke("export", *words, "--store", small, "--quiet")
    assert done.code != 0 and said in done.err and "Traceback" not in done.err
    assert list(tmp_path.iterdir()) == []
