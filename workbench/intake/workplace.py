"""What the steps of one staging share."""

from __future__ import annotations

from dataclasses import dataclass, field

import duckdb

from workbench.intake.notices import Notice
from workbench.intake.options import LoadOptions
from workbench.intake.personal import Hasher
from workbench.intake.variables import Variables


@dataclass
class Workplace:
    """The connection, the settings, and what there is to say."""

    con: duckdb.DuckDBPyConnection
    options: LoadOptions
    hasher: Hasher
    variables: Variables
    notices: list[Notice] = field(default_factory=list)

    def count(self, query: str) -> int:
        """The first value of a query, as a whole number."""
        return int(self.con.execute(query).fetchall()[0][0] or 0)

    def say(self, code: str, **facts: object) -> None:
        """Add a notice."""
        self.notices.append(Notice(code, dict(facts)))
