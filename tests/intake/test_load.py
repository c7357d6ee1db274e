"""Files of every kind end as the same dossiers and events, counted and told."""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest

from tests.conftest import shared_log
from tests.intake.conftest import EVENTS, NOW, csv
from workbench.errors import MappingError
from workbench.intake import load, preview
from workbench.sources.profiles import write_profile

CODE = "000.17.22.H56-210531-0001"


def codes(report) -> list[str]:
    return [notice.code for notice in report.notices]


def test_a_vietnamese_csv_becomes_dossiers_and_events(loaded, ask):
    report = loaded(
        {
            "log.csv": csv(
                "H1,Tie\u0302\u0301p  nhận ,31/12/2024 08:05",
                "H1,Trả kết quả,02/01/2025 16:30:15",
                "H2,Tiếp nhận,2025-01-03T08:00:00",
            )
        },
        constants={"province": "H01", "procedure": "1.012783.H61"},
    )
    assert (report.rows_in, report.rows_loaded, report.dossiers, report.events) == (3, 3, 2, 3)
    assert ask(EVENTS) == [
        ("H1", "Tiếp nhận", datetime(2024, 12, 31, 8, 5)),
        ("H1", "Trả kết quả", datetime(2025, 1, 2, 16, 30, 15)),
        ("H2", "Tiếp nhận", datetime(2025, 1, 3, 8)),
    ]
    assert ask("select distinct province_code, procedure_code from dossier") == [("H01", "1.012783")]
    assert "naive_taken_as_local" in codes(report)


def test_attributes_on_events_are_the_dossiers_first_values(loaded, ask):
    heading = "Mã hồ sơ,Bước,Lúc,Ngày hẹn trả,Kênh thực hiện,Mã TTHC,Lĩnh vực,Loại đối tượng"
    report = loaded(
        {
            "log.csv": csv(
                "H1,a,2025-01-01 08:00,,2,1.000001.01,Đất đai,1",
                "H1,b,2025-01-02 08:00,2025-01-20,2,1.000001.01,Đất đai,1",
                "H1,c,2025-01-03 08:00,2025-01-22,2,1.000001.01,Đất đai,1",
                "H2,a,2025-01-01 09:00,2025-01-21,Trực tiếp,1.000002,Hộ tịch,2",
                heading=heading,
            )
        },
        constants={"province": "H01"},
    )
    assert ask(
        "select dossier_code, due_at, channel, procedure_code, procedure_variant, applicant_type, extra from dossier order by 1"
    ) == [
        ("H1", datetime(2025, 1, 20), "online", "1.000001", "01", "citizen", '{"Lĩnh vực":"Đất đai"}'),
        ("H2", datetime(2025, 1, 21), "desk", "1.000002", None, "business", '{"Lĩnh vực":"Hộ tịch"}'),
    ]
    assert [notice.facts for notice in report.notices if notice.code == "attribute_differs"] == [
        {"column": "due_at", "dossiers": 1}
    ]


def test_a_set_of_dossier_event_and_pause_files_is_one_load(loaded, ask):
    report = loaded(
        {
            "dossiers.csv": csv(
                "H1,H01,2025-01-01 08:00,2025-01-09 17:00,1.000001",
                "H2,H02,2025-01-02 08:00,2025-01-10 17:00,1.000001",
                heading="Mã hồ sơ,Mã tỉnh,Ngày tiếp nhận,Ngày hẹn trả,Mã TTHC",
            ),
            "events.csv": csv("H1,a,2025-01-01 08:00", "H2,a,2025-01-02 08:00", "H9,a,2025-01-02 08:00"),
            "pauses.csv": csv(
                "H1,2025-01-03 08:00,2025-01-05 08:00", heading="Mã hồ sơ,Ngày bổ sung,Ngày tiếp nhận bổ sung"
            ),
        }
    )
    assert (report.rows_in, report.dossiers, report.events, report.reasons) == (6, 2, 2, {"event_without_dossier": 1})
    assert ask("select d.dossier_code, d.province_code from event e join dossier d using (dossier_key) order by 1") == [
        ("H1", "H01"),
        ("H2", "H02"),
    ]
    assert ask("select paused_from, paused_to, reason from pause") == [
        (datetime(2025, 1, 3, 8), datetime(2025, 1, 5, 8), "supplement")
    ]
    assert ask("select source like '%events.csv', line, reason from quarantine") == [(True, 4, "event_without_dossier")]


def canonical() -> dict[str, pd.DataFrame]:
    dossiers = pd.DataFrame(
        {
            "dossier_code": ["H1", "H2"], "province_code": ["H01", "H02"], "procedure_code": "1.000001",
            "accepted_at": pd.to_datetime(["2025-01-01 08:00", "2025-01-02 08:00"]),
            "closed_at": pd.to_datetime(["2025-01-04 09:00", None]), "applicant": ["Ông A", "Bà B"],
            "applicant_id": ["012345678901", "000000001"], "status": [9, 4], "digitised": [True, False],
        }
    )  # fmt: skip
    events = pd.DataFrame(
        [
            ("H01", "H1", "Tiếp nhận hồ sơ", 2, "2025-01-01 08:00", "Cán bộ một cửa"),
            ("H01", "H1", "Thẩm định", 4, "2025-01-03 08:00", "Trần Văn C"),
            ("H01", "H1", "Kết thúc xử lý hồ sơ", 9, "2025-01-04 09:00", "Chuyên viên"),
            ("H02", "H2", "Tiếp nhận hồ sơ", 2, "2025-01-02 08:10", "Cán bộ một cửa"),
            ("H02", "H2", "Tiếp nhận hồ sơ", 2, "2025-01-02 08:20", "Lê Thị D"),
        ],
        columns=["province_code", "dossier_code", "label", "status", "completed_at", "officer"],
    )
    events["completed_at"] = pd.to_datetime(events["completed_at"])
    pauses = pd.DataFrame(
        {"province_code": ["H01"], "dossier_code": ["H1"], "paused_from": pd.to_datetime(["2025-01-02"]),
         "paused_to": pd.to_datetime(["2025-01-03"]), "reason": ["financial_duty"]}
    )  # fmt: skip
    return {"dossiers-1.parquet": dossiers, "events-1.parquet": events, "pauses-1.parquet": pauses}


def test_a_folder_in_canonical_columns(folder: Path, target, write, ask):
    write({**canonical(), "truth.json": '{"deviations": [{"kind": "x", "steps": ["a"]}]}', "notes.txt": "hello"})
    report = load(target, [folder], now=NOW)
    assert (report.rows_in, report.rows_loaded, report.dossiers, report.events) == (8, 8, 2, 5)
    assert sorted(Path(one.path).name for one in report.skipped) == ["notes.txt", "truth.json"]
    assert ask("select reason, count(*) from pause group by 1") == [("financial_duty", 1)]
    assert ask("select status, digitised, outcome from dossier order by dossier_code") == [
        (9, True, "done"),
        (4, False, "open"),
    ]


def test_invented_first_and_last_events_are_told_from_real_ones(folder: Path, target, write, ask):
    write(canonical())
    load(target, [folder], now=NOW)
    assert ask("select officer_key is not null, position, artefact from event order by completed_at") == [
        (True, None, "synthetic_first"),
        (True, 0, None),
        (True, 1, None),
        (True, 0, None),
        (True, None, "synthetic_last,default_officer"),
    ]


def test_the_same_files_again_change_nothing(folder: Path, target, write):
    write({**canonical(), "truth.json": "{}"})
    load(target, [folder], now=NOW)
    before = target.version()
    again = load(target, [folder], now=NOW)
    assert (again.load_id, again.status, again.already) == (None, "already", (1,))
    assert target.version() == before


def test_only_new_files_of_a_folder_are_loaded(folder: Path, target, write, ask):
    write({"a.csv": csv("H1,a,2025-01-01 08:00")})
    load(target, [folder], constants={"province": "H01", "procedure": "P"}, now=NOW)
    write({"b.csv": csv("H1,b,2025-01-02 08:00", "H2,a,2025-01-02 08:00")})
    report = load(target, [folder], constants={"province": "H01", "procedure": "P"}, now=NOW)
    assert (report.rows_in, report.already) == (2, (1,))
    assert ask(EVENTS) == [
        ("H1", "a", datetime(2025, 1, 1, 8)),
        ("H1", "b", datetime(2025, 1, 2, 8)),
        ("H2", "a", datetime(2025, 1, 2, 8)),
    ]


def test_events_that_come_later_do_not_change_their_dossier(loaded, ask):
    loaded({"d.csv": csv("H1,H01,2025-01-01 08:00,1.000001", heading="Mã hồ sơ,Mã tỉnh,Ngày tiếp nhận,Mã TTHC")})
    report = loaded({"e.csv": csv("H1,a,2025-01-01 09:00")})
    assert ask("select dossier_code, province_code, procedure_code, event_count from dossier") == [
        ("H1", "H01", "1.000001", 1)
    ]
    assert "unknown_procedure" not in codes(report)


def test_what_nobody_says_is_filed_under_a_question_mark_and_said(loaded, ask):
    report = loaded({"e.csv": csv("H1,a,2025-01-01 09:00", f"{CODE},a,2025-01-01 09:00")})
    assert ask("select dossier_code, province_code, procedure_code, agency_code from dossier order by 1") == [
        (CODE, "H56", "?", "000.17.22.H56"),
        ("H1", "?", "?", None),
    ]
    facts = {notice.code: notice.facts for notice in report.notices}
    assert (facts["unknown_province"], facts["unknown_procedure"]) == ({"dossiers": 1}, {"dossiers": 2})


def test_the_files_name_can_be_the_organisation(loaded, ask):
    loaded(
        {"Quan 1.csv": csv("H1,a,2025-01-01 09:00"), "Quan 2.csv": csv("H1,a,2025-01-01 09:00")},
        constants={"province": "@file", "procedure": "P"},
    )
    assert ask("select province_code, count(*) from dossier group by 1 order by 1") == [("Quan 1", 1), ("Quan 2", 1)]


def test_repeated_rows_are_duplicates_and_rows_that_differ_are_not(loaded, ask):
    heading = "Mã hồ sơ,Bước,Bắt đầu,Kết thúc"
    report = loaded(
        {
            "log.csv": csv(
                "H1,a,2025-01-01 08:00,2025-01-01 09:00",
                "H1,a,2025-01-01 08:00,2025-01-01 09:00",
                "H1,a,2025-01-01 08:30,2025-01-01 09:00",
                heading=heading,
            )
        },
        constants={"time": "@column:Kết thúc"},
    )
    assert (report.rows_in, report.rows_loaded, report.rows_duplicate) == (3, 2, 1)
    assert ask("select started_at from event order by 1") == [
        (datetime(2025, 1, 1, 8),),
        (datetime(2025, 1, 1, 8, 30),),
    ]


XES = """<log><trace><string key="concept:name" value="c1"/>{}</trace></log>"""


def xes_event(label: str, day: int, transition: str = "complete") -> str:
    return (
        f'<event><string key="concept:name" value="{label}"/><string key="lifecycle:transition" value="{transition}"/>'
        f'<date key="time:timestamp" value="2025-01-{day:02d}T08:00:00+07:00"/></event>'
    )


def test_equal_events_of_a_log_are_all_kept(loaded):
    report = loaded({"log.xes": XES.format(xes_event("a", 1) * 3)})
    assert (report.rows_in, report.events, report.rows_duplicate) == (3, 3, 0)


def test_starts_are_joined_to_their_completions_first_come_first_served(loaded, ask):
    events = [
        ("a", 1, "start"),
        ("a", 2, "start"),
        ("a", 3, "complete"),
        ("b", 3, "complete"),
        ("a", 4, "complete"),
        ("a", 5, "start"),
        ("c", 6, "suspend"),
    ]
    report = loaded({"log.xes": XES.format("".join(xes_event(*one) for one in events))})
    assert ask(
        "select a.label, day(started_at), day(completed_at) from event e join activity a using (activity_id) "
        "order by coalesce(completed_at, started_at), a.label"
    ) == [("a", 1, 3), ("b", None, 3), ("a", 2, 4), ("a", 5, None)]
    assert (report.rows_in, report.rows_loaded, report.reasons) == (7, 6, {"other_transition": 1})
    assert next(notice.facts["joined"] for notice in report.notices if notice.code == "starts_joined") == 2


def test_zoned_times_are_converted_or_keep_their_clock(write, target, tmp_path: Path):
    from workbench.store import open_store

    (path,) = write({"log.csv": csv("H1,a,2025-01-01T08:00:00+02:00", "H1,b,2025-01-01T08:00:00Z")})
    report = load(target, [path], now=NOW)
    assert "zone_converted" in codes(report)
    assert [row[2].hour for row in target.con.execute(EVENTS).fetchall()] == [13, 15]
    with open_store(tmp_path / "kept.duckdb") as kept:
        report = load(kept, [path], constants={"time_zone": "keep"}, now=NOW)
        assert "clock_kept" in codes(report)
        assert [row[2].hour for row in kept.con.execute(EVENTS).fetchall()] == [8, 8]


def test_a_portal_dump(loaded, ask):
    dossier = {
        "MaHoSo": CODE, "MaTTHC": "1.012783.000.00.00.H56", "TenTTHC": "Cấp đổi", "KenhThucHien": 2, "ChuHoSo": "Nguyễn Văn A",
        "LoaiDoiTuong": "1", "SoDienThoai": "0912345678", "TrichYeuHoSo": "Cấp đổi", "NgayNopHoSo": "20210530101500",
        "NgayTiepNhan": "2021-05-31T08:15:00.000", "NgayHenTra": "20210607170000", "TrangThaiHoSo": "10",
        "NgayKetThucXuLy": "20210604160000", "NgayTra": "20210605090000", "HoSoCoThanhPhanSoHoa": "1", "MaHoSoKhac": "L-77",
        "TaiKhoanDuocXacThucVoiVNeID": "0", "DuocThanhToanTrucTuyen": 1, "DanhSachLePhi": [{"Gia": "50.000"}],
        "DinhDanhCHS": [{"LoaiDinhDanh": 1, "SoDinhDanh": "000000001"}],
        "DanhSachHoSoBoSung": [{"NgayBoSung": "20210601080000", "NgayTiepNhanBoSung": "20210602080000",
                                "NgayHenTraTruoc": "20210607170000", "NgayHenTraMoi": "20210608170000"}],
    }  # fmt: skip
    events = [
        {"MaHoSo": CODE, "NguoiXuLy": "Cán bộ một cửa", "ThoiDiemXuLy": "20210531081500", "NoiDungXuLy": "Tiếp nhận hồ sơ", "TrangThai": 2},
        {"MaHoSo": CODE, "NguoiXuLy": "Chuyên viên", "ThoiDiemXuLy": "20210601080000", "NoiDungXuLy": "Yêu cầu bổ sung", "TrangThai": 4},
        {"MaHoSo": CODE, "NguoiXuLy": "Trần B", "ChucDanh": "LĐ", "PhongBanXuLy": "P1", "NgayBatDau": "20210602080000",
         "ThoiDiemXuLy": "20210604160000", "NoiDungXuLy": "Ký", "TrangThai": "9", "NgayKetThucTheoQuyDinh": "20210604170000"},
    ]  # fmt: skip
    report = loaded(
        {"dossiers.json": json.dumps({"isUpdating": "False", "data": [dossier]}), "events.json": json.dumps(events)}
    )
    assert (report.rows_in, report.dossiers, report.events) == (4, 1, 3)
    assert ask(
        "select province_code, agency_code, procedure_code, procedure_name, channel, applicant_type, status, submitted_at, "
        "accepted_at, due_at, closed_at, returned_at, digitised, identity_verified, fee_paid_online, fee_vnd, outcome from dossier"
    ) == [
        (
            "H56", "000.17.22.H56", "1.012783", "Cấp đổi", "online", "citizen", 10, datetime(2021, 5, 30, 10, 15),
            datetime(2021, 5, 31, 8, 15), datetime(2021, 6, 7, 17), datetime(2021, 6, 4, 16), datetime(2021, 6, 5, 9),
            True, False, 1, 50000.0, "done",
        )
    ]  # fmt: skip
    assert ask("select paused_from, paused_to, due_before, due_after from pause") == [
        (datetime(2021, 6, 1, 8), datetime(2021, 6, 2, 8), datetime(2021, 6, 7, 17), datetime(2021, 6, 8, 17))
    ]
    assert ask("select artefact, status, unit, role, started_at, step_due_at from event order by completed_at") == [
        ("synthetic_first,empty_step_fields", 2, None, None, None, None),
        ("default_officer,default_status,empty_step_fields", 4, None, None, None, None),
        (None, 9, "P1", "LĐ", datetime(2021, 6, 2, 8), datetime(2021, 6, 4, 17)),
    ]
    (extra,) = ask("select extra from dossier")[0]
    assert json.loads(extra) == {"MaHoSoKhac": "L-77", "artefact": "placeholder_identity,placeholder_summary"}


def test_the_one_stop_list_as_a_workbook(folder: Path, target, ask):
    import xlsxwriter

    path = folder / "DanhSach.xlsx"
    with xlsxwriter.Workbook(path) as book:
        moment = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        sheet = book.add_worksheet("Danh sách")
        sheet.write(0, 0, "DANH SÁCH HỒ SƠ")
        names = [
            "STT",
            "Mã hồ sơ",
            "Tên chủ hồ sơ",
            "Số giấy tờ",
            "Điện thoại",
            "Ngày tiếp nhận",
            "Ngày hẹn trả",
            "Trạng thái hồ sơ",
            "Mã TTHC",
        ]
        sheet.write_row(2, 0, names)
        for row, (code, status, due) in enumerate(
            [("H56.17-250801-0001", "Đã trả kết quả", "10/08/2025"), ("H56.17-250801-0002", "Đang xử lý", "chưa có")]
        ):
            sheet.write_row(3 + row, 0, [row + 1, code, "=CMD()" if row else "Nguyễn Văn A"])
            sheet.write_row(3 + row, 3, ["079123456789", "0912345678"])
            sheet.write_datetime(3 + row, 5, datetime(2025, 8, 1, 9 + row), moment)
            sheet.write_row(3 + row, 6, [due, status, "1.012783"])
    report = load(target, [path], constants={"date_order": "dmy"}, now=NOW)
    assert (report.rows_in, report.dossiers, report.events, report.rows_quarantined) == (2, 2, 0, 0)
    assert ask(
        "select dossier_code, accepted_at, due_at, status, province_code, procedure_code from dossier order by 1"
    ) == [
        ("H56.17-250801-0001", datetime(2025, 8, 1, 9), datetime(2025, 8, 10), 10, "H56", "1.012783"),
        ("H56.17-250801-0002", datetime(2025, 8, 1, 10), None, 4, "H56", "1.012783"),
    ]
    assert ask("select distinct extra from dossier where extra like '%Nguyễn%' or extra like '%0912%'") == []


def _list_export(path: Path) -> None:
    """The list as an office exports it: letterhead, two rows of merged headings, numbered columns, totals, signature."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    rows = {
        1: ["ỦY BAN NHÂN DÂN TỈNH X", None, None, None, None, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"],
        3: ["DANH SÁCH HỒ SƠ MỘT CỬA"],
        4: ["Từ ngày 01/03/2024 đến ngày 31/03/2024"],
        6: ["STT", "Mã hồ sơ", "Thủ tục hành chính", None, "Chủ hồ sơ", "Thời gian", None, None, "Trạng thái"],
        7: [None, None, "Mã thủ tục", "Tên thủ tục", None, "Ngày tiếp nhận", "Ngày hẹn trả", "Ngày trả kết quả"],
        8: [f"({number})" for number in range(1, 10)],
        9: [1, "000.00.01.H29-240304-0001", "1.004222", "Đăng ký thường trú", "Nguyễn Văn A", datetime(2024, 3, 4, 8),
            "18/03/2024 17:00", "08/03/2024 10:00", "Đã trả kết quả"],
        10: [2, None, "1.004222", "Đăng ký thường trú", "Trần Thị B", datetime(2024, 3, 4, 9)],
        11: [3, "000.00.01.H29-240305-0003", "1.004222", "Đăng ký thường trú", "Lê Văn C", datetime(2024, 3, 5, 9),
             "19/03/2024 17:00", None, "Đang xử lý"],
        12: [4, "000.00.01.H29-240305-0004"],
        13: ["Tổng cộng: 4 hồ sơ", None, None, None, None, None, 3, 1, 1],
        15: [None] * 7 + ["Người lập biểu"],
    }  # fmt: skip
    for number, row in rows.items():
        for column, value in enumerate(row, 1):
            sheet.cell(number, column, value)
    for merged in ("A1:D1", "A3:I3", "A6:A7", "B6:B7", "C6:D6", "E6:E7", "F6:H6", "I6:I7", "A13:E13"):
        sheet.merge_cells(merged)
    book.save(path)


def test_the_list_as_an_office_exports_it(folder: Path, target, ask):
    _list_export(folder / "list.xlsx")
    (seen,) = preview([folder / "list.xlsx"]).tables
    assert seen.mapping.columns() == {
        "dossier_code": "Mã hồ sơ", "procedure_code": "Mã thủ tục", "procedure_name": "Tên thủ tục", "applicant": "Chủ hồ sơ",
        "accepted_at": "Ngày tiếp nhận", "due_at": "Ngày hẹn trả", "returned_at": "Ngày trả kết quả", "status": "Trạng thái",
    }  # fmt: skip
    report = load(target, [folder / "list.xlsx"], now=NOW)
    assert (report.rows_in, report.rows_loaded, report.reasons) == (4, 3, {"missing_dossier_code": 1})
    assert ask("select line from quarantine") == [(10,)]
    assert ask("select dossier_code, procedure_code, accepted_at, due_at, returned_at, status from dossier order by 1") == [
        ("000.00.01.H29-240304-0001", "1.004222", datetime(2024, 3, 4, 8), datetime(2024, 3, 18, 17), datetime(2024, 3, 8, 10), 10),
        ("000.00.01.H29-240305-0003", "1.004222", datetime(2024, 3, 5, 9), datetime(2024, 3, 19, 17), None, 4),
        ("000.00.01.H29-240305-0004", "?", None, None, None, None),
    ]  # fmt: skip


HANDED = "MaHoSo,ThoiGian,ThaoTac,TrangThai,NodeQuyTrinh,NguoiGui,NguoiNhan,NgayHetHanBuocXuLy,NoiDung"
FILED = "MaHoSo,DonViId,KenhThucHien,MaTTHC,NgayTiepNhan,NgayHenTra,NgayYeuCauBoSung,NgayCongDanBoSung,TrangThaiHoSoId,LyDoBoSung"


def test_a_hand_over_log_with_its_dossiers(loaded, ask):
    """Sender and receiver stand in one row of the log, the supplement's dates on the dossier's row."""
    code = "H56.17-250801-000"
    report = loaded(
        {
            "HoSos.csv": csv(
                f"{code}1,H56.17,2,1.012783,2025-08-01 09:00,2025-08-11 17:00,2025-08-03 08:00,2025-08-04 08:00,9,thiếu giấy",
                f"{code}2,H56.17,1,1.012783,2025-08-01 10:00,2025-08-11 17:00,2025-08-05 08:00,2025-08-04 08:00,4,",
                f"{code}3,H56.17,1,1.012783,2025-08-01 11:00,2025-08-11 17:00,,,4,",
                heading=FILED,
            ),
            "QuaTrinhXuLyHoSos.csv": csv(
                f"{code}1,2025-08-01 09:00,Tiếp nhận,2,N1,Lê A,Trần B,2025-08-01 17:00,",
                f"{code}1,2025-08-10 15:00,Ký duyệt,9,N3,Trần B,Lê A,2025-08-10 17:00,xong",
                heading=HANDED,
            ),
        }
    )
    assert (report.rows_in, report.dossiers, report.events) == (5, 3, 2)
    assert ask("select paused_from, paused_to, reason from pause") == [
        (datetime(2025, 8, 3, 8), datetime(2025, 8, 4, 8), "supplement")
    ]
    assert [notice.facts["rows"] for notice in report.notices if notice.code == "inverted_pauses"] == [1]
    assert ask(
        "select a.label, e.status, e.step_due_at from event e join activity a using (activity_id) order by 2"
    ) == [
        ("Tiếp nhận", 2, datetime(2025, 8, 1, 17)),
        ("Ký duyệt", 9, datetime(2025, 8, 10, 17)),
    ]
    assert ask("select distinct province_code, agency_code, extra from dossier") == [("H56", "H56.17", None)]


def test_a_profile_is_used_again(write, target, tmp_path: Path, ask):
    heading = "Cột 1,Cột 2,Cột 3"
    (path,) = write({"log.csv": csv("H1,a,03/04/2025 08:00", heading=heading)})
    said = {
        "case": "@column:Cột 1",
        "label": "@column:Cột 2",
        "time": "@column:Cột 3",
        "date_order": "dmy",
        "province": "H01",
    }
    report = load(target, [path], constants=said, now=NOW)
    write_profile(report.profile, tmp_path / "house.toml")
    (later,) = write({"later.csv": csv("H2,b,05/06/2025 08:00", heading=heading)})
    load(target, [later], profile=tmp_path / "house.toml", now=NOW)
    assert ask(EVENTS) == [("H1", "a", datetime(2025, 4, 3, 8)), ("H2", "b", datetime(2025, 6, 5, 8))]
    with pytest.raises(MappingError, match="No table of the profile fits"):
        load(target, write({"other.csv": csv("H1,a,2025-01-01")}), profile=tmp_path / "house.toml", now=NOW)


def test_a_preview_shows_tables_mapping_and_masked_rows(write):
    heading = "Mã hồ sơ,Chủ hồ sơ,Ngày tiếp nhận,Địa chỉ"
    found = preview(write({"d.csv": csv("H1,Nguyễn Văn A,2025-01-01,Hà Nội", heading=heading)}))
    (table,) = found.tables
    assert table.mapping.columns() == {
        "dossier_code": "Mã hồ sơ",
        "applicant": "Chủ hồ sơ",
        "accepted_at": "Ngày tiếp nhận",
    }
    assert table.sample.to_dict("records") == [
        {"Mã hồ sơ": "H1", "Chủ hồ sơ": "***", "Ngày tiếp nhận": "2025-01-01", "Địa chỉ": "***"}
    ]
    assert table.problem is None
    assert json.dumps(table.to_dict(), ensure_ascii=False).count("Nguyễn") == 0


def test_a_preview_says_what_is_missing_instead_of_failing(write):
    found = preview(write({"d.csv": csv("H1,a", heading="Mã hồ sơ,Bước")}))
    assert found.tables[0].problem is not None
    assert found.tables[0].problem.facts["missing"] == ["completed_at"]


def test_progress_is_told_and_may_cancel(write, target):
    from workbench.errors import Cancelled

    def stop(stage: str, done: float, total: float) -> None:
        if stage == "type":
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        load(target, write({"a.csv": csv("H1,a,2025-01-01 08:00")}), now=NOW, progress=stop)
    assert target.scalar("select count(*) from load") == 0


# real logs ------------------------------------------------------------------------------------------------
def test_the_receipt_log(target, ask):
    report = load(
        target, [shared_log("receipt_WABO_CoSeLoG.xes.gz")], constants={"province": "G", "procedure": "WABO"}, now=NOW
    )
    assert (report.rows_in, report.dossiers, report.events, report.rows_duplicate) == (8577, 1434, 8577, 0)
    assert ask("select count(closed_at), count(*) filter (closed_at > due_at) from dossier") == [(1329, 377)]
    assert ask("select count(*), count(distinct activity_id) from event where position is not null") == [(8577, 27)]
    assert {row[0] for row in ask("select distinct channel from dossier")} == {"desk", "online", "post", "Intern"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("log", "events", "reasons"),
    [
        ("BPIC15_{}f", [(902, 21656), (681, 24678), (1369, 43786)], {}),
        ("CoSeLoG_WABO_{}", [(937, 38943), (645, 33373), (1087, 44801)], {"missing_label": 1}),
    ],
)
def test_permit_logs_of_three_municipalities(target, ask, log: str, events: list, reasons: dict):
    """One event of CoSeLoG_WABO_1 has no activity."""
    names = [log.format(number) for number in (1, 2, 3)]
    files = [shared_log(f"{name}.xes.gz") for name in names]
    report = load(target, files, constants={"province": "@file", "procedure": "WABO"}, now=NOW)
    assert (report.rows_duplicate, report.reasons) == (0, reasons)
    found = ask("select province_code, count(*), sum(event_count)::int from dossier group by 1 order by 1")
    assert found == [(name, *counts) for name, counts in zip(names, events, strict=True)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "dossiers", "rows", "repeated"),
    [("Application_to_Approval_Government_Agency", 23506, 110659, 87), ("PurchasingExample", 608, 9119, 0)],
)
def test_logs_with_start_and_end(target, ask, name: str, dossiers: int, rows: int, repeated: int):
    report = load(target, [shared_log(f"{name}.csv.gz")], constants={"province": "G", "procedure": "P"}, now=NOW)
    assert (report.dossiers, report.rows_in, report.rows_duplicate) == (dossiers, rows, repeated)
    assert ask("select count(*) from event where started_at is null or started_at > completed_at") == [(0,)]


def test_packed_text_is_loaded(loaded):
    report = loaded({"log.csv.gz": gzip.compress(csv("H1,a,2025-01-01 08:00").encode())})
    assert report.rows_loaded == 1


@pytest.mark.slow
def test_progress_moves_within_a_long_step(target, folder: Path, monkeypatch):
    """Reading and typing one file report shares on the way, from which throughput and remaining time follow."""
    monkeypatch.setattr("workbench.watching._POLL_SECONDS", 0.005)  # a quick machine is done within a poll
    path = folder / "long.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("Mã hồ sơ,Nội dung xử lý,Thời điểm xử lý\n")
        file.writelines(f"H{n // 4},b{n % 4},2025-01-{n % 27 + 1:02} 08:{n % 60:02}\n" for n in range(400_000))
    seen: dict[str, list[tuple[float, float]]] = {}
    load(target, [path], now=NOW, progress=lambda stage, done, total: seen.setdefault(stage, []).append((done, total)))
    for stage, total in (("read", path.stat().st_size), ("type", 400_000)):
        told = [done for done, of in seen[stage] if of == total]
        assert told == sorted(told) and told[-1] == total
        assert any(0 < done < total for done in told), stage
