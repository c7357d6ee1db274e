"""The line of a key figure: a picture that says where it rises, falls and has a gap."""

from __future__ import annotations

import re
from urllib.parse import unquote

from workbench.charts.trend import sparkline


def paths(values):
    drawn = unquote(sparkline(values).removeprefix("data:image/svg+xml,"))
    return re.findall(r" d='([^']*)'", drawn)


def test_the_largest_value_is_on_top_and_the_last_is_marked():
    line, mark = paths([1, 3, 2])
    heights = [float(part.split()[1]) for part in re.findall(r"[ML]([^ML]+)", line)]
    assert heights == [88.0, 12.0, 50.0]
    assert mark == "M96.5 50.0h0"


def test_a_gap_breaks_the_line_and_an_unknown_end_has_no_mark():
    line, mark = paths([1, None, 2, 3, float("nan")])
    assert [line.count("M"), line.count("L")] == [2, 1]
    assert mark == ""


def test_equal_values_are_a_level_line():
    line, _ = paths([5, 5, 5])
    assert set(re.findall(r" (\d+(?:\.\d+)?)(?=[L]|$)", line)) <= {"50", "50.0"}
    assert line.count("L") == 2
