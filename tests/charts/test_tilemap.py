"""The tile map: all provinces, each once, true neighbours only."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd

from workbench.charts.country import country_map
from workbench.charts.tilemap import COLUMNS, ROWS, tile_figure, tiles, touching
from workbench.charts.tokens import LATE_TINT
from workbench.reference import all_2025

NEIGHBOURS = """
Lai Châu: Điện Biên, Sơn La, Lào Cai
Lào Cai: Lai Châu, Sơn La, Phú Thọ, Tuyên Quang
Tuyên Quang: Lào Cai, Phú Thọ, Thái Nguyên, Cao Bằng
Cao Bằng: Tuyên Quang, Thái Nguyên, Lạng Sơn
Điện Biên: Lai Châu, Sơn La
Sơn La: Điện Biên, Lai Châu, Lào Cai, Phú Thọ, Thanh Hóa
Phú Thọ: Lào Cai, Tuyên Quang, Thái Nguyên, Hà Nội, Ninh Bình, Thanh Hóa, Sơn La
Thái Nguyên: Cao Bằng, Tuyên Quang, Phú Thọ, Hà Nội, Bắc Ninh, Lạng Sơn
Lạng Sơn: Cao Bằng, Thái Nguyên, Bắc Ninh, Quảng Ninh
Hà Nội: Phú Thọ, Thái Nguyên, Bắc Ninh, Hưng Yên, Ninh Bình
Bắc Ninh: Hà Nội, Thái Nguyên, Lạng Sơn, Quảng Ninh, Hải Phòng, Hưng Yên
Quảng Ninh: Lạng Sơn, Bắc Ninh, Hải Phòng
Ninh Bình: Hà Nội, Hưng Yên, Phú Thọ, Thanh Hóa
Hưng Yên: Hà Nội, Bắc Ninh, Hải Phòng, Ninh Bình
Hải Phòng: Quảng Ninh, Bắc Ninh, Hưng Yên
Thanh Hóa: Sơn La, Phú Thọ, Ninh Bình, Nghệ An
Nghệ An: Thanh Hóa, Hà Tĩnh
Hà Tĩnh: Nghệ An, Quảng Trị
Quảng Trị: Hà Tĩnh, Huế
Huế: Quảng Trị, Đà Nẵng
Đà Nẵng: Huế, Quảng Ngãi
Quảng Ngãi: Đà Nẵng, Gia Lai
Gia Lai: Quảng Ngãi, Đắk Lắk
Đắk Lắk: Gia Lai, Khánh Hòa, Lâm Đồng
Khánh Hòa: Đắk Lắk, Lâm Đồng
Lâm Đồng: Đắk Lắk, Khánh Hòa, Đồng Nai, Hồ Chí Minh
Đồng Nai: Lâm Đồng, Hồ Chí Minh, Tây Ninh
Hồ Chí Minh: Đồng Nai, Lâm Đồng, Tây Ninh, Đồng Tháp
Tây Ninh: Đồng Nai, Hồ Chí Minh, Đồng Tháp
Đồng Tháp: Tây Ninh, Hồ Chí Minh, An Giang, Cần Thơ, Vĩnh Long
An Giang: Đồng Tháp, Cần Thơ, Cà Mau
Cần Thơ: An Giang, Đồng Tháp, Vĩnh Long, Cà Mau
Vĩnh Long: Đồng Tháp, Cần Thơ
Cà Mau: An Giang, Cần Thơ
"""


def test_every_province_has_one_tile_and_the_islands_theirs():
    land = [tile.code for tile in tiles() if tile.island is None]
    assert sorted(land) == sorted(province.h_code for province in all_2025())
    names = {province.h_code: province.name for province in all_2025()}
    islands = {tile.island: names[tile.code] for tile in tiles() if tile.island}
    assert islands == {"Hoàng Sa": "Đà Nẵng", "Trường Sa": "Khánh Hòa"}


def test_no_two_tiles_share_a_place():
    places = [(tile.column, tile.row) for tile in tiles()]
    assert len(set(places)) == len(places) == 36
    assert all(0 <= column < COLUMNS and 0 <= row < ROWS for column, row in places)


def test_tiles_that_touch_are_provinces_that_touch():
    names = {province.h_code: province.name for province in all_2025()}
    true = set()
    for line in NEIGHBOURS.strip().splitlines():
        name, _, others = line.partition(": ")
        true |= {frozenset((name, other)) for other in others.split(", ")}
    false = {tuple(sorted(names[code] for code in pair)) for pair in touching()} - {tuple(sorted(p)) for p in true}
    assert false == set()


def test_the_islands_lie_east_of_every_tile_in_their_rows():
    for island in (tile for tile in tiles() if tile.island):
        assert all(tile.column < island.column for tile in tiles() if tile.island is None)


def test_the_figure_names_every_tile():
    names = {province.h_code: province.name for province in all_2025()}
    drawn = tile_figure(names, {"H26": "98 %"}, {"H26": "#1f5fae"})
    texts = [note.text for note in drawn.layout.annotations]
    assert len(texts) == 36
    assert "Hà Nội<br><b>98 %</b>" in texts


def test_a_rate_is_coloured_as_it_is_written():
    table = pd.DataFrame(
        {"group": ["H01", "H02"], "clock": "portal", "n": 500, "rate": [0.8998, 0.8994], "low": 0.8, "high": 0.95}
    )
    shown = country_map("on_time", SimpleNamespace(table=table), "portal", language="en").values
    assert (shown["H01"].text, shown["H01"].colour == LATE_TINT) == ("90.0%", False)
    assert (shown["H02"].text, shown["H02"].colour == LATE_TINT) == ("89.9%", True)
