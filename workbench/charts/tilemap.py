"""The 34 provinces as equal tiles in true neighbourhood: tiles that touch are provinces that touch.

Hoàng Sa belongs to Đà Nẵng and Trường Sa to Khánh Hòa; each has a tile of its own in the east and carries its
province's value. Built from the borders after Nghị quyết 202/2025/QH15.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import plotly.graph_objects as go

from workbench.charts.figures import figure
from workbench.charts.tokens import readable_on

COLUMNS, ROWS = 7, 15

_PLACES: Mapping[str, tuple[int, int]] = {
    "H35": (0, 0),  # Lai Châu
    "H38": (1, 0),  # Lào Cai
    "H60": (2, 0),  # Tuyên Quang
    "H14": (3, 0),  # Cao Bằng
    "H18": (0, 1),  # Điện Biên
    "H52": (1, 1),  # Sơn La
    "H44": (2, 1),  # Phú Thọ
    "H55": (3, 1),  # Thái Nguyên
    "H37": (4, 1),  # Lạng Sơn
    "H26": (2, 2),  # Hà Nội
    "H05": (3, 2),  # Bắc Ninh
    "H49": (4, 2),  # Quảng Ninh
    "H42": (2, 3),  # Ninh Bình
    "H31": (3, 3),  # Hưng Yên
    "H24": (4, 3),  # Hải Phòng
    "H56": (2, 4),  # Thanh Hóa
    "H41": (2, 5),  # Nghệ An
    "H27": (3, 5),  # Hà Tĩnh
    "H50": (3, 6),  # Quảng Trị
    "H57": (4, 6),  # Huế
    "H17": (4, 7),  # Đà Nẵng
    "H48": (4, 8),  # Quảng Ngãi
    "H21": (4, 9),  # Gia Lai
    "H15": (4, 10),  # Đắk Lắk
    "H32": (4, 11),  # Khánh Hòa
    "H36": (3, 11),  # Lâm Đồng
    "H19": (2, 11),  # Đồng Nai
    "H29": (2, 12),  # Hồ Chí Minh
    "H53": (1, 12),  # Tây Ninh
    "H20": (1, 13),  # Đồng Tháp
    "H01": (0, 13),  # An Giang
    "H12": (0, 14),  # Cà Mau
    "H13": (1, 14),  # Cần Thơ
    "H61": (2, 14),  # Vĩnh Long
}
ISLANDS: tuple[tuple[str, str, tuple[int, int]], ...] = (
    ("Hoàng Sa", "H17", (6, 7)),
    ("Trường Sa", "H32", (6, 12)),
)
"""Name, province it belongs to, place."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile of the map."""

    code: str
    """H-code of the province; for an island group, of the province it belongs to."""
    island: str | None
    column: int
    row: int


def tiles() -> tuple[Tile, ...]:
    """The 34 provinces from north to south, then the two island groups."""
    land = [Tile(code, None, column, row) for code, (column, row) in _PLACES.items()]
    land.sort(key=lambda tile: (tile.row, tile.column))
    return (*land, *(Tile(code, name, column, row) for name, code, (column, row) in ISLANDS))


def touching() -> frozenset[frozenset[str]]:
    """Pairs of provinces whose tiles share an edge."""
    at = {place: code for code, place in _PLACES.items()}
    pairs = set()
    for (column, row), code in at.items():
        for other in (at.get((column + 1, row)), at.get((column, row + 1))):
            if other is not None:
                pairs.add(frozenset((code, other)))
    return frozenset(pairs)


def tile_figure(
    names: Mapping[str, str], texts: Mapping[str, str], colours: Mapping[str, str], *, empty: str = "#e8ecf1"
) -> go.Figure:
    """The map as a figure for notebooks and reports: names, value texts and colours by H-code."""
    shapes, notes = [], []
    for tile in tiles():
        colour = colours.get(tile.code, empty)
        x, y = tile.column, -tile.row
        shapes.append(
            {
                "type": "rect",
                "x0": x + 0.03,
                "x1": x + 0.97,
                "y0": y - 0.95,
                "y1": y - 0.05,
                "fillcolor": colour,
                "line": {"width": 0},
            }
        )
        label = tile.island or names.get(tile.code, tile.code)
        notes.append(
            {
                "x": x + 0.5,
                "y": y - 0.5,
                "showarrow": False,
                "text": f"{label}<br><b>{texts.get(tile.code, '–')}</b>",
                "font": {"size": 11, "color": readable_on(colour)},
            }
        )
    out = figure(height=ROWS * 46 + 20)
    out.update_layout(
        shapes=shapes,
        annotations=notes,
        xaxis={"visible": False, "range": [0, COLUMNS], "fixedrange": True},
        yaxis={"visible": False, "range": [-ROWS, 0], "fixedrange": True},
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
    )
    return out
