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
from workbench.sources.ocel import is_ocel, read_ocel
from workbench.sources.opencps import relate
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


@dataclass(frozen=True, slots=True)
class Given:
    """One file of a load."""

    file: RawFile
    named: bool
    """Given by its own name, not found in a folder."""


def collect(paths: Iterable[str | Path], progress: Progress = silent, *, checksums: bool = True) -> list[Given]:
    """The files of `paths` (files, folders, globs), with their checksums."""
    found = opening.expand(paths)
    out = []
    for done, (path, named) in enumerate(found):
        progress("checksum", done, len(found))
        file = opening.register(path) if checksums else RawFile(path, "", path.stat().st_size)
        out.append(Given(file, named))
    progress("checksum", len(found), len(found))
    return out


def read(
    given: Iterable[Given],
    folder: StagingFolder,
    *,
    options: Mapping[str, str] | None = None,
    limit: int | None = None,
    progress: Progress = silent,
) -> Reading:
    """The raw tables of files; tables alike are put together.

    `limit` reads only the first rows of every file. A file named by itself that is no log raises FormatError;
    one that may just lie beside logs in a folder is passed over and listed, unless nothing else is there.
    """
    tables: list[RawTable] = []
    files: list[RawFile] = []
    skipped: list[Skipped] = []
    first_error: SourceError | None = None
    todo = list(given)
    for done, one in enumerate(todo):
        progress("files", done, len(todo))
        try:
            tables += read_file(one.file, folder, options=options or {}, limit=limit, progress=progress)
            files.append(one.file)
        except FormatError as error:
            if not may_be_beside(one) or "encoding" in error.facts:
                raise
            first_error = first_error or error
            skipped.append(Skipped(str(one.file.path), error.message))
    progress("files", len(todo), len(todo))
    if not tables and first_error is not None:
        raise first_error
    return Reading(tuple(relate(group(tables), folder)), tuple(files), tuple(skipped))


def may_be_beside(given: Given) -> bool:
    """Whether a folder of logs may well hold such a file beside them: notes, settings, results."""
    return not given.named and given.file.path.suffix.lower() in (".json", ".txt", ".db", ".sqlite")


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
    if kind == "sqlite" or (kind in ("xml", "json") and _is_ocel(file.path)):
        return read_ocel(
            file, folder, kind=kind, object_type=options.get("object_type"), limit=limit, progress=progress
        )
    if kind == "xml":
        return read_xes(file, folder, limit=limit, progress=progress)
    if kind == "json":
        return read_json(file, folder, limit=limit, progress=progress)
    raise opening.not_a_log(file.path, f"it is a {kind} file")


def _is_ocel(path: Path) -> bool:
    with opening.open_plain(path) as stream:
        return is_ocel(stream.read(opening.CHUNK))
