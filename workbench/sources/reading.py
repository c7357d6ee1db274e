"""Any file or folder to raw tables: the content decides which reader takes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import FormatError, SourceError
from workbench.progress import Progress, silent
from workbench.sources import opening
from workbench.sources.delimited import read_delimited
from workbench.sources.excel import read_excel
from workbench.sources.parquet import read_parquet
from workbench.sources.portal import read_json
from workbench.sources.raw import RawFile, RawTable, Skipped, group
from workbench.sources.staging import StagingFolder
from workbench.sources.xes import read_xes

OPTIONS = ("encoding", "delimiter", "sheet", "object_type")
"""What a reader can be told about a file."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in the files."""

    tables: tuple[RawTable, ...]
    files: tuple[RawFile, ...]
    skipped: tuple[Skipped, ...]
    """Files of a folder that are no logs."""


def read(
    paths: Iterable[str | Path],
    folder: StagingFolder,
    *,
    options: Mapping[str, str] | None = None,
    limit: int | None = None,
    progress: Progress = silent,
) -> Reading:
    """The raw tables of files, folders and globs; tables alike are put together.

    `limit` reads only the first rows of every file. A file named by itself that is no log raises FormatError;
    one that lies in a folder is passed over and listed, unless nothing else is there.
    """
    tables: list[RawTable] = []
    files: list[RawFile] = []
    skipped: list[Skipped] = []
    first_error: SourceError | None = None
    found = opening.expand(paths)
    for done, (path, named) in enumerate(found):
        progress("files", done, len(found))
        try:
            file = opening.register(path, progress) if limit is None else RawFile(path, "", path.stat().st_size)
            tables += read_file(file, folder, options=options or {}, limit=limit, progress=progress)
            files.append(file)
        except FormatError as error:
            if named or "encoding" in error.facts or not _may_be_beside(path):
                raise
            first_error = first_error or error
            skipped.append(Skipped(str(path), error.message))
    progress("files", len(found), len(found))
    if not tables and first_error is not None:
        raise first_error
    return Reading(tuple(group(tables)), tuple(files), tuple(skipped))


def _may_be_beside(path: Path) -> bool:
    """Whether a folder of logs may well hold such a file beside them: notes, settings, results."""
    return path.suffix.lower() in (".json", ".txt", ".db", ".sqlite")


def read_file(
    file: RawFile,
    folder: StagingFolder,
    *,
    options: Mapping[str, str],
    limit: int | None = None,
    progress: Progress = silent,
) -> list[RawTable]:
    """The raw tables of one file."""
    kind = opening.kind_of(file.path)
    if kind == "csv":
        return read_delimited(
            file, folder, encoding=options.get("encoding"), delimiter=options.get("delimiter"), limit=limit,
            progress=progress,
        )  # fmt: skip
    if kind in ("xlsx", "xls"):
        return read_excel(file, folder, sheet=options.get("sheet"), encoding=options.get("encoding"), limit=limit)
    if kind == "parquet":
        return read_parquet(file)
    if kind == "xml":
        return read_xes(file, folder, limit=limit, progress=progress)
    if kind == "json":
        return read_json(file, folder, limit=limit, progress=progress)
    raise opening.not_a_log(file.path, f"it is a {kind} file")
