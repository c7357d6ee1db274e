"""Parquet files as they are: no copy is made, types are kept."""

from __future__ import annotations

import functools

import duckdb

from workbench.errors import FormatError
from workbench.sources.raw import RawFile, RawPart, RawTable

_NESTED = ("STRUCT", "MAP", "[]", "UNION")


@functools.cache
def _database() -> duckdb.DuckDBPyConnection:
    """A folder may hold hundreds of files, and a database made for each would take longer than reading them."""
    return duckdb.connect()


def read_parquet(file: RawFile) -> list[RawTable]:
    """The one table of a Parquet file; nested columns are left out."""
    path = str(file.path)
    try:
        with _database().cursor() as con:
            described = con.execute("describe select * from read_parquet(?)", [path]).fetchall()
            rows = con.execute("select sum(num_rows) from parquet_file_metadata(?)", [path]).fetchall()[0][0]
    except duckdb.Error as exc:
        raise FormatError(
            f"{path} is a damaged or truncated Parquet file: {str(exc).splitlines()[0]}",
            fix="Copy or write it again.", path=path,
        ) from exc  # fmt: skip
    columns = {name: kind for name, kind, *_ in described if not any(mark in kind for mark in _NESTED)}
    if not rows:
        raise FormatError(f"{path} has no rows.", fix="Export it again.", path=path)
    return [RawTable("parquet", columns, (RawPart(file.path, path, file, int(rows), first_line=1),))]
