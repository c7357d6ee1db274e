"""Delimited text: dialect, headings, encodings, refused lines and their numbers."""

from __future__ import annotations

import duckdb
import pytest

from tests.sources.test_encodings import TEXT, to_1258, to_tcvn3, to_vni
from workbench.errors import FormatError
from workbench.sources.delimited import headings, read_delimited, sniff
from workbench.sources.raw import LINE


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(given, folder, rows, delimiter: str):
    text = "\n".join(delimiter.join(row) for row in [("Mã hồ sơ", "Bước"), ("H1", "a b"), ("H2", "c")])
    (table,) = read_delimited(given("log.csv", text), folder)
    assert (list(table.columns), rows(table)) == (["Mã hồ sơ", "Bước"], [("H1", "a b"), ("H2", "c")])
    assert table.parts[0].first_line == 2


def test_a_comma_inside_quotes_is_text(given, folder, rows):
    (table,) = read_delimited(given("log.csv", 'a,b\n"x, y","say ""hi"""\n1,2\n'), folder)
    assert rows(table) == [("x, y", 'say "hi"'), ("1", "2")]


def test_titles_above_the_heading_are_skipped(given, folder, rows):
    (table,) = read_delimited(given("log.csv", "DANH SÁCH HỒ SƠ\nTháng 5\n\nMã,Bước,Lúc\n1,a,b\n2,c,d\n"), folder)
    assert list(table.columns) == ["Mã", "Bước", "Lúc"]
    assert (rows(table), table.parts[0].first_line) == ([("1", "a", "b"), ("2", "c", "d")], 5)


def test_excels_hint_is_no_heading(given, folder, rows):
    (table,) = read_delimited(given("log.csv", "sep=;\na;b\n1;2\n"), folder)
    assert (list(table.columns), rows(table), table.parts[0].first_line) == (["a", "b"], [("1", "2")], 3)


def test_headings_are_folded_filled_and_told_apart():
    assert headings(["Mã  hồ\nsơ ", "", "a", "A"], 5) == ("Mã hồ sơ", "column_2", "a", "A_2", "column_5")


def test_lines_that_are_no_rows_are_refused_with_their_number(given, folder, rows):
    content = b'a,b,c\n1,x,3\n2,y\n3,z,5,6\n4,w,7\n5,"bad"q",8\n6,\xff\xfe,9\n7,v,9\n'
    (table,) = read_delimited(given("log.csv", content + b"8,\xc3\xa0,1\n" * 40), folder)
    part = table.parts[0]
    lines = duckdb.execute(f"select {LINE}, a from read_parquet(?) limit 4", [str(part.parquet)]).fetchall()
    assert lines == [(2, "1"), (5, "4"), (8, "7"), (9, "8")]
    refused = duckdb.execute("select line, reason from read_parquet(?)", [str(part.rejects)]).fetchall()
    assert refused == [
        (3, "csv_too_few_fields"),
        (4, "csv_too_many_fields"),
        (6, "csv_stray_quote"),
        (7, "csv_broken_characters"),
    ]
    assert (part.rows, part.n_rejects) == (43, 4)


def test_no_text_of_a_refused_line_is_kept(given, folder):
    (table,) = read_delimited(given("log.csv", "a,b\n1,2\n1,Nguyễn Văn A,0912345678\n3,4\n"), folder)
    kept = duckdb.execute("select * from read_parquet(?)", [str(table.parts[0].rejects)]).fetchall()
    assert kept == [(3, None, None, "csv_too_many_fields")]


def test_formulas_stay_text(given, folder, rows):
    (table,) = read_delimited(given("log.csv", 'a,b\n=1+1,"=HYPERLINK(""http://x"")"\n@SUM(A1),-1+2\n'), folder)
    assert rows(table) == [("=1+1", '=HYPERLINK("http://x")'), ("@SUM(A1)", "-1+2")]


@pytest.mark.parametrize("name", ["utf-16", "utf-16-le", "utf-8-sig"])
def test_unicode_encodings_are_read(given, folder, rows, name: str):
    (table,) = read_delimited(given("log.csv", f"Mã;Bước\n1;{TEXT}\n".replace("; ", " ").encode(name)), folder)
    assert list(table.columns) == ["Mã", "Bước"]
    assert rows(table)[0][1] == TEXT.replace("; ", " ")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("tcvn3", to_tcvn3(TEXT).encode("latin-1")),
        ("tcvn3", to_tcvn3(TEXT).encode("utf-8")),
        ("vni", to_vni(TEXT).encode("cp1252")),
        ("vni", to_vni(TEXT).encode("utf-8")),
        ("windows-1258", to_1258(TEXT)),
    ],
)
def test_legacy_encodings_are_said_and_read_when_named(given, folder, rows, name: str, content: bytes):
    file = given("log.csv", b"a|b\n1|" + content + b"\n2|x\n")
    with pytest.raises(FormatError, match=f"(?i)legacy encoding {name}") as caught:
        read_delimited(file, folder)
    assert f"--set encoding={name}" in caught.value.fix
    (table,) = read_delimited(file, folder, encoding=name)
    assert rows(table)[0][1] == TEXT


def test_an_unknown_encoding_is_said(given, folder, rows):
    file = given("log.csv", "a,b\n1,Größe für façade été\n".encode("latin-1"))
    with pytest.raises(FormatError, match="not recognised") as caught:
        read_delimited(file, folder)
    assert "encoding=windows-1252" in caught.value.fix
    (table,) = read_delimited(file, folder, encoding="windows-1252")
    assert rows(table) == [("1", "Größe für façade été")]


def test_an_encoding_that_does_not_exist_is_said(given, folder):
    with pytest.raises(FormatError, match="There is no encoding 'klingon'"):
        read_delimited(given("log.csv", "a,b\n1,2\n"), folder, encoding="klingon")


@pytest.mark.parametrize("text", ["just one line of prose", "one\ntwo\nthree\n"])
def test_prose_is_no_table(given, folder, text: str):
    with pytest.raises(FormatError, match="not a log"):
        read_delimited(given("notes.txt", text), folder)


def test_a_limit_reads_only_the_first_rows(given, folder, rows):
    (table,) = read_delimited(given("log.csv", "a,b\n" + "1,2\n" * 50), folder, limit=3)
    assert len(rows(table)) == 3


def test_a_given_delimiter_is_used(given):
    dialect = sniff("a,b;c\n1,2;3\n", given("log.csv", "").path, ";")
    assert dialect.columns == ("a,b", "c")


def test_empty_lines_are_counted(given, folder):
    text = 'a,b,c\n1,2,3\n\n4,5\n\n\n6,7,8\n"x\n\ny",1,2\n\n9,9\n7,7,7\n\n\n'
    (table,) = read_delimited(given("blank.csv", text), folder)
    part = table.parts[0]
    lines = duckdb.execute("select a, __line from read_parquet(?)", [str(part.parquet)]).fetchall()
    # a row over several lines counts as one
    assert lines == [("1", 2), ("6", 7), ("x\n\ny", 8), ("7", 11)]
    assert duckdb.execute("select line from read_parquet(?)", [str(part.rejects)]).fetchall() == [(4,), (10,)]


def test_empty_lines_at_the_end_cost_nothing(given, folder):
    (table,) = read_delimited(given("end.csv", "a,b\n1,2\n3,4\n\n\n\n"), folder)
    assert (table.rows, table.parts[0].has_lines) == (2, False)
