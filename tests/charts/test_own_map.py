"""A user's own map: what is read, what is refused, what is drawn."""

from __future__ import annotations

import json

import pytest

from workbench.charts.country import country_map
from workbench.charts.own_map import own_map_figure, read_own_map
from workbench.errors import FormatError
from workbench.reference import provinces, successor


def square(x: float, y: float) -> list[list[list[float]]]:
    return [[[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1], [x, y]]]


def file_of(*areas: tuple[dict[str, object], object]) -> bytes:
    features = [
        {"type": "Feature", "properties": facts, "geometry": {"type": "Polygon", "coordinates": shape}}
        for facts, shape in areas
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"code": "H26"}, "H26"),
        ({"ten": "Thành phố Hà Nội"}, "H26"),
        ({"NAME_1": "Ha Noi"}, "H26"),
        ({"ma": "01"}, "H26"),
        ({"ma": 1, "ghi_chu": "x"}, "H26"),
        ({"name": "Tỉnh Đắk Lắk"}, "H15"),
        ({"name": "TP. Hồ Chí Minh"}, "H29"),
    ],
)
def test_provinces_are_known_by_code_or_name(facts, code):
    found = read_own_map(file_of((facts, square(105, 21))))
    assert [area.code for area in found.areas] == [code]
    assert len(found.missing) == len({successor(p.h_code) for p in provinces()}) - 1


def test_areas_that_are_no_province_are_named():
    found = read_own_map(file_of(({"ten": "Hà Nội"}, square(105, 21)), ({"ten": "Biển Đông"}, square(112, 12))))
    assert found.unknown == ("Biển Đông",)
    assert len(found.areas) == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"name,geometry", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b'{"type": "Feature"}', "no FeatureCollection"),
        (b"[]", "no FeatureCollection"),
        (b'{"type": "FeatureCollection", "features": [{"geometry": {"type": "Point", "coordinates": [1, 2]}}]}', "Point"),
        (b'{"type": "FeatureCollection", "features": [7]}', "None"),
        (file_of(({"a": "H26"}, [[["x", "y"]]])), "no readable corners"),
        (file_of(({"a": "H26"}, square(500_000, 2_000_000))), "not in degrees"),
        (file_of(({"a": "Bayern"}, square(11, 48)), ({"a": "H26"}, square(105, 21)), ({"a": "Hessen"}, square(9, 50))),
         "Only 1 of 3"),
        (b" " * 12_000_001, "12 MB"),
    ],
)  # fmt: skip
def test_other_files_are_refused_with_a_reason(content, words):
    with pytest.raises(FormatError) as raised:
        read_own_map(content)
    assert words in raised.value.message
    assert raised.value.fix


def test_the_islands_are_drawn_with_their_provinces(on_time):
    shown = country_map("on_time", on_time, "portal")
    own = read_own_map(file_of(({"code": "H26"}, square(105, 21))))
    drawn = own_map_figure(own, shown, {"H26": "Hà Nội"}, chosen=("H26",))
    area, islands = drawn.data
    assert list(islands.text) == ["Hoàng Sa", "Trường Sa"]
    assert list(islands.customdata) == ["H17", "H32"]
    assert set(area.customdata) == {"H26"}
    assert area.fillcolor == shown.values["H26"].colour
    assert "geo" not in drawn.layout.to_plotly_json()


def test_corners_too_near_to_be_seen_are_left_out():
    ring = [[105 + n / 1e6, 21.0] for n in range(5000)] + [[106, 21], [106, 22], [105, 22], [105, 21]]
    own = read_own_map(file_of(({"code": "H26"}, [ring])))
    drawn = own_map_figure(own, country_map("n", _Nothing, ""), {})
    assert len(drawn.data[0].x) < 20


class _Nothing:
    import pandas as pd

    table = pd.DataFrame({"code": pd.Series(dtype=str), "n": pd.Series(dtype=int)}).assign(median_working_seconds=0.0)


@pytest.fixture
def on_time():
    import pandas as pd

    class Rates:
        table = pd.DataFrame(
            {"group": ["H26"], "clock": ["portal"], "n": [100], "rate": [0.98], "low": [0.9], "high": [0.99]}
        )

    return Rates
