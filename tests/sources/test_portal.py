"""Portal dumps and other JSON: every shape, streamed, and what nested lists say."""

from __future__ import annotations

import json

import pytest

from workbench.errors import FormatError
from workbench.sources.json_records import records
from workbench.sources.portal import read_json

CODE = "000.17.22.H56-210531-0001"
DOSSIER = {
    "MaHoSo": CODE,
    "MaTTHC": "1.012783",
    "NgayTiepNhan": "20210531081500",
    "DuocThanhToanTrucTuyen": 1,
    "DinhDanhCHS": [{"LoaiDinhDanh": 1, "SoDinhDanh": "012345678901"}],
    "DanhSachLePhi": [{"Gia": 20000}, {"Gia": "30000"}],
    "TaiLieuNop": [{"DuocSoHoa": 0}, {"DuocSoHoa": 1, "DuocLayTuKhoDMQG": "0"}],
    "DanhSachGiayToKetQua": [{"DuongDanTepTinKetQua": "https://x/y.pdf"}],
    "DanhSachHoSoBoSung": [
        {"NgayBoSung": "20210601080000", "NgayTiepNhanBoSung": "20210603090000", "NguoiYeuCauBoSung": "Nguyễn Văn A"},
        {"NgayBoSung": "20210605080000"},
    ],
}
EVENT = {
    "MaHoSo": CODE,
    "NguoiXuLy": "B",
    "ThoiDiemXuLy": "2021-05-31T08:15:00.000",
    "NoiDungXuLy": "x",
    "TrangThai": 2,
}
SHAPES = {
    "object": json.dumps({"isUpdating": "False", "data": [DOSSIER, DOSSIER]}),
    "array": json.dumps([DOSSIER, DOSSIER]),
    "lines": json.dumps(DOSSIER) + "\n" + json.dumps(DOSSIER),
    "lines of objects": "\n".join(json.dumps({"isUpdating": "True", "data": [DOSSIER]}) for _ in range(2)),
    "answer": json.dumps({"error_code": "0", "message": "ok", "a": 1, "b": 2, "c": 3, "data": [DOSSIER, DOSSIER]}),
    "pretty": json.dumps({"body": {"data": [DOSSIER, DOSSIER]}}, indent=2),
    "marked": "\ufeff" + json.dumps([DOSSIER, DOSSIER]),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_gives_the_dossiers_and_their_pauses(given, folder, shape: str):
    dossiers, pauses = read_json(given("dump.json", SHAPES[shape]), folder)
    assert (dossiers.format, dossiers.role, dossiers.rows, pauses.role, pauses.rows) == (
        "portal",
        "dossier",
        2,
        "pause",
        4,
    )
    assert pauses.derived


def test_nested_lists_are_drawn_out(given, folder, rows):
    dossiers, pauses = read_json(given("dump.json", json.dumps([DOSSIER])), folder)
    found = dict(zip(dossiers.columns, rows(dossiers)[0], strict=True))
    assert found == {
        "MaHoSo": CODE,
        "MaTTHC": "1.012783",
        "NgayTiepNhan": "20210531081500",
        "DuocThanhToanTrucTuyen": "1",
        "DinhDanhCHS.SoDinhDanh": "012345678901",
        "DanhSachLePhi.Gia": "50000",
        "TaiLieuNop.DuocSoHoa": "true",
        "TaiLieuNop.DuocTaiSuDung": "false",
        "DanhSachGiayToKetQua.DuongDanTepTinKetQua": "true",
    }
    assert rows(pauses) == [
        (CODE, "1.012783", "20210601080000", "20210603090000"),
        (CODE, "1.012783", "20210605080000", None),
    ]


def test_events_and_dossiers_in_one_file(given, folder):
    text = json.dumps({"DongBoHoSoMC": {"data": [DOSSIER]}, "CapNhatTienDoHoSoMC": {"data": [EVENT, EVENT]}})
    tables = read_json(given("dump.json", text), folder)
    assert [(table.role, table.rows) for table in tables] == [("dossier", 1), ("event", 2), ("pause", 2)]


def test_other_records_are_a_table_without_a_role(given, folder, rows):
    (table,) = read_json(
        given("log.json", '[{"case": 1, "user": {"id": 7}, "tags": [1]}, {"case": 2, "done": true}]'), folder
    )
    assert (table.format, table.role, list(table.columns)) == ("json", None, ["case", "user.id", "done"])
    assert rows(table) == [("1", "7", None), ("2", None, "true")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (json.dumps([DOSSIER] * 3)[:-300], "cut off or not well-formed JSON after 2 records"),
        ('[{"MaHoSo": 1}, oops]', "not well-formed JSON after 1 records"),
        ("{}", "without records"),
        ("[1, 2, 3]", "without records"),
    ],
)
def test_what_is_no_dump(given, folder, text: str, message: str):
    with pytest.raises(FormatError, match=message):
        read_json(given("dump.json", text), folder)


def test_a_record_without_end_is_stopped(given, monkeypatch):
    monkeypatch.setattr("workbench.sources.json_records.MAX_RECORD_TOKENS", 100)
    text = json.dumps([{str(n): n for n in range(1000)}])
    with pytest.raises(FormatError, match="more than 100 parts"):
        list(records(given("dump.json", text).path))


def test_a_limit_stops_early(given, folder):
    (table, _) = read_json(given("dump.json", json.dumps([DOSSIER] * 50)), folder, limit=3)
    assert table.rows == 3
