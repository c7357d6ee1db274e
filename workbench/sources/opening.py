"""Files as given: found in folders, told apart by their content, opened through guards.

Compressed files are read as a stream that refuses a truncated file and one that grows out of proportion.
"""

from __future__ import annotations

import glob
import gzip
import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from workbench.errors import FormatError, SourceError
from workbench.progress import Progress, silent
from workbench.sources.encodings import wide_encoding
from workbench.sources.raw import RawFile

KNOWN = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".parquet", ".xes", ".json", ".jsonl", ".ndjson",
         ".jsonocel", ".xmlocel", ".sqlite", ".db")  # fmt: skip
"""Endings looked at when a folder is given; a file named by itself is judged by its content alone."""

CHUNK = 1 << 20
MAX_RATIO = 250
"""Text of logs shrinks 10 to 60 times; a file that grows more than this is a decompression bomb."""
RATIO_FREE_BYTES = 64 << 20
"""Below this size a file may grow as it likes."""


def expand(paths: Iterable[str | Path]) -> list[tuple[Path, bool]]:
    """The files of `paths` (files, folders, globs) in order, each with whether it was named by itself."""
    found: dict[Path, bool] = {}
    for given in paths:
        path = Path(given).expanduser()
        if path.is_dir():
            inside = sorted(
                item
                for item in path.rglob("*")
                # What Spark prepared in the folder (intake/cluster.py) is no log.
                if item.is_file() and _looks_like_log(item) and "_workbench" not in item.relative_to(path).parts
            )
            if not inside:
                raise SourceError(
                    f"The folder {path} holds no log files.", fix=f"Known endings: {', '.join(KNOWN)}.", path=str(path)
                )
            found.update((item, found.get(item, False)) for item in inside)
        elif path.is_file():
            found[path] = True
        else:
            matches = sorted(Path(item) for item in glob.glob(str(path), recursive=True))  # noqa: PTH207 - ** and absolute
            files = [item for item in matches if item.is_file()]
            if not files:
                raise SourceError(
                    f"There is no file {path}.", fix="Check the name; quote a pattern such as 'events*.parquet'.",
                    path=str(path),
                )  # fmt: skip
            found.update((item, True) for item in files)
    if not found:
        raise SourceError("No file was given.", fix="Name at least one file or folder.")
    return list(found.items())


def _looks_like_log(path: Path) -> bool:
    name = path.name.lower()
    if name.startswith((".", "_", "~")):
        return False
    for packed in (".gz", ".zst"):
        name = name.removesuffix(packed)
    return name.endswith(KNOWN)


def register(path: Path, progress: Progress = silent) -> RawFile:
    """The file with its checksum and size."""
    digest, size, total = hashlib.sha256(), 0, path.stat().st_size
    with path.open("rb") as file:
        while block := file.read(8 * CHUNK):
            digest.update(block)
            size += len(block)
            progress("checksum", size, total)
    return RawFile(path, digest.hexdigest(), size)


def kind_of(path: Path) -> str:
    """What a file is, by its content: csv, xlsx, xls, parquet, xml, json, sqlite.

    Raises FormatError for an empty file and for one that is none of these.
    """
    head = path.open("rb").read(8) if path.stat().st_size else b""
    if not head:
        raise FormatError(f"{path} is empty.", fix="Export it again.", path=str(path))
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"PK\x03\x04"):
        return _kind_of_zip(path)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return "xls"
    if head.startswith(b"SQLite"):
        return "sqlite"
    with open_plain(path) as stream:
        sample = stream.read(4096)
    if not sample.strip():
        raise FormatError(f"{path} is empty.", fix="Export it again.", path=str(path))
    return _kind_of_text(path, sample)


def _kind_of_text(path: Path, sample: bytes) -> str:
    text = _as_ascii(sample).lstrip()
    if text.startswith("<"):
        lowered = text.lower()
        if "<html" in lowered or "<table" in lowered or "<!doctype html" in lowered:
            raise not_a_log(path, "it is a web page", "Save it as XLSX or CSV in the program that opens it.")
        return "xml"
    if text.startswith(("{", "[")):
        return "json"
    for magic, what in _FOREIGN:
        if sample.startswith(magic):
            raise not_a_log(path, f"it is {what}")
    controls = sum(char < " " and char not in "\r\n\t\f" for char in text)
    if controls > 0.02 * len(text):
        raise not_a_log(path, "it is binary")
    return "csv"


_FOREIGN = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"{\\rtf", "a rich text document"),
)


def _as_ascii(sample: bytes) -> str:
    """The sample with every character below 128 right, whatever the encoding."""
    wide = wide_encoding(sample)
    return sample.decode(wide, "ignore") if wide else sample.removeprefix(b"\xef\xbb\xbf").decode("latin-1")


def _kind_of_zip(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError) as exc:
        raise FormatError(
            f"{path} is a damaged archive: {exc}.", fix="Copy or export it again.", path=str(path)
        ) from exc
    names = {entry.filename for entry in entries}
    if "xl/workbook.xml" not in names and "xl/workbook.bin" not in names:
        raise not_a_log(path, "it is an archive", "Unpack it and load the files inside.")
    unpacked, packed = sum(entry.file_size for entry in entries), max(path.stat().st_size, 1)
    if unpacked > RATIO_FREE_BYTES and unpacked > MAX_RATIO * packed:
        raise bomb(path)
    return "xlsx"


def not_a_log(path: Path, why: str, fix: str = "") -> FormatError:
    """The error for a file no reader knows."""
    return FormatError(
        f"{path} is not a log: {why}.",
        fix=fix or "Give CSV, XLSX, Parquet, XES or JSON, as it is or packed as .gz or .zst.",
        path=str(path),
    )


def bomb(path: Path) -> FormatError:
    """The error for a file that unpacks out of proportion."""
    return FormatError(
        f"{path} unpacks to more than {MAX_RATIO} times its size, as a decompression bomb does.",
        fix="If you trust it, unpack it yourself and load the unpacked file.",
        path=str(path),
    )


class _Guarded(io.RawIOBase):
    """A decompressed stream that turns damage and bombs into FormatError."""

    def __init__(self, inner: Any, path: Path) -> None:
        super().__init__()
        self._inner, self._path = inner, path
        self._packed, self._out = max(path.stat().st_size, 1), 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            block = self._inner.read(len(buffer))
        except (EOFError, OSError, zlib.error) as exc:
            raise FormatError(
                f"{self._path} is damaged or cut off after {self._out:,} unpacked bytes: {exc}.",
                fix="Copy or export it again; nothing was loaded.",
                path=str(self._path),
            ) from exc
        self._out += len(block)
        if self._out > RATIO_FREE_BYTES and self._out > MAX_RATIO * self._packed:
            raise bomb(self._path)
        buffer[: len(block)] = block
        return len(block)

    def close(self) -> None:
        self._inner.close()
        super().close()


@contextmanager
def open_plain(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of a file, unpacked when it is .gz or .zst (told by its content)."""
    with path.open("rb") as file:
        head = file.read(4)
    if head[:2] == b"\x1f\x8b":
        inner: Any = gzip.open(path, "rb")  # noqa: SIM115 - closed by the guard
    elif head == b"\x28\xb5\x2f\xfd":
        inner = pa.input_stream(str(path), compression="zstd")
    else:
        with path.open("rb") as plain:
            yield plain
        return
    with io.BufferedReader(_Guarded(inner, path), CHUNK) as stream:
        yield stream


def is_packed(path: Path) -> bool:
    """Whether the file is .gz or .zst by its content."""
    with path.open("rb") as file:
        head = file.read(4)
    return head[:2] == b"\x1f\x8b" or head == b"\x28\xb5\x2f\xfd"
