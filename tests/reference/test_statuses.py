"""Ten statuses in six groups."""

from __future__ import annotations

import pytest

from workbench.reference import REPORT_GROUPS, report_group, statuses


def test_ten_statuses_each_in_one_group():
    assert [status.code for status in statuses()] == list(range(1, 11))
    assert sorted(code for group in REPORT_GROUPS.values() for code in group) == list(range(1, 11))


def test_names_and_groups():
    by_code = {status.code: status for status in statuses()}
    assert by_code[9].name_vi == "Đã xử lý xong"
    assert (by_code[5].report_group, by_code[7].report_group, by_code[3].report_group) == (
        "supplement",
        "returned",
        "not_accepted",
    )
    assert not by_code[1].counts_as_event


def test_unknown_status():
    with pytest.raises(KeyError):
        report_group(11)
