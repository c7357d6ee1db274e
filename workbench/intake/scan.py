"""Raw tables as SQL on the store's connection: every row with its source, its line and its order."""

from __future__ import annotations

import duckdb
import pandas as pd

from workbench.intake.variables import Variables
from workbench.sources.raw import LINE, RawTable
from workbench.store.schema import quote

FILE_SHIFT = 1 << 40
"""Rows of the n-th file are ordered from n times this."""


def scan(variables: Variables, table: RawTable, first_file: int) -> str:
    """A subquery with the table's columns and __source, __line, __order."""
    files = variables.put([str(part.parquet) for part in table.parts])
    sources = variables.put([part.source for part in table.parts])
    first = variables.put([part.first_line for part in table.parts])
    place = f"list_position({files}, __file)"
    counted = f"file_row_number + list_extract({first}, {place})"
    if any(part.has_lines for part in table.parts):
        counted = f"coalesce(try_cast({LINE} as bigint), {counted})"
    columns = ", ".join(quote(name) for name in table.columns)
    return (
        f"(select {columns}, list_extract({sources}, {place}) as __source, ({counted})::bigint as __line, "
        f"(({first_file} + {place} - 1) * {FILE_SHIFT} + file_row_number)::bigint as __order "
        f"from read_parquet({files}, union_by_name=true, filename='__file', file_row_number=true))"
    )


def head(con: duckdb.DuckDBPyConnection, variables: Variables, table: RawTable, rows: int) -> pd.DataFrame:
    """The first rows of a raw table as they are."""
    columns = ", ".join(quote(name) for name in table.columns)
    return con.execute(f"select {columns} from {scan(variables, table, 0)} limit {int(rows)}").df()


def sample(con: duckdb.DuckDBPyConnection, variables: Variables, table: RawTable, rows: int = 2000) -> pd.DataFrame:
    """Some rows of a raw table: all of a small one, else its first ones and its last."""
    if table.rows <= rows:
        return head(con, variables, table, rows)
    last = table.parts[-1]
    tail = con.execute(
        "select * exclude (file_row_number) from read_parquet($path, file_row_number=true) where file_row_number >= $from",
        {"path": str(last.parquet), "from": last.rows - rows // 2},
    ).df()
    return pd.concat([head(con, variables, table, rows // 2), tail[list(table.columns)]], ignore_index=True)
