"""Values in SQL by session variables, so that views can use them and no value is ever part of a text."""

from __future__ import annotations

from typing import Any

import duckdb


class Variables:
    """Session variables of one load; `put` gives the SQL that reads the value."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con
        self._names: list[str] = []

    def put(self, value: Any) -> str:
        """Keep `value` for the session and return the expression that stands for it."""
        name = f"intake_{len(self._names)}"
        self._names.append(name)
        self._con.execute(f"set variable {name} = ?", [value])
        return f"getvariable('{name}')"

    def clear(self) -> None:
        """Forget all values."""
        for name in self._names:
            self._con.execute(f"reset variable {name}")
        self._names.clear()
