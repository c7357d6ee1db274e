"""A user's own map of provinces: a GeoJSON file read, held against the list of provinces, and drawn.

Nothing but the file is needed: areas are drawn as polygons on an equirectangular projection, so no map server and no
base map is asked. Hoàng Sa (Đà Nẵng) and Trường Sa (Khánh Hòa) are marked whether or not the file has them.
"""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from workbench.charts.country import CountryMap
from workbench.charts.figures import figure
from workbench.charts.tokens import NEUTRAL
from workbench.errors import FormatError
from workbench.i18n import Language
from workbench.reference import SWITCH_DAY, province_name, provinces, successor

LARGEST = 12_000_000
"""Bytes of a file that is still read."""
_GRID = 1400
"""Places across the map; corners nearer to each other are drawn as one."""
_FEWEST = 0.5
ISLANDS = (("Hoàng Sa", "H17", 111.9, 16.4), ("Trường Sa", "H32", 113.6, 9.6))
"""Archipelagos with the province they belong to, and where their names are written."""
Ring = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Area:
    """One area of a map: its province's code, its name in the file, its rings of (longitude, latitude)."""

    code: str
    name: str
    rings: tuple[Ring, ...]


@dataclass(frozen=True, slots=True)
class OwnMap:
    """The areas of a file that are provinces, and what of it is not."""

    areas: tuple[Area, ...]
    unknown: tuple[str, ...]
    """Names in the file that are no province; they are not drawn."""
    missing: tuple[str, ...]
    """Codes of provinces the file has no area for."""


def read_own_map(content: bytes) -> OwnMap:
    """The map of a GeoJSON file (FeatureCollection of polygons in degrees); FormatError says what it lacks."""
    if len(content) > LARGEST:
        raise FormatError(
            f"The map has {len(content) / 1e6:.0f} MB.", fix=f"Simplify it to at most {LARGEST // 1_000_000} MB.",
            megabytes=len(content) // 1_000_000,
        )  # fmt: skip
    try:
        given = json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError) as exc:
        raise FormatError("The map is not JSON.", fix="Give a GeoJSON file in UTF-8.") from exc
    features = given.get("features") if isinstance(given, dict) else None
    if not isinstance(features, list) or given.get("type") != "FeatureCollection" or not features:
        raise FormatError("The map is no FeatureCollection.", fix="Give a GeoJSON FeatureCollection of provinces.")
    shapes = [_rings(feature) for feature in features]
    codes = _codes([feature.get("properties") or {} for feature in features])
    areas, unknown = [], []
    for feature, rings, code in zip(features, shapes, codes, strict=True):
        if code is None:
            unknown.append(_title(feature))
        elif rings:
            areas.append(Area(code, _title(feature), rings))
    if len(areas) < max(1, _FEWEST * len(features)):
        raise FormatError(
            f"Only {len(areas)} of {len(features)} areas are provinces.",
            fix="Give every area its H code, GSO code or name in one property.", matched=len(areas), areas=len(features),
        )  # fmt: skip
    present = {area.code for area in areas}
    wanted = {successor(province.h_code) for province in provinces()}
    return OwnMap(tuple(areas), tuple(unknown), tuple(sorted(wanted - present)))


def _title(feature: Mapping[str, Any]) -> str:
    values = [value for value in (feature.get("properties") or {}).values() if isinstance(value, str)]
    return values[0][:60] if values else "?"


def _rings(feature: Any) -> tuple[Ring, ...]:
    shape = (feature.get("geometry") or {}) if isinstance(feature, dict) else {}
    kind, places = shape.get("type"), shape.get("coordinates")
    if kind not in ("Polygon", "MultiPolygon"):
        raise FormatError(f"An area of the map is a {kind}.", fix="Give polygons only.", kind=str(kind))
    try:
        polygons = [places] if kind == "Polygon" else list(places or ())
        rings = [tuple((float(x), float(y)) for x, y, *_ in ring) for polygon in polygons for ring in polygon or ()]
    except (TypeError, ValueError) as exc:
        raise FormatError("An area of the map has no readable corners.", fix="Give longitude and latitude.") from exc
    if any(not (abs(x) <= 180 and abs(y) <= 90) for ring in rings for x, y in ring):
        raise FormatError("The map is not in degrees.", fix="Write it in WGS 84 (EPSG:4326).")
    return tuple(ring for ring in rings if len(ring) >= 3)


def _codes(facts: list[Mapping[str, Any]]) -> list[str | None]:
    """The province of every area, by the property that names most of them."""
    known = _names()
    names = sorted({key for fact in facts for key in fact})
    tried = {key: [known.get(_plain(fact.get(key))) for fact in facts] for key in names}
    return max(tried.values(), key=lambda found: sum(code is not None for code in found), default=[None] * len(facts))


def _names() -> dict[str, str]:
    """Every way to write a province of 2025 to its code: H code, GSO code, name; a former name where it is a present one."""
    out: dict[str, str] = {}
    for province in provinces():
        code = successor(province.h_code)
        if code == province.h_code:
            out[_plain(province.gso_code)] = code
        out |= {_plain(province.h_code): province.h_code if code == province.h_code else code}
    for code in sorted(set(out.values())):
        out[_plain(province_name(code, SWITCH_DAY))] = code
    return out


def _plain(value: Any) -> str:
    text = unicodedata.normalize("NFD", str(value if value is not None else "").casefold().replace("đ", "d"))
    text = "".join(sign for sign in text if not unicodedata.combining(sign))
    words = "".join(sign if sign.isalnum() else " " for sign in text).split()
    plain = " ".join(words)
    for front in ("tinh ", "thanh pho ", "tp ", "province of "):
        plain = plain.removeprefix(front)
    plain = plain.removesuffix(" province").removesuffix(" city")
    return "".join(plain.split()).lstrip("0")


def own_map_figure(
    own: OwnMap, shown: CountryMap, names: Mapping[str, str], *, chosen: tuple[str, ...] = (), language: Language = "vi"
) -> go.Figure:
    """The areas in the colours of the country map; a click gives the code as `customdata`.

    Archipelagos carry their name and the colour of their province.
    """
    corners = [place for area in own.areas for ring in area.rings for place in ring]
    places = [*corners, *((x, y) for _, _, x, y in ISLANDS)]
    west, east = min(x for x, _ in places), max(x for x, _ in places)
    south, north = min(y for _, y in places), max(y for _, y in places)
    step = max(east - west, north - south) / _GRID or 1.0
    traces = [_area(area, shown, names, step, chosen=area.code in chosen) for area in own.areas]
    narrow = math.cos(math.radians((south + north) / 2))
    out = figure(*traces, _islands(shown, names), height=680, language=language)
    out.update_layout(
        xaxis={"visible": False, "range": [west - 0.5, east + 1.2]},
        yaxis={"visible": False, "scaleanchor": "x", "scaleratio": 1 / narrow, "range": [south - 0.4, north + 0.4]},
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
    )
    return out


def _area(area: Area, shown: CountryMap, names: Mapping[str, str], step: float, *, chosen: bool) -> go.Scatter:
    x: list[float | None] = []
    y: list[float | None] = []
    for ring in area.rings:
        kept = _coarse(ring, step)
        x += [*(place[0] for place in kept), None]
        y += [*(place[1] for place in kept), None]
    value = shown.values.get(area.code)
    name = names.get(area.code, area.name)
    return go.Scatter(
        x=x, y=y, mode="lines", fill="toself", hoveron="fills", name=name, customdata=[area.code] * len(x),
        fillcolor=value.colour if value and value.colour else "rgba(138,148,163,0.18)",
        line={"color": "#1b2430" if chosen else "#ffffff", "width": 2.2 if chosen else 0.8},
        text=f"{name}: {value.hint}" if value else name, hoverinfo="text",
    )  # fmt: skip


def _coarse(ring: Ring, step: float) -> list[tuple[float, float]]:
    out: list[tuple[float, float]] = []
    for x, y in ring:
        if not out or abs(x - out[-1][0]) >= step or abs(y - out[-1][1]) >= step:
            out.append((round(x, 4), round(y, 4)))
    return out if len(out) >= 3 else [(round(x, 4), round(y, 4)) for x, y in ring[:: max(len(ring) // 3, 1)]]


def _islands(shown: CountryMap, names: Mapping[str, str]) -> go.Scatter:
    values = [shown.values.get(code) for _, code, _, _ in ISLANDS]
    return go.Scatter(
        x=[x for _, _, x, _ in ISLANDS], y=[y for _, _, _, y in ISLANDS], mode="markers+text",
        text=[name for name, _, _, _ in ISLANDS], textposition="bottom center", textfont={"size": 12},
        customdata=[code for _, code, _, _ in ISLANDS],
        marker={"size": 11, "symbol": "diamond", "line": {"width": 1, "color": NEUTRAL},
                "color": [value.colour if value and value.colour else NEUTRAL for value in values]},
        hovertext=[f"{name} ({names.get(code, code)}): {value.hint}" if value else f"{name} ({names.get(code, code)})"
                   for (name, code, _, _), value in zip(ISLANDS, values, strict=True)],
        hoverinfo="text",
    )  # fmt: skip
