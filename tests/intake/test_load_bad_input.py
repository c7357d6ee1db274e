"""Bad input is a clear error with the store as before, or a quarantined row with its place and reason."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest

from tests.intake.conftest import EVENTS, NOW, csv
from tests.sources.test_encodings import TEXT, to_tcvn3
from tests.sources.test_xes import BOMB
from workbench.errors import FormatError, MappingError
from workbench.intake import load
from workbench.store import LogStore

GOOD = csv("G1,a,2025-01-01 08:00")


@pytest.fixture
def untouched(loaded, target: LogStore):
    """Loads a good file, and afterwards proves that the store holds just that."""
    loaded({"good.csv": GOOD}, constants={"province": "H01", "procedure": "P"})
    before = (target.version(), target.con.execute(EVENTS).fetchall())
    yield
    assert (target.version(), target.con.execute(EVENTS).fetchall()) == before
    assert target.con.execute("select count(*) from quarantine").fetchall() == [(0,)]


@pytest.mark.parametrize(
    ("name", "content", "kind", "message"),
    [
        ("a.csv", b"%PDF-1.7 ...", FormatError, "a PDF"),
        ("a.csv", b"", FormatError, "is empty"),
        ("a.csv", "Mã hồ sơ,Bước,Lúc\n", FormatError, "no rows"),
        ("a.csv.gz", gzip.compress(GOOD.encode() * 2000, mtime=0)[:-40], FormatError, "damaged or cut off"),
        ("a.xes.gz", gzip.compress(b"<log><trace/></log>", mtime=0)[:-4], FormatError, "damaged or cut off"),
        ("a.xes", BOMB, FormatError, "XML bomb|not well-formed"),
        ("a.json", '[{"MaHoSo": "1", "ThoiDiem', FormatError, "cut off"),
        ("a.json", '{"hello": []}', FormatError, "without records"),
        ("a.parquet", b"PAR1" + b"x" * 100, FormatError, "damaged or truncated Parquet"),
        ("a.csv", b"a|b|c\n1|" + to_tcvn3(TEXT).encode("latin-1") + b"|2025-01-01\n", FormatError, "TCVN3"),
        ("a.csv", csv("H1,a", heading="Mã hồ sơ,Bước"), MappingError, "completed_at"),
        ("a.csv", csv("a,2025-01-01", heading="Bước,Lúc"), MappingError, "dossier_code"),
        ("a.csv", csv("H1,a,03/04/2025", "H1,b,05/06/2025"), MappingError, "day/month or as month/day"),
        ("a.csv", csv("H1,a,31/12/2024", "H1,b,12/31/2024"), MappingError, "both orders"),
    ],
)  # fmt: skip
def test_an_error_that_says_what_to_do_and_leaves_the_store(untouched, write, target, name, content, kind, message):
    with pytest.raises(kind, match=message) as caught:
        load(target, write({name: content}), now=NOW)
    assert caught.value.fix


def test_one_bad_file_of_several_loads_nothing(untouched, write, target):
    with pytest.raises(FormatError):
        load(target, write({"a.csv": csv("H1,a,2025-01-01"), "b.csv": b"%PDF-1.7"}), now=NOW)


@pytest.mark.parametrize(("order", "day"), [("dmy", 3), ("mdy", 4)])
def test_ambiguous_dates_are_read_as_told(loaded, ask, order: str, day: int):
    loaded({"a.csv": csv("H1,a,03/04/2025 08:00")}, constants={"date_order": order})
    assert ask(EVENTS)[0][2].day == day


def test_one_clear_date_decides_for_the_column(loaded, ask):
    report = loaded({"a.csv": csv("H1,a,03/04/2025", "H1,b,13/04/2025")})
    assert [row[2] for row in ask(EVENTS)] == [datetime(2025, 4, 3), datetime(2025, 4, 13)]
    assert [notice.facts["order"] for notice in report.notices if notice.code == "date_order"] == ["dmy"]


def test_a_neighbour_decides_where_the_column_does_not(loaded, ask):
    heading = "Mã hồ sơ,Bước,Thời điểm,Ngày hẹn trả"
    loaded({"a.csv": csv("H1,a,03/04/2025,25/04/2025", heading=heading)})
    assert ask(EVENTS)[0][2] == datetime(2025, 4, 3)


def test_an_unknown_date_order_is_said(write, target):
    with pytest.raises(MappingError, match="date_order is 'ymd'") as caught:
        load(target, write({"a.csv": GOOD}), constants={"date_order": "ymd"}, now=NOW)
    assert "dmy, mdy" in caught.value.fix


def test_an_unknown_setting_is_said(write, target):
    with pytest.raises(MappingError, match="no 'colour' to set") as caught:
        load(target, write({"a.csv": GOOD}), constants={"colour": "red"}, now=NOW)
    assert "province_code" in caught.value.fix


def test_zoned_and_naive_times_in_one_column_are_both_read_and_said(loaded, ask):
    report = loaded({"a.csv": csv("H1,a,2025-01-01T08:00:00Z", "H1,b,2025-01-01T16:00:00")})
    assert [row[2].hour for row in ask(EVENTS)] == [15, 16]
    (mixed,) = [notice.facts for notice in report.notices if notice.code == "mixed_zones"]
    assert (mixed["zoned"], mixed["naive"]) == (1, 1)


ROWS = [
    ("H1,a,2025-01-01 08:00,", None),
    (",a,2025-01-01 08:00,", ("missing_dossier_code", "Mã hồ sơ", None)),
    ("H1,,2025-01-01 08:00,", ("missing_label", "Bước", None)),
    ("H1,a,,", ("missing_time", "Thời điểm", None)),
    ("H1,a,32/13/2025,", ("unreadable_time", "Thời điểm", "32/13/2025")),
    ("H1,a,chưa rõ,", ("unreadable_time", "Thời điểm", "chưa rõ")),
    ("H1,a,0024-01-01 08:00,", ("time_out_of_range", "Thời điểm", "0024-01-01 08:00")),
    ("H1,a,2025-01-01 08:00,2025-01-02 08:00", ("negative_duration", "Bắt đầu", "2025-01-02 08:00")),
    ("H1,b,2025-01-02 08:00,2025-01-01 08:00", None),
    ("H1,c,2025-01-03", ("csv_too_few_fields", "Bắt đầu", None)),
    ("H1,d,2025-01-04,,x,y", ("csv_too_many_fields", None, None)),
    ("=1+1,=cmd|' /C calc'!A0,2025-01-05 08:00,", None),
]


def test_bad_rows_are_quarantined_and_good_ones_load(loaded, ask):
    report = loaded({"a.csv": csv(*(row for row, _ in ROWS), heading="Mã hồ sơ,Bước,Thời điểm,Bắt đầu")})
    expected = [(line, *why) for line, (_, why) in enumerate(ROWS, start=2) if why is not None]
    assert ask("select line, reason, column_name, value from quarantine order by line") == expected
    assert (report.rows_in, report.rows_loaded, report.rows_quarantined) == (12, 3, 9)
    assert [row[:2] for row in ask(EVENTS)] == [("=1+1", "=cmd|' /C calc'!A0"), ("H1", "a"), ("H1", "b")]


def test_the_quarantined_row_is_kept_with_its_personal_fields_masked(loaded, ask):
    heading = "Mã hồ sơ,Bước,Thời điểm,Người xử lý,Ghi chú"
    rows = ("H1,a,Nguyễn Văn An,Lê Thị Bé,gọi bà Bé", "H1,b,2025-01-01,Lê Thị Bé,")
    loaded({"a.csv": csv(*rows, heading=heading)})
    ((value, row),) = ask('select value, "row" from quarantine')
    assert value == "***"
    assert json.loads(row) == {
        "Mã hồ sơ": "H1",
        "Bước": "a",
        "Thời điểm": "***",
        "Người xử lý": "***",
        "Ghi chú": "***",
    }


def test_one_dossier_code_several_times_is_one_dossier(loaded, ask):
    heading = "Mã hồ sơ,Ngày tiếp nhận,Ngày hẹn trả"
    rows = ["H1,2025-01-01,2025-01-10", "H1,2025-01-01,2025-01-10", "H1,2025-01-01,2025-01-12", "H2,2025-01-01,"]
    report = loaded({"d.csv": csv(*rows, heading=heading)}, constants={"province": "H01", "procedure": "P"})
    assert (report.rows_in, report.dossiers, report.rows_duplicate) == (4, 2, 1)
    assert ask("select dossier_code, due_at from dossier order by 1") == [("H1", datetime(2025, 1, 12)), ("H2", None)]


def test_a_bad_amount_is_quarantined(loaded, ask):
    heading = "Mã hồ sơ,Ngày tiếp nhận,Lệ phí"
    loaded({"d.csv": csv("H1,2025-01-01,50.000", "H2,2025-01-01,miễn", heading=heading)})
    assert ask("select dossier_code, fee_vnd from dossier") == [("H1", 50000.0)]
    assert ask("select line, reason, value from quarantine") == [(3, "unreadable_number", "miễn")]


def test_parquet_rows_without_what_they_need_are_quarantined(loaded, ask):
    frame = pd.DataFrame(
        {
            "dossier_code": ["H1", None, "H1"],
            "label": ["a", "a", None],
            "completed_at": pd.to_datetime(["2025-01-01"] * 3),
        }
    )
    report = loaded({"e.parquet": frame})
    assert report.reasons == {"missing_dossier_code": 1, "missing_label": 1}
    assert ask("select line, reason from quarantine order by line") == [
        (2, "missing_dossier_code"),
        (3, "missing_label"),
    ]


def test_a_xes_event_without_a_time_is_quarantined(loaded, ask):
    text = (
        '<log><trace><string key="concept:name" value="c"/><event><string key="concept:name" value="a"/></event>'
        '<event><string key="concept:name" value="b"/><date key="time:timestamp" value="2025-01-01T00:00:00Z"/></event>'
        "</trace></log>"
    )
    report = loaded({"log.xes": text})
    assert (report.events, report.reasons) == (1, {"missing_time": 1})
    assert ask("select line from quarantine") == [(1,)]


def test_sentinel_dates_mean_none(loaded, ask):
    heading = "Mã hồ sơ,Ngày tiếp nhận,Ngày trả"
    loaded({"d.csv": csv("H1,2025-01-01T08:00:00,0001-01-01T00:00:00", heading=heading)})
    assert ask("select returned_at from dossier") == [(None,)]


def test_an_impossible_date_beside_the_event_costs_only_itself(loaded, ask):
    heading = "Mã hồ sơ,Bước,Thời điểm,Ngày hẹn trả"
    report = loaded({"a.csv": csv("H1,a,2025-01-01 08:00,2925-01-10", "H1,b,2025-01-02 08:00,", heading=heading)})
    assert (report.events, ask("select due_at from dossier")) == (2, [(None,)])
    assert [notice.facts["rows"] for notice in report.notices if notice.code == "impossible_times"] == [1]


def test_unknown_codes_are_kept_or_null_and_said(loaded, ask):
    heading = "Mã hồ sơ,Ngày tiếp nhận,Kênh thực hiện,Trạng thái hồ sơ"
    report = loaded({"d.csv": csv("H1,2025-01-01,Bồ câu,77", "H2,2025-01-01,1,Đã trả kết quả", heading=heading)})
    assert ask("select channel, status from dossier order by dossier_code") == [("Bồ câu", None), ("desk", 10)]
    found = {
        notice.facts["column"]: notice.facts["values"] for notice in report.notices if notice.code == "unknown_codes"
    }
    assert found == {"Kênh thực hiện": "Bồ câu", "Trạng thái hồ sơ": "77"}


_BIG = """
import json, resource, sys
from datetime import datetime
from pathlib import Path
from workbench.intake import load
from workbench.store import open_store
folder = Path(sys.argv[1])
with open_store(folder / "s.duckdb", memory_limit="400MB") as store:
    load(store, [folder / "small.json"], now=datetime(2026, 1, 1))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    report = load(store, [folder / "big.json"], now=datetime(2026, 1, 1))
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"events": report.events, "grown_mb": (after - before) / 1024}))
"""


@pytest.mark.slow
def test_a_big_json_on_one_line_needs_little_memory(tmp_path: Path):
    """A hundred megabytes on one line: parsed into objects at once they would take about a gigabyte."""

    def record(number: int) -> dict:
        return {
            "MaHoSo": f"000.17.22.H56-210531-{number // 4:04d}", "NguoiXuLy": f"Cán bộ {number % 500}",
            "ThoiDiemXuLy": f"202105{number % 28 + 1:02d}08{number % 60:02d}00", "NoiDungXuLy": f"Bước {number % 4}",
            "GhiChu": "x" * 200, "TrangThai": 4,
        }  # fmt: skip

    (tmp_path / "small.json").write_text(json.dumps({"data": [record(0)]}))
    n = 300_000
    with (tmp_path / "big.json").open("w") as out:
        out.write('{"isUpdating": "False", "data": [')
        for number in range(1, n + 1):
            out.write(("," if number > 1 else "") + json.dumps(record(number)))
        out.write("]}")
    assert (tmp_path / "big.json").stat().st_size > 100e6
    done = subprocess.run([sys.executable, "-c", _BIG, str(tmp_path)], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert found["events"] == n
    assert found["grown_mb"] < 700
