"""What a load would read: the tables found, some rows, and the mapping proposed with its reasons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from workbench.errors import MappingError
from workbench.intake.live import Wanted, part, read_databases
from workbench.intake.mapping import mapping_of
from workbench.intake.notices import Notice
from workbench.intake.options import options_from
from workbench.intake.personal import Hasher
from workbench.intake.refused import MASK
from workbench.intake.scan import head
from workbench.intake.variables import Variables
from workbench.intake.workplace import Workplace
from workbench.progress import Progress, silent
from workbench.results import Result
from workbench.sources.mapping import PERSONAL_TARGETS, require
from workbench.sources.mapping import Mapping as ColumnMapping
from workbench.sources.opencps import norm_of
from workbench.sources.profiles import Profile, find_profile, profile_of, read_profile
from workbench.sources.raw import RawTable, Skipped
from workbench.sources.reading import collect, read
from workbench.sources.staging import StagingFolder

ROWS = 1000
"""Rows looked at in every file."""


@dataclass(frozen=True, slots=True)
class TablePreview(Result):
    """One table found in the files."""

    name: str
    format: str
    columns: tuple[str, ...]
    mapping: ColumnMapping
    sample: pd.DataFrame
    """Its first rows, personal fields masked."""
    problem: MappingError | None = None
    """Why it cannot be loaded as it is mapped."""

    def to_dict(self) -> dict[str, object]:
        """The preview as plain JSON-ready values."""
        return {
            "name": self.name,
            "format": self.format,
            "columns": list(self.columns),
            "mapping": self.mapping.to_dict(),
            "sample": self.sample.astype(object).where(self.sample.notna(), None).to_dict("records"),
            "problem": None if self.problem is None else self.problem.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class Preview(Result):
    """What a load would read."""

    tables: tuple[TablePreview, ...]
    skipped: tuple[Skipped, ...]
    notices: tuple[Notice, ...]
    profile: Profile
    """The mapping shown, ready to be edited, saved and used for the load."""

    def choices(self) -> pd.DataFrame:
        """file, source_column, canonical (None where left out), confidence, why and unused (why it is left out).

        Codes of the last two have texts under `sources.reason.` and `sources.unused.`; a column that is kept as a
        further attribute has neither.
        """
        names = ["file", "source_column", "canonical", "confidence", "why", "unused"]
        rows: list[tuple[str, str, str | None, float | None, str | None, str | None]] = []
        for one in self.tables:
            rows += [(one.name, c.column, c.target, c.confidence, c.reason, None) for c in one.mapping.choices]
            rows += [(one.name, column, "extra", None, None, None) for column in one.mapping.extra]
            rows += [(one.name, column, None, None, None, reason) for column, reason in one.mapping.unused]
        return pd.DataFrame(rows, columns=names)


def preview(
    paths: Iterable[str | Path],
    *,
    profile: str | Path | Profile | None = None,
    constants: Mapping[str, str] | None = None,
    tables: Sequence[str] = (),
    watermark: str | None = None,
    full: bool = False,
    rows: int = 10,
    progress: Progress = silent,
) -> Preview:
    """Look at the first rows of files or of a live database's tables and propose a mapping; nothing is loaded.

    Raises FormatError or ConnectionFailed as `load` does; a missing column is told in `TablePreview.problem`.
    """
    kept = profile if profile is None or isinstance(profile, Profile) else read_profile(find_profile(profile))
    options = options_from({**(kept.constants if kept else {}), **(constants or {})})
    with StagingFolder() as folder, duckdb.connect() as con:
        variables = Variables(con)
        place = Workplace(con, options, Hasher(variables, None), variables)
        files, addresses = part(paths)
        given = collect(files, checksums=False) if files or not addresses else []
        reading = read(given, folder, options=options.reader, limit=ROWS, progress=progress)
        wanted = Wanted(tuple(addresses), tuple(tables), watermark, full)
        reading, _ = read_databases(None, wanted, reading, kept, folder, limit=ROWS, progress=progress)
        shown = tuple(_table(place, table, kept, rows) for table in norm_of(reading.tables)[1])
    used = profile_of([one.mapping for one in shown], constants or {})
    return Preview(shown, reading.skipped, tuple(place.notices), used)


def _table(place: Workplace, table: RawTable, profile: Profile | None, rows: int) -> TablePreview:
    mapping = mapping_of(place, table, profile)
    problem = None
    try:
        require(mapping, table.name, list(table.columns))
    except MappingError as error:
        problem = error
    shown = head(place.con, place.variables, table, rows).astype(object)
    private = {choice.column for choice in mapping.choices if choice.target in (*PERSONAL_TARGETS, "summary")}
    private |= {name for name, reason in mapping.unused if reason in ("personal", "free_text")}
    for column in private & set(shown.columns):
        shown[column] = shown[column].where(shown[column].isna(), MASK)
    return TablePreview(table.name, table.format, tuple(table.columns), mapping, shown, problem)
