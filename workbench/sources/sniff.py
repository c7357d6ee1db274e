"""What the values of a column look like: times, dossier codes, personal data, free text."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from workbench.reference import DOSSIER_CODE_PATTERN

EMPTY = frozenset({"", "-", "--", "null", "none", "nan", "n/a", "na", "không có", "chưa có", "empty"})
"""What sources write for nothing, in lower case."""

TIME_SHAPES: dict[str, str] = {
    "compact": r"^\d{14}$",
    "compact_day": r"^(19|20)\d{6}$",
    "iso": r"^\d{4}-\d{1,2}-\d{1,2}([T ]\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?)?$",
    "zoned": r"^\d{4}-\d{1,2}-\d{1,2}[T ]\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)? ?(Z|z|[+-]\d{2}(:?\d{2})?)$",
    "year_slash": r"^\d{4}/\d{1,2}/\d{1,2}( \d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?)?$",
    "slash": r"^\d{1,2}[/.-]\d{1,2}[/.-]\d{4}([ ,T]+\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?( ?(SA|CH|AM|PM|sa|ch|am|pm))?)?$",
    "slash_after": r"^\d{1,2}:\d{2}(:\d{2})?[ ,-]+\d{1,2}[/.-]\d{1,2}[/.-]\d{4}$",
    "serial": r"^[2-6]\d{4}([.,]\d+)?$",
    "milliseconds": r"^1\d{12}$",
}
"""The written forms of a time that are read. A column keeps to one or two of them.

`slash` is 31/12/2024 17:05 with the day or the month first; `slash_after` has the time of day in front;
`serial` is Excel's count of days, `milliseconds` Java's count since 1970 (2001 to 2033).
"""
_TIME = {name: re.compile(pattern) for name, pattern in TIME_SHAPES.items()}
_CODE = re.compile(DOSSIER_CODE_PATTERN)
_NUMBER = re.compile(r"^[+-]?\d+([.,]\d+)?$")
_PERSONAL = re.compile(r"^(\S+@\S+\.\S+|(\+84|0)[\d .]{8,11}|\d{9}|\d{12})$")


@dataclass(frozen=True, slots=True)
class Facts:
    """Shares are of the filled values of the sample."""

    empty: bool
    time_share: float
    numeric: bool
    code_share: float
    personal: bool
    free_text: bool


def describe(values: pd.Series) -> Facts:
    """What a sample of a column's values looks like."""
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return Facts(bool(values.isna().all()), 1.0, False, 0.0, False, False)
    texts = [text for value in values.dropna() if (text := str(value).strip()).lower() not in EMPTY]
    if not texts:
        return Facts(True, 0.0, False, 0.0, False, False)
    distinct = set(texts)
    size = len(texts)
    numeric = sum(_NUMBER.match(text) is not None for text in texts) > 0.9 * size
    return Facts(
        empty=False,
        time_share=sum(is_time(text) for text in texts) / size,
        numeric=numeric,
        code_share=sum(_CODE.match(text) is not None for text in texts) / size,
        personal=sum(_PERSONAL.match(text) is not None for text in texts) > 0.2 * size,
        free_text=not numeric and _is_free_text(distinct, size),
    )


def is_time(text: str) -> bool:
    """Whether a text has one of the written forms of a time."""
    return any(pattern.match(text) for pattern in _TIME.values())


def _is_free_text(distinct: set[str], size: int) -> bool:
    wordy = sum(" " in text for text in distinct) > 0.3 * len(distinct)
    long = sum(len(text) for text in distinct) / len(distinct) > 60
    many = len(distinct) > 200 or (size >= 10 and len(distinct) > 0.5 * size)
    return long or (wordy and many)
