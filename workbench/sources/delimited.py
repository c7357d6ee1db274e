"""CSV and its kin (tab, semicolon, bar; UTF-8, UTF-16, legacy Vietnamese) as raw text rows.

DuckDB reads the file as text only: a cell such as `=HYPERLINK(…)` stays the characters it is.
Lines that are not rows of the table (too few or too many fields, stray quotes, broken characters) are refused
one by one with their line.
"""

from __future__ import annotations

import csv
import io
import mmap
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import duckdb

from workbench.errors import FormatError
from workbench.progress import Progress, silent
from workbench.sources import encodings
from workbench.sources.opening import CHUNK, is_packed, not_a_log, open_plain
from workbench.sources.raw import LINE, RawFile, RawPart, RawTable
from workbench.sources.staging import StagingFolder
from workbench.watching import watched

SAMPLE = 1 << 18
DELIMITERS = (",", ";", "\t", "|")
_REASONS = {
    "MISSING COLUMNS": "csv_too_few_fields",
    "TOO MANY COLUMNS": "csv_too_many_fields",
    "UNQUOTED VALUE": "csv_stray_quote",
    "INVALID ENCODING": "csv_broken_characters",
    "LINE SIZE OVER MAXIMUM": "csv_line_too_long",
}


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the rows of a file are written."""

    delimiter: str
    skip: int
    """Lines before the heading."""
    columns: tuple[str, ...]


def read_delimited(
    file: RawFile,
    folder: StagingFolder,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    limit: int | None = None,
    progress: Progress = silent,
) -> list[RawTable]:
    """The one table of a delimited file.

    Raises FormatError when it is no table or its encoding is a legacy one and `encoding` does not say so.
    """
    codec = _encoding(file.path, encoding)
    path = file.path
    if codec != ("utf-8", "utf-8"):
        path = _decoded_copy(file, folder, codec, limit, progress)
    elif is_packed(path):
        path = _unpacked_copy(file, folder, limit, progress)
    with path.open("rb") as stream:
        head = stream.read(SAMPLE).decode("utf-8", "replace").removeprefix("\ufeff")
    dialect = sniff(head, file.path, delimiter)
    part = _stage(path, file, folder, dialect, limit=limit, progress=progress)
    if not part.rows and not part.n_rejects:
        raise FormatError(f"{file.path} has a heading and no rows.", fix="Export it again.", path=str(file.path))
    return [RawTable("csv", dict.fromkeys(dialect.columns, "VARCHAR"), (part,))]


def sniff(text: str, path: Path, delimiter: str | None = None) -> Dialect:
    """Delimiter, lines before the heading, and the headings of a sample of text."""
    text, skip = _without_hint(text)
    found: list[tuple[float, int, str]] = []
    for order, candidate in enumerate([delimiter] if delimiter else DELIMITERS):
        widths = Counter(len(row) for row in _rows(text, candidate) if len(row) > 1)
        if widths:
            width, often = widths.most_common(1)[0]
            found.append((often * min(width, 30) ** 0.5, -order, candidate))
    if not found:
        raise not_a_log(path, "its lines have no columns")
    chosen = max(found)[2]
    return _heading(text, chosen, skip, path)


def _heading(text: str, delimiter: str, skip: int, path: Path) -> Dialect:
    reader = csv.reader(io.StringIO("\n".join(text.splitlines()[:300])[:100_000]), delimiter=delimiter)
    rows: list[tuple[int, list[str]]] = []
    before = 0
    for row in reader:
        rows.append((before, row))
        before = reader.line_num
    width = Counter(len(row) for _, row in rows if len(row) > 1).most_common(1)[0][0]
    for line, row in rows[:30]:
        filled = sum(bool(cell.strip()) for cell in row)
        if len(row) >= width - 1 and filled >= max(2, 0.6 * width):
            return Dialect(delimiter, skip + line, headings(row, max(width, len(row))))
    raise not_a_log(path, "no line of it is a heading")


def headings(row: list[str], width: int) -> tuple[str, ...]:
    """Column names from a heading row: white space folded, none empty, none twice."""
    names: dict[str, None] = {}
    for place in range(width):
        cell = row[place] if place < len(row) else ""
        name = base = re.sub(r"\s+", " ", cell).strip().strip("\ufeff") or f"column_{place + 1}"
        number = 1
        while name.lower() in {taken.lower() for taken in names} or name == LINE:
            number += 1
            name = f"{base}_{number}"
        names[name] = None
    return tuple(names)


def _rows(text: str, delimiter: str) -> list[list[str]]:
    short = "\n".join(line for line in text.splitlines()[:300] if len(line) < 20_000)
    try:
        return list(csv.reader(io.StringIO(short, newline=""), delimiter=delimiter))
    except csv.Error:
        return []


def _without_hint(text: str) -> tuple[str, int]:
    found = re.match(r"sep=.\r?\n", text, re.IGNORECASE)
    return (text[found.end() :], 1) if found else (text, 0)


# encoding -------------------------------------------------------------------------------------------------
def _encoding(path: Path, forced: str | None) -> tuple[str, str]:
    """How the bytes are decoded, and the encoding the text is in then: not the same for TCVN3 inside UTF-8."""
    sample = _sample(path)
    found = encodings.detect(sample)
    if forced is not None:
        _known_codec(forced)
        name = forced.lower()
        outside = "utf-8" if found == "utf-8" and name in encodings.LEGACY and not sample.isascii() else name
        return outside, name
    if found is None:
        raise FormatError(
            f"{path} is not UTF-8, and its encoding is not recognised.",
            fix="Save it as UTF-8, or name the encoding, e.g. --set encoding=windows-1252.",
            path=str(path),
            encoding=None,
        )
    inside = encodings.legacy_of(sample.decode("utf-8", "ignore")) if found == "utf-8" else None
    legacy = inside or (found if found in encodings.LEGACY else None)
    if legacy is not None:
        raise legacy_text(path, legacy)
    return found, found


def legacy_text(path: Path, name: str) -> FormatError:
    """The error for a text in a legacy Vietnamese encoding."""
    return FormatError(
        f"{path} holds Vietnamese text in the legacy encoding {name.upper()}.",
        fix=f"Load it with --set encoding={name}, or convert it to UTF-8 first (UniKey can).",
        path=str(path),
        encoding=name,
    )


def _known_codec(name: str) -> None:
    try:
        encodings.decoder(name.lower())
    except LookupError as exc:
        raise FormatError(
            f"There is no encoding {name!r}.",
            fix=f"Use one of: utf-8, utf-16, windows-1252, {', '.join(encodings.LEGACY)}.",
            encoding=name,
        ) from exc


def _sample(path: Path) -> bytes:
    """The head of the file, and the first stretch with characters beyond ASCII when the head has none."""
    with open_plain(path) as stream:
        head = stream.read(SAMPLE)
        if not head.isascii() or len(head) < SAMPLE:
            return head
        while block := stream.read(CHUNK):
            if not block.isascii():
                place = next(at for at, byte in enumerate(block) if byte > 127)
                return head + b"\n" + block[max(0, place - 200) : place + SAMPLE]
    return head


def _unpacked_copy(file: RawFile, folder: StagingFolder, limit: int | None, progress: Progress) -> Path:
    target, done = folder.new(".csv"), 0
    with open_plain(file.path) as stream, target.open("wb") as out:
        while (block := stream.read(CHUNK)) and (limit is None or done < max(SAMPLE, limit * 4000)):
            done += out.write(block)
            progress("unpack", done, 0)
    return target


def _decoded_copy(
    file: RawFile, folder: StagingFolder, codec: tuple[str, str], limit: int | None, progress: Progress
) -> Path:
    decoder, (_, convert) = encodings.decoder(codec[0])[0], encodings.decoder(codec[1])
    target, kept, done = folder.new(".csv"), "", 0
    most = None if limit is None else max(SAMPLE, limit * 4000)
    with open_plain(file.path) as stream, target.open("w", encoding="utf-8", newline="") as out:
        while (block := stream.read(CHUNK)) and (most is None or done < most):
            text = kept + _decode(decoder, block, file.path, final=False)
            done += len(block)
            if codec[1] in encodings.LEGACY:  # a letter and its mark may lie on both sides of the border
                text, kept = text[:-2], text[-2:]
            out.write(convert(text))
            progress("unpack", done, 0)
        out.write(convert(kept + _decode(decoder, b"", file.path, final=not block)))
    return target


def _decode(decoder: object, block: bytes, path: Path, *, final: bool) -> str:
    try:
        return decoder.decode(block, final)  # type: ignore[attr-defined, no-any-return]
    except UnicodeDecodeError as exc:
        raise FormatError(
            f"{path} is not {exc.encoding} throughout: {exc.reason}.",
            fix="Save it as UTF-8, or name the encoding, e.g. --set encoding=windows-1252.",
            path=str(path),
        ) from exc


# rows -----------------------------------------------------------------------------------------------------
_READ = (
    "read_csv($path, delim=$delimiter, columns=$columns, skip=$skip, quote='\"', escape='\"', header=true, "
    "auto_detect=false, ignore_errors=true, store_rejects=true, rejects_limit=0)"
)


def _stage(
    path: Path, file: RawFile, folder: StagingFolder, dialect: Dialect, *, limit: int | None, progress: Progress
) -> RawPart:
    target, first_line = folder.new(), dialect.skip + 2
    with duckdb.connect(config={"memory_limit": "1GB", "temp_directory": str(folder.path)}) as con:
        values = {
            "path": str(path),
            "delimiter": dialect.delimiter,
            "columns": dict.fromkeys(dialect.columns, "VARCHAR"),
            "skip": dialect.skip,
        }
        top = "" if limit is None else f" limit {int(limit)}"
        size = path.stat().st_size
        with watched(con, progress, "read", size):
            con.execute(
                f"copy (select * from {_READ}{top}) to $target (format parquet, compression zstd)",
                {**values, "target": str(target)},
            )
        progress("read", size, size)
        rows = int(con.execute("select count(*) from read_parquet(?)", [str(target)]).fetchall()[0][0])
        n_rejects = int(con.execute("select count(*) from reject_errors").fetchall()[0][0])
        blanks = [] if limit is not None else blank_records(path, dialect)
        if not n_rejects and not blanks:
            return RawPart(target, str(file.path), file, rows, first_line)
        rejects = _rejects(con, folder) if n_rejects else None
        numbered = _numbered(con, target, folder, first_line, blanks)
    return RawPart(numbered, str(file.path), file, rows, first_line, True, rejects, n_rejects)


def _rejects(con: duckdb.DuckDBPyConnection, folder: StagingFolder) -> Path:
    """Refused lines; their text is left out, for a line that is no row cannot have its personal fields masked."""
    con.execute("create temp table reason as select unnest($from) as error_type, unnest($to) as reason",
                {"from": list(_REASONS), "to": list(_REASONS.values())})  # fmt: skip
    target = folder.new()
    con.execute(
        "copy (select line::bigint as line, any_value(column_name) as column_name, null::varchar as value, "
        "any_value(coalesce(reason, 'csv_bad_line')) as reason from reject_errors "
        "left join reason on reason.error_type = reject_errors.error_type::varchar group by line order by line) "
        "to $target (format parquet)",
        {"target": str(target)},
    )
    return target


def blank_records(path: Path, dialect: Dialect) -> list[int]:
    """Numbers of the empty lines between the rows, which DuckDB passes over without a word; a quoted field may hold one.

    A file without them, but for its end, is told by its bytes alone.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        places = [place for mark in (b"\n\n", b"\n\r\n") if (place := text.find(mark)) >= 0]
        if not places or not _more(text, min(places)):
            return []
    with path.open(encoding="utf-8", errors="replace", newline="") as lines:
        reader = csv.reader(lines, delimiter=dialect.delimiter)
        try:
            return [number for number, row in enumerate(reader, 1) if not row and number > dialect.skip + 1]
        except csv.Error:  # a field beyond the reader's limit: the numbers stay those of the rows alone
            return []


def _more(text: mmap.mmap, start: int) -> bool:
    """Whether anything but white space follows."""
    return any(text[place : place + CHUNK].strip() for place in range(start, len(text), CHUNK))


def _numbered(
    con: duckdb.DuckDBPyConnection, path: Path, folder: StagingFolder, first_line: int, blanks: list[int]
) -> Path:
    """The rows with LINE: their count, moved on by the refused and the empty lines before them."""
    target = folder.new()
    con.execute(
        "create temp table refused as select line - $first - row_number() over (order by line) + 1 as place, "
        "row_number() over (order by line) as n from (select line::bigint as line from reject_errors "
        "union select unnest($blanks::bigint[]))",
        {"first": first_line, "blanks": blanks},
    )
    con.execute(
        f"copy (select r.* exclude (file_row_number), r.file_row_number + $first + coalesce(f.n, 0) as {LINE} "
        "from read_parquet($path, file_row_number=true) r asof left join "
        "(select place, max(n) as n from refused group by place) f on r.file_row_number >= f.place "
        "order by r.file_row_number) to $target (format parquet, compression zstd)",
        {"first": first_line, "path": str(path), "target": str(target)},
    )
    return target
