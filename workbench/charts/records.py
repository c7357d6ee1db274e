"""Rows of a table one by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from workbench.results import plain


def records(table: pd.DataFrame) -> Iterator[Any]:
    """The rows as objects with the columns as attributes; pandas cannot say their types."""
    yield from table.itertuples(index=False)


def row_dicts(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as plain values for a grid; missing values as None."""
    return plain(table)  # type: ignore[no-any-return]
