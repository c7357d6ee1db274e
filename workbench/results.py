"""What steps give back: frozen values of tables and numbers, each with the basis it rests on."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd


@dataclass(frozen=True, slots=True)
class Basis:
    """What a figure rests on, shown next to it."""

    n_dossiers: int
    n_events: int | None = None
    selection: dict[str, Any] = dataclasses.field(default_factory=dict)
    clock: str | None = None
    calendar: str | None = None
    end_event: str | None = None
    period: tuple[str, str] | None = None
    """First and last day on which the dossiers were received, ISO."""
    store_version: str | None = None
    synthetic: bool = False
    """The store holds a synthetic log; every place that shows the figure says so."""


class Result:
    """Base of all results: JSON-ready facts and a table in a notebook."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """The result as plain JSON-ready values; tables become lists of records."""
        return {f.name: plain(getattr(self, f.name)) for f in dataclasses.fields(self)}  # type: ignore[arg-type]

    def _repr_html_(self) -> str:
        parts = [f"<b>{type(self).__name__}</b>"]
        for f in dataclasses.fields(self):  # type: ignore[arg-type]
            value = getattr(self, f.name)
            if isinstance(value, pd.DataFrame):
                parts.append(f"<div>{f.name}: {len(value)}</div>{value.head(10).to_html(index=False)}")
            elif isinstance(value, int | float | str | Basis):
                parts.append(f"<div>{f.name}: {value}</div>")
        return "".join(parts)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table as dictionaries, for code that goes row by row over a small table."""
    return frame.to_dict("records")  # type: ignore[return-value]


def plain(value: Any) -> Any:  # noqa: PLR0911 - one return per kind of value
    """`value` as JSON-ready types: no NaN, no numpy, no dates."""
    if isinstance(value, pd.DataFrame):
        return [{str(k): plain(v) for k, v in row.items()} for row in value.to_dict("records")]
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset | np.ndarray):
        return [plain(v) for v in value]
    if isinstance(value, datetime | date):
        return None if value is pd.NaT else value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, Result):
        return value.to_dict()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    return value
