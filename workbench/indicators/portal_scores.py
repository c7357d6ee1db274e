"""Scores the national portal published, read from its JSON answers or an Excel sheet.

A value that is null or empty stays missing: null is not 0. Both ways a sheet or an answer may name an indicator are
read: its number in the decision (2.1) or the portal's metric code (DOSSIER_SYNC).
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from workbench.errors import FormatError, MappingError
from workbench.reference import indicators_766
from workbench.results import Result

_KEYS: Mapping[str, tuple[str, ...]] = {
    "indicator": ("indicator", "metriccode", "metric", "code", "id", "chisotp", "machiso", "chiso", "tenchiso", "name"),
    "group": ("group", "department", "departmentname", "unit", "donvi", "coquan", "tendonvi"),
    "numerator": ("numerator", "tuso"),
    "denominator": ("denominator", "mauso"),
    "ratio": ("ratio", "tyle", "tile", "percent", "rate"),
    "score": ("score", "diem", "points", "diemdatduoc", "sodiem"),
    "max_score": ("maxscore", "diemtoida", "maxpoints"),
}
_FLAGS = ("TEMP_NATIONAL_REPORT_DENOMINATOR", "NO_NATIONAL_REPORT_DATA")
_COLUMNS = ("group", "id", "numerator", "denominator", "ratio", "score", "max_score", "flags")


@dataclass(frozen=True, slots=True)
class PortalScores(Result):
    """Published scores.

    `table`: group (the unit as the file names it, "" where it names none), id (of the decision), numerator, denominator,
    ratio (0 to 1), score, max_score, flags. `unread`: names in the file that are no indicator of the decision.
    """

    table: pd.DataFrame
    unread: tuple[str, ...]
    source: str


def read_portal_scores(path: str | Path) -> PortalScores:
    """The scores in a JSON (.json) or Excel (.xlsx) file.

    Raises FormatError when it is neither, MappingError when nothing in it is a known indicator.
    """
    file = Path(path)
    if not file.exists():
        raise FormatError(f"There is no file {file}.", fix="Name the file with the portal's scores.", path=str(file))
    suffix = file.suffix.lower()
    if suffix == ".json":
        records = list(_records(_json(file)))
    elif suffix in (".xlsx", ".xlsm"):
        records = list(_sheet_records(file))
    else:
        raise FormatError(
            f"{file.name} is neither JSON nor Excel.", fix="Save the scores as .json or .xlsx.", path=str(file)
        )
    return parse_portal_scores(records, source=file.name)


def parse_portal_scores(records: list[dict[str, Any]], *, source: str = "") -> PortalScores:
    """The scores in records whose keys may be written in any of the known ways."""
    rows, unread = [], []
    for record in records:
        facts = {_plain(key): value for key, value in record.items()}
        name = _indicator(facts)
        if name is None:
            unread.append(str(_first(facts, "indicator") or ""))
            continue
        rows.append(_row(name, facts))
    if not rows:
        known = ", ".join(indicator.id for indicator in indicators_766())
        raise MappingError(
            f"{source or 'The file'} names no indicator of QĐ 766.",
            fix=f"A column or key must hold one of: {known}, or the portal's metric code.",
        )
    return PortalScores(pd.DataFrame(rows, columns=list(_COLUMNS)), tuple(dict.fromkeys(filter(None, unread))), source)


def _row(name: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    ratio = _number(_first(facts, "ratio"), percent=True)
    numerator, denominator = _number(_first(facts, "numerator")), _number(_first(facts, "denominator"))
    if ratio is None and numerator is not None and denominator:
        ratio = numerator / denominator
    group = _first(facts, "group")
    return {
        "group": "" if group is None or isinstance(group, dict | list) else str(group).strip(),
        "id": name,
        "numerator": numerator,
        "denominator": denominator,
        "ratio": ratio,
        "score": _number(_first(facts, "score")),
        "max_score": _number(_first(facts, "max_score")),
        "flags": ", ".join(flag for flag in _FLAGS if facts.get(_plain(flag)) or flag in str(facts.get("flags", ""))),
    }


def _json(file: Path) -> Any:
    try:
        return json.loads(file.read_text("utf-8-sig"))
    except (json.JSONDecodeError, UnicodeDecodeError) as exc:
        raise FormatError(
            f"{file.name} is not JSON: {exc}.", fix="Save the portal's answer again.", path=str(file)
        ) from exc


def _records(node: Any, group: str | None = None) -> Iterator[dict[str, Any]]:
    """Every object in the answer that has a value of a score; a tree's branches pass their unit's name on."""
    if isinstance(node, list):
        for item in node:
            yield from _records(item, group)
    elif isinstance(node, dict):
        facts = {_plain(key): value for key, value in node.items()}
        named = _first(facts, "group")
        here = str(named) if isinstance(named, str | int) else group
        if _indicator(facts) is not None and any(_has(facts, kind) for kind in ("numerator", "ratio", "score")):
            yield {**node, "group": here}
        for value in node.values():
            if isinstance(value, dict | list):
                yield from _records(value, here)


def _sheet_records(file: Path) -> Iterator[dict[str, Any]]:
    """Rows below the first row that names an indicator column and a value column, of every sheet."""
    import openpyxl

    try:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    except Exception as exc:
        raise FormatError(f"{file.name} is not an Excel file: {exc}.", fix="Save it as .xlsx.", path=str(file)) from exc
    try:
        for sheet in book.worksheets:
            heading: list[str] | None = None
            for cells in sheet.iter_rows(values_only=True):
                texts = [_plain(str(cell)) if cell is not None else "" for cell in cells]
                if heading is None:
                    heading = texts if _is_heading(texts) else None
                elif any(cell is not None for cell in cells):
                    yield {name: cell for name, cell in zip(heading, cells, strict=False) if name}
    finally:
        book.close()


def _is_heading(texts: list[str]) -> bool:
    has = [any(text in _KEYS[kind] for text in texts) for kind in ("indicator", "numerator", "ratio", "score")]
    return has[0] and any(has[1:])


def _indicator(facts: Mapping[str, Any]) -> str | None:
    """The id in the decision: by id, metric code or Vietnamese name."""
    for key in _KEYS["indicator"]:
        value = facts.get(key)
        if value is not None and not isinstance(value, dict | list):
            found = _names().get(_plain(str(value)))
            if found:
                return found
    return None


def _names() -> dict[str, str]:
    out: dict[str, str] = {}
    for indicator in indicators_766():
        out[_plain(indicator.id)] = indicator.id
        out[_plain(indicator.name_vi)] = indicator.id
        if indicator.portal_metric_code and "/" not in indicator.portal_metric_code:
            out[_plain(indicator.portal_metric_code)] = indicator.id
    return out


def _has(facts: Mapping[str, Any], kind: str) -> bool:
    return any(key in facts for key in _KEYS[kind])


def _first(facts: Mapping[str, Any], kind: str) -> Any:
    return next((facts[key] for key in _KEYS[kind] if facts.get(key) is not None), None)


def _number(value: Any, *, percent: bool = False) -> float | None:
    """A number however written (`98,4 %`, `1.234,5`); missing stays missing. Ratios above 1 are percentages."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        number, sign = float(value), False
    else:
        text = str(value).strip()
        sign = text.endswith("%")
        text = text.rstrip("% ").replace(" ", "")
        if "," in text:
            text = text.replace(".", "").replace(",", ".")
        try:
            number = float(text)
        except ValueError:
            return None
    return number / 100 if percent and (sign or number > 1) else number


def _plain(text: str) -> str:
    """Lower-case letters and digits without diacritics, spaces and marks; dots between digits stay."""
    bare = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(c for c in bare if c.isalnum() or c == ".").strip(".")
