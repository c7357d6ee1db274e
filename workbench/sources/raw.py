"""What a reader hands on: raw tables as Parquet parts, every row with its place in the source.

Nothing here is typed or judged yet. Columns are text, or native where the source has types (Parquet).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

LINE = "__line"
"""Column a part may carry: the row's line or record number in its source, where counting does not give it."""

ROLES = ("event", "dossier", "pause")


@dataclass(frozen=True, slots=True)
class RawFile:
    """One file as it was given."""

    path: Path
    sha256: str
    """Empty for a table of a live database, which has no content to sum."""
    bytes: int
    label: str = ""
    """What a table of a live database is known by."""

    @property
    def shown(self) -> str:
        """What the user knows it by."""
        return self.label or str(self.path)


@dataclass(frozen=True, slots=True)
class RawPart:
    """Rows of one file, as one Parquet file."""

    parquet: Path
    source: str
    """What the user knows it by: the file as given, with sheet or part after a colon."""
    file: RawFile
    rows: int
    first_line: int
    """Line (or record) number of the first row, the heading being line 1."""
    has_lines: bool = False
    """The part carries LINE, because refused rows lie between its rows."""
    rejects: Path | None = None
    """Refused rows as Parquet: line, column_name, value, reason, text."""
    n_rejects: int = 0


@dataclass(frozen=True, slots=True)
class RawTable:
    """Rows of one shape, from one file or from many alike."""

    format: str
    columns: dict[str, str]
    """Column to DuckDB type, in the source's order, without LINE."""
    parts: tuple[RawPart, ...]
    role: str | None = None
    """One of ROLES when the reader knows it; None when the columns have to tell."""
    derived: bool = False
    """Its rows are parts of rows of another table (a trace of a log, a supplement of a dossier): not counted."""

    @property
    def name(self) -> str:
        """The first source, and how many more there are."""
        more = len(self.parts) - 1
        return self.parts[0].source + (f" (+{more})" if more else "")

    @property
    def rows(self) -> int:
        """Rows read, refused ones not among them."""
        return sum(part.rows for part in self.parts)

    @property
    def all_text(self) -> bool:
        """Whether every column is text, as in files without types."""
        return all(kind == "VARCHAR" for kind in self.columns.values())


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file of a folder that is not a log, and why."""

    path: str
    reason: str


def group(tables: list[RawTable]) -> list[RawTable]:
    """Tables of the same format, role and columns put together, in the order they came."""
    found: dict[tuple[object, ...], RawTable] = {}
    for table in tables:
        key = (table.format, table.role, table.derived, tuple(sorted(table.columns.items())))
        if key in found:
            found[key] = replace(found[key], parts=found[key].parts + table.parts)
        else:
            found[key] = table
    return list(found.values())
