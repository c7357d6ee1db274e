"""Tables as CSV, Excel and Parquet: numbers stay numbers, dates dates, and no text becomes a formula."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from workbench.errors import WorkbenchError
from workbench.export.layout import text_width

_FORMULA = re.compile(r"^[\s\u200b\ufeff]*[=+\-@|%\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]")
_ROWS = 1_048_575
_CELL = 32_767
_SHEET_MARKS = re.compile(r"[\[\]:*?/\\]")


def safe_text(text: str) -> str:
    """`text` so that no spreadsheet takes it for a formula: an apostrophe before = + - @ tab and their kin."""
    return "'" + text if _FORMULA.match(text) else text


def write_table(
    table: pd.DataFrame, path: Path | str, *, headings: Mapping[str, str] | None = None, title: str = ""
) -> Path:
    """Write a table in the format its suffix names: .csv, .xlsx or .parquet; the path written.

    `headings` are the titles of columns for people (CSV and Excel). CSV is UTF-8 with a mark for Excel,
    decimal points and ISO dates; Excel shows dates as dd/MM/yyyy.
    """
    target = Path(path)
    named = table.rename(columns=dict(headings or {}))
    writers = {
        ".csv": lambda: csv_bytes(named),
        ".xlsx": lambda: xlsx_bytes({title or target.stem: named}),
        ".parquet": lambda: parquet_bytes(table),
    }
    if target.suffix not in writers:
        raise WorkbenchError(
            f"{target.name} has no known table format.", fix=f"End it in {', '.join(writers)}.", path=str(target)
        )
    target.write_bytes(writers[target.suffix]())
    return target


def csv_bytes(table: pd.DataFrame, *, mark: bool = True) -> bytes:
    """A table as CSV in UTF-8; the `mark` at its beginning tells Excel so, other programs do without."""
    safe = table.copy()
    safe.columns = pd.Index([safe_text(str(name)) for name in table.columns])
    for place in range(safe.shape[1]):
        column = safe.iloc[:, place]
        if not (pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_any_dtype(column)):
            safe.isetitem(place, [safe_text(v) if isinstance(v, str) else v for v in column])
    return (b"\xef\xbb\xbf" if mark else b"") + safe.to_csv(index=False, lineterminator="\r\n").encode()


def parquet_bytes(table: pd.DataFrame) -> bytes:
    """A table as Parquet; its cells are not changed, no program computes them."""
    out = io.BytesIO()
    table.to_parquet(out, index=False, compression="zstd")
    return out.getvalue()


def xlsx_bytes(sheets: Mapping[str, pd.DataFrame], *, notes: Mapping[str, str] | None = None) -> bytes:
    """Tables as the sheets of an Excel workbook; `notes` are facts (basis, clock, version) on a last sheet.

    Raises WorkbenchError for a table with more rows than a sheet holds.
    """
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False,
         "remove_timezone": True},
    )  # fmt: skip
    book.set_properties({"created": datetime(2000, 1, 1)})
    styles = _Styles(book)
    names: set[str] = set()
    for name, table in sheets.items():
        if len(table) > _ROWS:
            raise WorkbenchError(
                f"{name} has {len(table)} rows; an Excel sheet holds {_ROWS}.", fix="Write it as Parquet or CSV."
            )
        _sheet(book.add_worksheet(_sheet_name(name, names)), table, styles)
    if notes:
        facts = pd.DataFrame({"": list(notes), " ": [str(v) for v in notes.values()]})
        _sheet(book.add_worksheet(_sheet_name("i", names)), facts, styles)
    book.close()
    return out.getvalue()


class _Styles:
    def __init__(self, book: Any) -> None:
        base = {"font_name": "Times New Roman", "font_size": 11, "valign": "top"}
        self.head = book.add_format({**base, "bold": True, "bg_color": "#EEF4FA", "border": 1, "border_color": "#C9D3DC",
                                     "text_wrap": True, "valign": "vcenter"})  # fmt: skip
        self.text = book.add_format({**base, "text_wrap": True})
        self.risky = book.add_format({**base, "text_wrap": True})
        self.risky.set_quote_prefix()
        self.whole = book.add_format({**base, "num_format": "#,##0"})
        self.real = book.add_format({**base, "num_format": "#,##0.00"})
        self.share = book.add_format({**base, "num_format": "0.0 %"})
        self.day = book.add_format({**base, "num_format": "dd/mm/yyyy", "align": "left"})
        self.moment = book.add_format({**base, "num_format": "dd/mm/yyyy hh:mm", "align": "left"})


def _sheet(sheet: Any, table: pd.DataFrame, styles: _Styles) -> None:
    for column, name in enumerate(table.columns):
        _cell(sheet, (0, column), str(name), styles.head, styles)
        values = table.iloc[:, column]
        kind = _number_style(str(name), values, styles)
        widest = text_width(str(name), 12)
        for row, value in enumerate(values, 1):
            _cell(sheet, (row, column), value, kind, styles)
            if row <= 200:
                widest = max(widest, text_width(str(value), 12))
        sheet.set_column(column, column, min(max(widest / 6.2 + 2, 9), 60))
    sheet.freeze_panes(1, 0)
    if len(table.columns):
        sheet.autofilter(0, 0, max(len(table), 1), len(table.columns) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _number_style(name: str, values: pd.Series, styles: _Styles) -> Any:
    if not pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        return styles.text
    if pd.api.types.is_integer_dtype(values) or (values.dropna() % 1 == 0).all():
        return styles.whole
    bounded = values.dropna().between(0, 1).all()
    return styles.share if bounded and name.endswith(("share", "rate", "%", "tỷ lệ")) else styles.real


def _cell(sheet: Any, at: tuple[int, int], value: Any, style: Any, styles: _Styles) -> None:
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and not math.isfinite(value)):
        sheet.write_blank(*at, None, style)
    elif isinstance(value, bool):
        sheet.write_boolean(*at, value, styles.text)
    elif isinstance(value, datetime):
        whole_day = (value.hour, value.minute, value.second) == (0, 0, 0)
        sheet.write_datetime(*at, value.replace(tzinfo=None), styles.day if whole_day else styles.moment)
    elif isinstance(value, date):
        sheet.write_datetime(*at, value, styles.day)
    elif hasattr(value, "item") or isinstance(value, int | float):
        number = value.item() if hasattr(value, "item") else value
        if isinstance(number, bool):
            sheet.write_boolean(*at, number, styles.text)
        elif isinstance(number, int) and abs(number) >= 10**15:  # Excel would round it
            sheet.write_string(*at, str(number), styles.text)
        else:
            sheet.write_number(*at, number, style)
    else:
        text = str(value)[:_CELL]
        risky = style is styles.text and safe_text(text) != text
        sheet.write_string(*at, text, styles.risky if risky else style)


def _sheet_name(wanted: str, taken: set[str]) -> str:
    """At most 31 characters, none that Excel forbids, and not twice."""
    base = _SHEET_MARKS.sub(" ", wanted).strip(" '")[:31] or "1"
    name, number = base, 2
    while name.casefold() in taken:
        end = f" {number}"
        name, number = base[: 31 - len(end)] + end, number + 1
    taken.add(name.casefold())
    return name
