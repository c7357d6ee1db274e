"""Columns find their meaning by heading first and by value second."""

from __future__ import annotations

import pandas as pd
import pytest

from workbench.errors import MappingError
from workbench.sources.mapping import Mapping, propose, require

CODES = [f"000.17.22.H56-2105{n:02d}-0001" for n in range(1, 9)]
TIMES = [f"{n:02d}/12/2024 08:00" for n in range(1, 9)]


def proposed(columns: dict[str, list], role: str | None = None) -> Mapping:
    return propose(columns, pd.DataFrame(columns), role=role)


@pytest.mark.parametrize(
    ("code", "label", "time"),
    [
        ("MaHoSo", "NoiDungXuLy", "ThoiDiemXuLy"),
        ("Mã hồ sơ", "Nội dung xử lý", "Thời điểm xử lý"),
        ("MA_HO_SO", "TEN BUOC", "THOI GIAN"),
        ("Số hồ sơ", "Bước xử lý", "Ngày giờ"),
        ("case_id", "Activity", "Complete Timestamp"),
        ("case:concept:name", "concept:name", "time:timestamp"),
        ("Dossier No", "Step name", "end time"),
        ("Mã số hồ sơ", "Thao tác", "Thời điểm hoàn thành"),
        ("dossier_code", "label", "completed_at"),
    ],
)
def test_headings_in_two_languages(code: str, label: str, time: str):
    mapping = proposed({code: CODES, label: list("abcdabcd"), time: TIMES, "Ghi chú": list("xxxxxxxx")})
    assert mapping.role == "event"
    assert {"dossier_code": code, "label": label, "completed_at": time}.items() <= mapping.columns().items()
    assert mapping.missing() == ()


def test_confidence_and_reason_say_how_sure():
    mapping = proposed({"dossier_code": CODES, "Nội dung xử lý": list("abcdabcd"), "Thoi diem xu lyy": TIMES})
    found = {choice.target: (choice.reason, choice.confidence) for choice in mapping.choices}
    assert found == {
        "dossier_code": ("canonical", 1.0),
        "label": ("heading", 0.9),
        "completed_at": ("similar", 0.65),
    }


def test_values_decide_where_headings_do_not():
    mapping = proposed({"X1": CODES, "Activity": list("abcdabcd"), "X2": TIMES})
    assert mapping.columns() == {"label": "Activity", "dossier_code": "X1", "completed_at": "X2"}
    assert {choice.reason for choice in mapping.choices if choice.target != "label"} == {"values"}


def test_a_column_without_times_is_no_time():
    mapping = proposed({"MaHoSo": CODES, "Activity": list("abcdabcd"), "Thời gian": list("12345678"), "lúc": TIMES})
    assert mapping.column("completed_at") == "lúc"


def test_the_igate_list_is_a_table_of_dossiers():
    mapping = proposed(
        {
            "MaHoSo": CODES, "TenChuHoSo": list("abcdefgh"), "SoGiayTo": ["012345678901"] * 8, "Email": ["a@b.vn"] * 8,
            "DienThoai": ["0912345678"] * 8, "NgayTiepNhan": TIMES, "NgayHenTra": TIMES,
            "TrangThaiHoSo": ["4"] * 8, "MaTTHC": ["1.012783"] * 8, "EformId": ["77"] * 8,
        }
    )  # fmt: skip
    assert mapping.role == "dossier"
    assert mapping.columns() == {
        "dossier_code": "MaHoSo", "applicant": "TenChuHoSo", "applicant_id": "SoGiayTo", "applicant_email": "Email",
        "applicant_phone": "DienThoai", "accepted_at": "NgayTiepNhan", "due_at": "NgayHenTra",
        "status": "TrangThaiHoSo", "procedure_code": "MaTTHC",
    }  # fmt: skip
    assert mapping.extra == ("EformId",)


def test_case_attributes_of_a_log_are_the_dossiers():
    mapping = proposed(
        {
            "case:concept:name": CODES, "case:deadline": TIMES, "case:enddate": TIMES, "case:startdate": TIMES,
            "case:channel": ["Internet"] * 8, "case:department": ["General"] * 8, "case:responsible": ["R1"] * 8,
        },
        role="dossier",
    )  # fmt: skip
    assert mapping.columns() == {
        "dossier_code": "case:concept:name", "due_at": "case:deadline", "closed_at": "case:enddate",
        "submitted_at": "case:startdate", "channel": "case:channel", "agency_code": "case:department",
    }  # fmt: skip
    assert dict(mapping.unused) == {"case:responsible": "personal"}


def test_an_event_attribute_is_not_a_dossiers():
    mapping = proposed(
        {"case:concept:name": CODES, "concept:name": list("abcdabcd"), "time:timestamp": TIMES, "dueDate": TIMES},
        "event",
    )
    assert mapping.column("step_due_at") == "dueDate"


def test_pauses_are_recognised():
    mapping = proposed({"Mã hồ sơ": CODES, "Ngày bổ sung": TIMES, "Ngày tiếp nhận bổ sung": TIMES})
    assert mapping.role == "pause"
    assert mapping.columns() == {
        "dossier_code": "Mã hồ sơ",
        "paused_from": "Ngày bổ sung",
        "paused_to": "Ngày tiếp nhận bổ sung",
    }


@pytest.mark.parametrize(
    ("heading", "values", "reason"),
    [
        ("Địa chỉ", ["Hà Nội"] * 8, "personal"),
        ("Liên hệ khác", ["0912345678"] * 8, "personal"),
        ("Mô hình", [f"một câu dài số {n}" for n in range(16)], "free_text"),
        ("Rỗng", [None] * 8, "empty"),
    ],
)
def test_what_may_be_personal_is_not_kept(heading: str, values: list, reason: str):
    size = len(values)
    columns = {"MaHoSo": (CODES * 2)[:size], "NgayTiepNhan": (TIMES * 2)[:size], heading: values}
    mapping = proposed(columns)
    assert (heading, reason) in mapping.unused
    assert mapping.extra == ()


def test_attributes_that_do_not_change_within_a_dossier_are_kept():
    mapping = proposed(
        {
            "MaHoSo": ["a", "a", "b", "b"],
            "Activity": list("xyxy"),
            "Lúc": TIMES[:4],
            "Lĩnh vực": ["đ", "đ", "t", "t"],
            "Đợt": list("1212"),
        }
    )
    assert mapping.extra == ("Lĩnh vực",)


def test_an_attribute_of_events_is_not_the_dossiers_where_those_stand_apart():
    """It may name whoever did it, and a short log makes every one look constant."""
    columns = {
        "case:concept:name": ["a", "a"],
        "concept:name": ["x", "y"],
        "time:timestamp": TIMES[:2],
        "stamp": ["Luke", "Luke"],
    }
    mapping = proposed(columns, role="event")
    assert (mapping.extra, mapping.unused) == ((), (("stamp", "no_place"),))


@pytest.mark.parametrize("heading", ["invoice_inserter", "po_creator", "Approver", "Owner", "assignee"])
def test_who_did_it_is_personal_by_any_name(heading: str):
    mapping = proposed({"MaHoSo": CODES, "NgayTiepNhan": TIMES, heading: ["Luke"] * 8})
    assert (heading, "personal") in mapping.unused


def test_a_person_changes_the_mapping():
    mapping = proposed({"MaHoSo": CODES, "Activity": list("abcdabcd"), "Lúc": TIMES, "Việc": list("klmnklmn")})
    changed = mapping.with_column("label", "Việc")
    assert (changed.column("label"), mapping.column("label")) == ("Việc", "Activity")
    assert changed.with_column("label", None).missing() == ("label",)
    with pytest.raises(MappingError, match="no column 'paused_from'"):
        mapping.with_column("paused_from", "Lúc")


def test_a_missing_column_is_said_with_the_nearest():
    mapping = proposed({"MaHoSo": CODES, "Lúc": TIMES, "Nội dung công việcc": [None] * 8})
    with pytest.raises(MappingError) as caught:
        require(mapping, "log.csv", ["MaHoSo", "Lúc", "Nội dung công việcc"])
    text = str(caught.value)
    assert "log.csv" in text
    assert "label" in text
    assert caught.value.facts["nearest"][0] == "Nội dung công việcc"
    assert "MaHoSo, Lúc" in text


def test_the_status_says_what_was_done_when_nothing_else_does():
    mapping = proposed({"MaHoSo": CODES, "TrangThai": ["2", "4"] * 4, "ThoiDiemXuLy": TIMES})
    assert (mapping.role, mapping.missing()) == ("event", ())
