"""Files are found, told apart by content, and opened through guards."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest

from workbench.errors import FormatError, SourceError
from workbench.sources import opening


def test_a_folder_gives_its_logs_and_leaves_the_rest(tmp_path: Path):
    for name in ("b.csv", "a.xes.gz", "notes.docx", ".hidden.csv", "sub/c.parquet"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    found = [(path.name, named) for path, named in opening.expand([tmp_path, tmp_path / "b.csv"])]
    assert found == [("a.xes.gz", False), ("b.csv", True), ("c.parquet", False)]


def test_a_glob_gives_its_matches(tmp_path: Path):
    for name in ("e1.csv", "e2.csv", "d.csv"):
        (tmp_path / name).write_text("x")
    assert [path.name for path, _ in opening.expand([str(tmp_path / "e*.csv")])] == ["e1.csv", "e2.csv"]


@pytest.mark.parametrize("name", ["nowhere.csv", "no*.csv"])
def test_what_is_not_there_is_said(tmp_path: Path, name: str):
    with pytest.raises(SourceError, match="There is no file"):
        opening.expand([tmp_path / name])


def test_an_empty_folder_is_said(tmp_path: Path):
    with pytest.raises(SourceError, match="holds no log files"):
        opening.expand([tmp_path])


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"a,b\n1,2\n", "csv"),
        ("\ufeffMã;Bước\n".encode("utf-8"), "csv"),
        ("a\tb\n".encode("utf-16"), "csv"),
        (b"  <?xml version='1.0'?><log/>", "xml"),
        (b'\n {"data": []}', "json"),
        (b"[]", "json"),
        (b"PAR1....", "parquet"),
        (b"SQLite format 3\0", "sqlite"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0), "csv"),
    ],
)
def test_kinds_are_told_by_content(given, content: bytes, kind: str):
    assert opening.kind_of(given("log.bin", content).path) == kind


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"%PDF-1.7\n1 0 obj", "a PDF"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "a picture"),
        (bytes(range(256)) * 8, "binary"),
        (b"<!DOCTYPE html><html><table>", "web page"),
    ],
)
def test_what_is_no_log_is_refused_with_what_it_is(given, content: bytes, what: str):
    with pytest.raises(FormatError, match=what) as caught:
        opening.kind_of(given("report.csv", content).path)
    assert caught.value.fix


@pytest.mark.parametrize("content", [b"", b"   \n\n", gzip.compress(b"", mtime=0)])
def test_an_empty_file_is_said(given, content: bytes):
    with pytest.raises(FormatError, match="is empty"):
        opening.kind_of(given("log.csv", content).path)


def test_an_archive_that_is_no_workbook_is_said(tmp_path: Path):
    path = tmp_path / "logs.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", "x,y")
    with pytest.raises(FormatError, match="archive"):
        opening.kind_of(path)


def test_packed_files_are_unpacked_as_they_are_read(tmp_path: Path):
    text = b"a,b\n" + b"1,2\n" * 1000
    (tmp_path / "two.gz").write_bytes(gzip.compress(text[:2000], mtime=0) + gzip.compress(text[2000:], mtime=0))
    with pa.CompressedOutputStream(str(tmp_path / "one.zst"), "zstd") as out:
        out.write(text)
    for name in ("two.gz", "one.zst"):
        with opening.open_plain(tmp_path / name) as stream:
            assert stream.read() == text


@pytest.mark.parametrize("packed", ["gz", "zst"])
def test_a_truncated_packed_file_is_refused(tmp_path: Path, packed: str):
    text = b"".join(b"%d,%d\n" % (n, n * n) for n in range(20_000))
    path = tmp_path / f"log.csv.{packed}"
    if packed == "gz":
        path.write_bytes(gzip.compress(text, mtime=0))
    else:
        with pa.CompressedOutputStream(str(path), "zstd") as out:
            out.write(text)
    path.write_bytes(path.read_bytes()[:-5000])
    with pytest.raises(FormatError, match="damaged or cut off") as caught, opening.open_plain(path) as stream:
        stream.read()
    assert "nothing was loaded" in caught.value.fix


def test_a_decompression_bomb_is_stopped_early(tmp_path: Path):
    path = tmp_path / "bomb.csv.gz"
    with gzip.open(path, "wb") as out:
        for _ in range(200):
            out.write(bytes(1 << 20))
    read = 0
    with pytest.raises(FormatError, match="decompression bomb"), opening.open_plain(path) as stream:
        while block := stream.read(1 << 20):
            read += len(block)
    assert read < 100 << 20


def test_a_checksum_is_of_the_content(given):
    one, two = given("a.csv", b"x"), given("b.csv", b"x")
    assert one.sha256 == two.sha256
    assert (one.bytes, one.path.name) == (1, "a.csv")
