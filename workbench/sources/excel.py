"""Workbooks (.xlsx, .xlsm, .xls), each sheet with a heading a raw table.

A formula is never evaluated: its stored result is read, and text that looks like a formula stays text.
Title rows above the headings, a row that numbers the columns and the foot of a list (totals, signatures) are no rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from workbench.errors import FormatError
from workbench.reference import DOSSIER_CODE_PATTERN
from workbench.sources import encodings
from workbench.sources.delimited import headings, legacy_text
from workbench.sources.headings import fold
from workbench.sources.opening import not_a_log
from workbench.sources.raw import LINE, RawFile, RawPart, RawTable
from workbench.sources.staging import StagingFolder, TextParts, as_text

_HEADING_ROWS = 30


def read_excel(
    file: RawFile,
    folder: StagingFolder,
    *,
    sheet: str | None = None,
    encoding: str | None = None,
    limit: int | None = None,
) -> list[RawTable]:
    """The tables of a workbook; sheets without a heading and rows are passed over.

    Raises FormatError when no sheet is a table, or its cells hold text of a legacy Vietnamese font and
    `encoding` does not say so.
    """
    book = _open(file.path)
    if sheet is not None and sheet not in book.sheet_names:
        raise FormatError(
            f"{file.path} has no sheet {sheet!r}.", fix=f"Its sheets: {', '.join(book.sheet_names)}.",
            path=str(file.path), sheet=sheet,
        )  # fmt: skip
    found = []
    for name in [sheet] if sheet else book.sheet_names:
        table = _sheet(book.get_sheet_by_name(name), file, folder, encoding, limit)
        if table is not None:
            found.append(table)
    if not found:
        raise not_a_log(file.path, "no sheet of it has a heading and rows")
    return found


def _open(path: Path) -> Any:
    try:
        return CalamineWorkbook.from_path(str(path))
    except (CalamineError, OSError) as exc:
        raise FormatError(
            f"{path} cannot be read as a workbook: {exc}.", fix="Open it in Excel and save it again as XLSX.",
            path=str(path),
        ) from exc  # fmt: skip


def _sheet(
    sheet: Any, file: RawFile, folder: StagingFolder, encoding: str | None, limit: int | None
) -> RawTable | None:
    if not sheet.height:
        return None
    # calamine leaves out empty rows above the first one
    top = sheet.start[0] if sheet.start else 0
    rows = enumerate(sheet.iter_rows(), start=top + 1)
    before = list(islice(rows, _HEADING_ROWS))
    place = _heading_row([cells for _, cells in before])
    if place is None:
        return None
    convert = _converter(file.path, [cells for _, cells in before], encoding)
    names, after = _headings([cells for _, cells in before], place)
    columns = headings([convert(as_text(cell)) or "" for cell in names], len(names))
    texts = (
        (number, [convert(as_text(cell)) for cell in cells[: len(columns)]])
        for number, cells in chain(before[after:], rows)
    )
    parts = TextParts(folder, columns)
    _add_rows(parts, columns, texts, limit)
    if not parts.rows_seen:
        return None
    path, types = parts.close()
    types.pop(LINE)
    part = RawPart(path, f"{file.path}: {sheet.name}", file, parts.rows, before[after - 1][0] + 1, has_lines=True)
    return RawTable("xlsx", types, (part,))


def _add_rows(
    parts: TextParts, columns: Sequence[str], rows: Iterable[tuple[int, list[str | None]]], limit: int | None
) -> None:
    """The rows under the headings; what looks like a foot is a row only when others follow it, or there are no others."""
    held: list[dict[str, str | None]] = []
    for number, values in rows:
        if not any(values) or (not parts.rows_seen and _only_numbers(values)):
            continue
        row = {**dict(zip(columns, values, strict=False)), LINE: str(number)}
        if _like_a_foot(values):
            held.append(row)
            continue
        for one in [*held, row]:
            parts.add(one)
        held.clear()
        if limit is not None and parts.rows_seen >= limit:
            break
    if not parts.rows_seen:
        for one in held:
            parts.add(one)


def _heading_row(rows: Sequence[Sequence[Any]]) -> int | None:
    """The first row that is filled as widely as the sheet and holds only text."""
    widths = [sum(cell not in (None, "") for cell in row) for row in rows]
    widest = max(widths, default=0)
    for place, row in enumerate(rows):
        texts = sum(isinstance(cell, str) and bool(cell.strip()) for cell in row)
        if texts >= max(2, 0.6 * widest) and texts >= 0.8 * widths[place]:
            return place
    return None


def _headings(rows: Sequence[Sequence[Any]], place: int) -> tuple[list[Any], int]:
    """The headings, and how many rows stand before the first row of the table.

    A list may have two rows of headings, the upper one with cells merged over several columns ("Thời gian" over
    "Ngày tiếp nhận" and "Ngày hẹn trả"): then the lower one names those columns.
    """
    upper = list(rows[place])
    lower = list(rows[place + 1]) if place + 1 < len(rows) else []
    filled = [column for column, cell in enumerate(lower) if cell not in (None, "")]
    gaps = {column for column, cell in enumerate(upper) if cell in (None, "")}
    open_columns = gaps | {column - 1 for column in gaps}
    named = all(isinstance(lower[column], str) and column in open_columns for column in filled)
    if not named or not gaps & set(filled) or len(filled) < 2:
        return upper, place + 1
    width = max(len(upper), len(lower))
    upper += [None] * (width - len(upper))
    for column in filled:
        upper[column] = lower[column]
    return upper, place + 2


def _only_numbers(values: Sequence[str | None]) -> bool:
    """Whether a row under the headings just counts the columns: (1), (2), (3) …"""
    filled = [value for value in values if value]
    return len(filled) >= 3 and all(re.fullmatch(r"\(?(\d{1,2}|[A-Z])\)?([=+].*)?", value.strip()) for value in filled)


def _like_a_foot(values: Sequence[str | None]) -> bool:
    """Whether a row may belong to the foot of a list: its totals, its date, who signs."""
    filled = [value for value in values if value]
    if any(re.fullmatch(DOSSIER_CODE_PATTERN, value) for value in filled):
        return False
    return (len(values) >= 5 and len(filled) <= 2) or re.match(
        r"(tong(cong|so)?|cong)(\d|$|hoso)", fold(filled[0])
    ) is not None


def _converter(path: Path, rows: Sequence[Sequence[Any]], encoding: str | None) -> Any:
    text = " ".join(cell for row in rows for cell in row if isinstance(cell, str))
    found = encodings.legacy_of(text)
    if encoding is not None and encoding in encodings.LEGACY:
        make = encodings.LEGACY[encoding][1]
        return lambda value: None if value is None else make(value)
    if found:
        raise legacy_text(path, found)
    return lambda value: value
