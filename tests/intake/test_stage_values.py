"""Values as the SQL reads them: times, amounts, codes, text, organisations."""

from __future__ import annotations

from datetime import datetime, timedelta

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.intake import values
from workbench.intake.times import TimePlan, parse
from workbench.sources.headings import fold


def value_of(sql: str, text: str | None):
    return duckdb.execute(f"select {sql} from (select ?::varchar as x)", [text]).fetchall()[0][0]


DAY = datetime(2024, 12, 31)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("31/12/2024 17:05", datetime(2024, 12, 31, 17, 5)),
        ("1/2/2024", datetime(2024, 2, 1)),
        ("31-12-2024 05:10 CH", datetime(2024, 12, 31, 17, 10)),
        ("31/12/2024 12:00:00 SA", DAY),
        ("31.12.2024 7:08:09", datetime(2024, 12, 31, 7, 8, 9)),
        ("17:10 31/12/2024", datetime(2024, 12, 31, 17, 10)),
        ("17:10:11, 31/12/2024", datetime(2024, 12, 31, 17, 10, 11)),
        ("2024-12-31T17:05:06.789", datetime(2024, 12, 31, 17, 5, 6, 789000)),
        ("2024-12-31 17:05", datetime(2024, 12, 31, 17, 5)),
        ("2024/12/31 17:05", datetime(2024, 12, 31, 17, 5)),
        ("2024-12-31", DAY),
        ("20241231170506", datetime(2024, 12, 31, 17, 5, 6)),
        ("20241231", DAY),
        ("45657", DAY),
        ("45657.5", datetime(2024, 12, 31, 12)),
        ("2024-12-31T10:00:00Z", datetime(2024, 12, 31, 17)),
        ("2024-12-31T10:00:00.5+02:00", datetime(2024, 12, 31, 15, 0, 0, 500000)),
        ("2024-12-31 10:00:00+0700", datetime(2024, 12, 31, 10)),
        ("31/02/2024", None),
        ("12/31/2024", None),
        ("20241301", None),
        ("2024-13-01", None),
        ("hôm qua", None),
        ("99999999999999", None),
        ("", None),
    ],
)
def test_times(text: str, moment: datetime | None):
    assert value_of(parse("x", TimePlan(True, "given", False)), text) == moment


def test_month_first_and_kept_clocks():
    assert value_of(parse("x", TimePlan(False, "given", False)), "12/31/2024 08:00") == datetime(2024, 12, 31, 8)
    assert value_of(parse("x", TimePlan(True, "given", True)), "2024-12-31T10:00:00+02:00") == datetime(
        2024, 12, 31, 10
    )


FORMS = (
    "%d/%m/%Y %H:%M:%S",
    "%d-%m-%Y %H:%M:%S",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y%m%d%H%M%S",
    "%H:%M:%S %d/%m/%Y",
)


@settings(max_examples=80, deadline=None)
@given(
    moment=st.datetimes(datetime(1951, 1, 1), datetime(2099, 12, 31)).map(lambda m: m.replace(microsecond=0)),
    form=st.sampled_from(FORMS),
    hours=st.integers(-12, 14),
)
def test_every_form_gives_the_moment_back(moment: datetime, form: str, hours: int):
    plan = TimePlan(True, "given", False)
    assert value_of(parse("x", plan), moment.strftime(form)) == moment
    if moment.year > 1980:
        zoned = f"{moment:%Y-%m-%dT%H:%M:%S}{hours:+03d}:00"
        assert value_of(parse("x", plan), zoned) == moment - timedelta(hours=hours) + timedelta(hours=7)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("50000", 50000), ("50.000", 50000), ("50,000", 50000), ("1.234.567,8", 1234567.8), ("1,234,567.8", 1234567.8),
        ("12.5", 12.5), ("12,5", 12.5), ("30 000 đ", 30000), ("100 VND", 100), ("-5", -5), ("miễn phí", None), ("1.2.3", None),
    ],
)  # fmt: skip
def test_amounts(text: str, amount: float | None):
    assert value_of(values.number("x"), text) == amount


@pytest.mark.parametrize(
    ("text", "code"),
    [("10", 10), ("4.0", 4), ("0", None), ("11", None), ("Đã trả kết quả", 10), ("ĐANG XỬ LÝ", 4), ("Yeu cau bo sung giay to", 5),
     ("Dừng xử lý", 8), ("processing", 4), ("lạ", None)],
)  # fmt: skip
def test_statuses(text: str, code: int | None):
    assert value_of(values.status_code("x"), text) == code


def test_every_official_status_is_read_by_number_and_name():
    from workbench.reference import statuses

    for status in statuses():
        assert value_of(values.status_code("x"), status.name_vi) == status.code
        assert value_of(values.status_name("x::integer"), str(status.code)) == status.name_vi


@pytest.mark.parametrize(
    ("codes", "known", "text", "found"),
    [
        (values.CHANNELS, ("desk", "online", "post"), "2", "online"),
        (values.CHANNELS, ("desk", "online", "post"), "Trực tiếp", "desk"),
        (values.CHANNELS, ("desk", "online", "post"), "Bưu chính công ích", "post"),
        (values.CHANNELS, ("desk", "online", "post"), "post", "post"),
        (values.CHANNELS, ("desk", "online", "post"), "khác", "khác"),
        (values.SERVICE_LEVELS, ("information", "partial", "full"), "Toàn trình", "full"),
        (values.SERVICE_LEVELS, ("information", "partial", "full"), "3", "partial"),
        (values.LEVELS, ("province", "district", "commune"), "Cấp xã", "commune"),
        (values.APPLICANTS, ("citizen", "business", "state", "other"), "1", "citizen"),
        (values.APPLICANTS_FROM_ZERO, ("citizen", "business", "state", "other"), "1", "business"),
        (values.APPLICANTS_FROM_ZERO, ("citizen", "business", "state", "other"), "0", "citizen"),
    ],
)
def test_codes(codes, known, text: str, found: str):
    assert value_of(values.coded("x", codes, known, keep=True), text) == found


@pytest.mark.parametrize(
    ("text", "truth"),
    [("1", True), ("Có", True), ("x", True), ("true", True), ("0", False), ("Không", False), ("?", None)],
)
def test_flags(text: str, truth: bool | None):
    assert value_of(values.flag("x"), text) is truth


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (" a  b ", "a b"),
        ("a\u00a0b\n", "a b"),
        ("Tie\u0302\u0301p", "Tiếp"),
        ("\u200bz", "z"),
        ("", None),
        ("  ", None),
        ("a", "a"),
    ],
)
def test_text_is_composed_and_folded(text: str, clean: str | None):
    assert value_of(values.clean("x", loose=False), text) == clean


@pytest.mark.parametrize("text", ["-", "NULL", "null", "N/A", "Không có", "nan", "--"])
def test_words_for_nothing(text: str):
    assert value_of(values.clean("x", loose=True), text) is None
    assert value_of(values.clean("x", loose=False), text) == text


@settings(max_examples=60, deadline=None)
@given(text=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30))
def test_cleaning_twice_is_cleaning_once(text: str):
    once = value_of(values.clean("x", loose=False), text)
    assert value_of(values.clean("x", loose=False), once) == once


@settings(max_examples=60, deadline=None)
@given(text=st.text("aAăÂđĐêợỮỹ hồ sơ-_:1", max_size=20))
def test_sql_and_python_fold_alike(text: str):
    import unicodedata

    assert value_of(values.folded("x"), unicodedata.normalize("NFC", text)) == fold(text)


@pytest.mark.parametrize(
    ("code", "national", "case"),
    [
        ("1.012783", "1.012783", None), ("1.012783.H61", "1.012783", None), ("1.012783.000.00.00.H61", "1.012783", None),
        ("2.000815.01", "2.000815", "01"), ("2.000815.000.00.00.H55.02", "2.000815", "02"), ("WABO", "WABO", None),
    ],
)  # fmt: skip
def test_procedure_codes(code: str, national: str, case: str | None):
    assert value_of(values.procedure_code("x"), code) == national
    assert value_of(values.procedure_case("x"), code) == case
