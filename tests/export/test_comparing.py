"""Pictures that compare and the timeline of a dossier: every value is drawn, nothing unknown is made up."""

from __future__ import annotations

import math
from datetime import datetime

import pandas as pd
import pytest

from workbench.export.comparing import interval_picture, parts_picture, square_picture
from workbench.export.picture import Circle, Path, Picture, Rect, Words, svg
from workbench.export.scatter import scatter_picture, ticks
from workbench.export.stills import stacked
from workbench.export.timeline import timeline_picture


def words(picture: Picture) -> list[str]:
    return [mark.text for mark in picture.marks if isinstance(mark, Words)]


def inside(picture: Picture) -> bool:
    """Whether every mark stands on the sheet."""
    xs = [mark.x for mark in picture.marks if isinstance(mark, Words | Rect | Circle)]
    xs += [x for mark in picture.marks if isinstance(mark, Path) for x, _ in mark.points]
    return min(xs) >= 0 and max(xs) <= picture.width


# parts ----------------------------------------------------------------------------------------------------
def test_parts_fill_the_bar_in_proportion():
    picture = parts_picture([("A", {"x": 3.0, "y": 1.0})], [("x", "Một"), ("y", "Hai")])
    bars = [mark for mark in picture.marks if isinstance(mark, Rect) and mark.height == 20.0]
    assert bars[0].width == pytest.approx(3 * bars[1].width)
    assert {"Một", "Hai", "A", "75 %", "25 %"} <= set(words(picture))
    assert inside(picture)


def test_a_row_of_nothing_is_a_gap():
    picture = parts_picture([("A", {"x": 0.0, "y": math.nan})], [("x", "Một"), ("y", "Hai")])
    assert not [mark for mark in picture.marks if isinstance(mark, Rect) and mark.height == 20.0]
    assert "–" in words(picture)


# intervals ------------------------------------------------------------------------------------------------
def test_intervals_lie_around_their_dots():
    picture = interval_picture([("A", 5.0, 4.0, 7.0), ("B", None, None, None)], reference=2.0, language="en")
    dot = next(mark for mark in picture.marks if isinstance(mark, Circle))
    line = next(mark for mark in picture.marks if isinstance(mark, Path) and mark.width == 4)
    assert line.points[0][0] < dot.x < line.points[1][0]
    assert (dot.x - line.points[0][0]) * 2 == pytest.approx(line.points[1][0] - dot.x)
    assert {"5.0", "–"} <= set(words(picture))
    assert sum(isinstance(mark, Circle) for mark in picture.marks) == 1
    assert inside(picture)


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (0.021, 0.024), (-40.0, 1_250.0), (69.7, 96.1)])
def test_ticks_are_round_few_and_inside(low, high):
    found = [value for value, _ in ticks(low, high)]
    assert 3 <= len(found) <= 8
    assert all(low <= value <= high for value in found)


# squares --------------------------------------------------------------------------------------------------
def test_a_square_is_darker_for_more_and_empty_for_unknown():
    table = pd.DataFrame([[0.1, 0.9], [float("nan"), 0.5]], index=["r1", "r2"], columns=["c1", "c2"])
    picture = square_picture(table, rows="dòng", columns="cột")
    fills = [mark.fill for mark in picture.marks if isinstance(mark, Rect)]
    assert len(set(fills)) == 4
    assert {"0,10", "0,90", "–", "dòng ↓", "cột →"} <= set(words(picture))
    assert inside(picture)


# points ---------------------------------------------------------------------------------------------------
def test_points_are_numbered_and_the_front_is_joined():
    points = [("xa", 10.0, 0.9), ("gần", 5.0, 0.8), ("kém", 9.0, 0.2)]
    picture = scatter_picture(points, x="Số nút", y="F", front=["xa", "gần"], marked=["xa"])
    assert {"xa", "gần", "kém", "Số nút →", "F ↑"} <= set(words(picture))
    assert [mark.text for mark in picture.marks if isinstance(mark, Words) and mark.bold and mark.text == "xa"]
    joined = [mark for mark in picture.marks if isinstance(mark, Path) and mark.dash]
    assert len(joined) == 1
    assert len(joined[0].points) == 2
    assert joined[0].points[0][0] < joined[0].points[1][0]
    assert inside(picture)


# the timeline ---------------------------------------------------------------------------------------------
DOSSIER = {
    "received_at": datetime(2024, 3, 4, 8),
    "judged_at": datetime(2024, 3, 8, 10),
    "law_due": datetime(2024, 3, 9, 17),
    "portal_due": datetime(2024, 3, 7, 17),
    "pause_due": datetime(2024, 3, 8, 9),
    "local_due": pd.NaT,
    "law": "on_time",
    "portal": "late",
    "pause": "late",
    "local": "unknown",
}


def test_a_dossier_shows_its_pauses_and_four_due_dates():
    pauses = [
        (datetime(2024, 3, 5, 8), datetime(2024, 3, 6, 8), "supplement"),
        (datetime(2024, 3, 8), None, "supplement"),
    ]
    picture = timeline_picture(DOSSIER, pauses)
    said = words(picture)
    assert "09/03/2024 17:00 · Đúng hạn" in said
    assert "07/03/2024 17:00 · Trễ hạn" in said
    assert "Không xác định" in said
    stands = [mark for mark in picture.marks if isinstance(mark, Rect) and mark.fill == "#f0c877" and mark.height == 16]
    whole = next(mark for mark in picture.marks if isinstance(mark, Rect) and mark.height == 16)
    assert len(stands) == 2
    assert all(mark.x + mark.width <= whole.x + whole.width + 2 for mark in stands)
    assert sum(isinstance(mark, Circle) for mark in picture.marks) == 3
    assert inside(picture)


# wide pictures --------------------------------------------------------------------------------------------
def test_a_wide_picture_is_cut_and_its_parts_stand_one_below_the_other():
    marks = tuple(Rect(x, 10, 40, 40) for x in range(0, 2_000, 100))
    wide = Picture(2_000, 60, marks, cuts=tuple(range(50, 2_000, 100)))
    cut = stacked(wide, 700)
    assert cut.width <= 700
    assert cut.height > 3 * 60
    assert sum(isinstance(mark, Rect) for mark in cut.marks) == len(marks)
    narrow = Picture(300, 60, marks[:2])
    assert stacked(narrow, 700) is narrow
    assert svg(cut).startswith(b"<svg")
