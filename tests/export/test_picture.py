"""Pictures: SVG that any reader opens, PNG with Vietnamese letters, wide pictures cut without loss."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest
from lxml import etree
from PIL import Image

from tests.export.demo import LANES, NAME, facts, procedure
from workbench.export.bpmn_drawing import draw_bpmn
from workbench.export.map_picture import map_picture
from workbench.export.picture import Path, Picture, Rect, Words, parts_of, svg
from workbench.export.png import png
from workbench.export.procedure_picture import procedure_parts, procedure_picture
from workbench.mining.dfg import Dfg
from workbench.results import Basis


@pytest.fixture(scope="module")
def picture() -> Picture:
    return procedure_picture(draw_bpmn(procedure(), lanes=LANES, name=NAME, facts=facts()))


def texts(picture: Picture) -> list[str]:
    return [mark.text for mark in picture.marks if isinstance(mark, Words)]


def test_svg_is_self_contained_and_escaped():
    picture = Picture(100, 50, (Words(50, 25, 'a < "b" & c'), Path(((0, 0), (10, 0), (10, 10)), arrow=True, radius=4)))
    root = etree.fromstring(svg(picture))
    assert root.get("width") == "100" and b"href" not in svg(picture)
    assert root.findtext("{*}text") == 'a < "b" & c'


def test_every_mark_lies_on_the_sheet(picture):
    for mark in picture.marks:
        if isinstance(mark, Rect):
            assert mark.x >= 0 and mark.x + mark.width <= picture.width
            assert mark.y >= 0 and mark.y + mark.height <= picture.height


def test_png_has_the_picture_s_size_and_vietnamese_letters(picture):
    image = Image.open(io.BytesIO(png(picture, scale=1)))
    assert abs(image.width - picture.width) <= 1 and abs(image.height - picture.height) <= 1
    one, two = (np.asarray(Image.open(io.BytesIO(png(Picture(60, 30, (Words(30, 20, x, 20),)))))) for x in ("ồ", "ặ"))
    assert one.min() < 128 and (one != two).any(), "missing letters would look the same"


def test_a_very_large_picture_is_painted_coarser():
    assert max(Image.open(io.BytesIO(png(Picture(40_000, 900, ())))).size) < 40_000


def test_a_wide_picture_is_cut_without_loss(picture):
    parts = parts_of(picture, 1500)
    assert len(parts) == 3 and all(part.width <= 1500 for part in parts)
    lane_names = {"Bộ phận một cửa", NAME}
    rest = [text for part in parts for text in texts(part) if text not in lane_names]
    for label in ("Tiếp nhận hồ sơ", "Lãnh đạo ký", "82 %", "Kết thúc"):
        assert rest.count(label) == 1
    assert all(lane_names <= set(texts(part)) for part in parts), "lane names are repeated"
    arrows = [sum(isinstance(m, Path) and m.arrow for m in p.marks) for p in parts]
    assert sum(arrows) == sum(isinstance(m, Path) and m.arrow for m in picture.marks)
    assert parts_of(picture, 10_000) == [picture]


def test_a_procedure_is_cut_into_parts_with_the_lanes_they_need():
    drawing = draw_bpmn(procedure(), lanes=LANES, name=NAME, facts=facts())
    parts = procedure_parts(drawing, 1000)
    assert len(parts) > 2 and all(part.width <= 1000 for part in parts)
    words = [text for part in parts for text in texts(part)]
    for shape in drawing.shapes:
        for line in shape.text.lines if shape.text else ():
            assert line in words
    assert "Chi cục Thuế" not in texts(parts[0]) and "Người nộp hồ sơ" in texts(parts[0])
    assert "Người nộp hồ sơ" not in texts(parts[-1])
    assert max(part.height for part in parts) < procedure_picture(drawing).height


def graph(edges: dict[tuple[str, str], int], starts: dict[str, int], ends: dict[str, int]) -> Dfg:
    steps = list(dict.fromkeys(s for pair in edges for s in pair))
    counts = {s: sum(n for (_, b), n in edges.items() if b == s) + starts.get(s, 0) for s in steps}
    rows = [(a, b, n, n, 60.0, 60.0) for (a, b), n in edges.items()]
    names = ["source", "target", "count", "dossiers", "median_seconds", "median_working_seconds"]
    activities = pd.DataFrame(
        [(s, counts[s], starts.get(s, 0), ends.get(s, 0)) for s in steps],
        columns=["activity", "count", "start_count", "end_count"],
    )
    return Dfg(pd.DataFrame(rows, columns=names), activities, Basis(10))


def test_a_map_shows_every_step_and_says_what_it_hides():
    edges = {("a", "b"): 90, ("b", "c"): 80, ("a", "c"): 2, ("c", "b"): 1, ("b", "b"): 3}
    drawn = map_picture(graph(edges, {"a": 92}, {"c": 92}), paths=0.9)
    words = texts(drawn)
    assert {"a", "b", "c", "90", "80"} <= set(words) and "2" not in words
    assert any("/7 đường đi" in word for word in words)
    everything = map_picture(graph(edges, {"a": 92}, {"c": 92}), paths=1.0, language="en")
    assert {"2", "1", "3"} <= set(texts(everything))
