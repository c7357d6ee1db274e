"""Shares of waiting causes compared between organisations: each against the others together.

The share of a cause is a ratio of sums over dossiers, R = sum(y) / sum(t), so its variance follows from the delta
method with the residuals y - R t of the dossiers (Cochran 1977, Sampling Techniques, section 6.4). The difference of two
organisations' shares has the sum of both variances; p-values by the normal distribution, corrected over all
organisations and causes together (Benjamini and Hochberg 1995).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import norm

from workbench.mining.worktime import HOUR, Floats

METHOD = "delta"
COLUMNS = (
    "organisation", "cause", "dossiers", "share", "share_others", "difference", "low", "high",
    "working_share", "working_share_others", "working_difference", "working_low", "working_high",
    "q_value", "working_q_value",
)  # fmt: skip
LEAST = 2
"""Dossiers that waited below which an organisation has no interval."""


def compare_shares(sums: pd.DataFrame, causes: Sequence[str]) -> pd.DataFrame:
    """Every organisation's shares beside those of all others, with 95 % intervals and q-values.

    `sums` has one row per dossier: organisation, and `<cause>_seconds` and `<cause>_working_seconds` of its waiting.
    Empty with fewer than two organisations.
    """
    names = sorted(sums["organisation"].unique())
    if len(names) < 2:
        return pd.DataFrame(columns=list(COLUMNS))
    whose = pd.Categorical(sums["organisation"], categories=names).codes
    parts = pd.DataFrame({"organisation": np.repeat(names, len(causes)), "cause": list(causes) * len(names)})
    parts["dossiers"] = np.repeat(np.bincount(whose, minlength=len(names)), len(causes))
    for prefix, suffix in (("", "_seconds"), ("working_", "_working_seconds")):
        values = sums[[f"{cause}{suffix}" for cause in causes]].to_numpy("float64") / HOUR
        for key, column in _difference(_moments(values, whose, len(names))).items():
            parts[f"{prefix}{key}"] = column.ravel()
    out = parts
    for prefix in ("", "working_"):
        out[f"{prefix}q_value"] = _q_values(out.pop(f"{prefix}p").to_numpy("float64"))
    return out[list(COLUMNS)]


@dataclass(frozen=True)
class _Moments:
    """Per organisation sums over dossiers: n, t, t^2, and per cause y, y^2 and y t."""

    n: Floats
    t: Floats
    tt: Floats
    y: Floats
    yy: Floats
    yt: Floats

    def others(self) -> _Moments:
        """The same sums over all other organisations."""
        return _Moments(*(getattr(self, f).sum(axis=0) - getattr(self, f) for f in ("n", "t", "tt", "y", "yy", "yt")))

    def ratio(self) -> tuple[Floats, Floats]:
        """Shares of the causes and the variance of each; NaN where nobody waited or too few dossiers did."""
        with np.errstate(divide="ignore", invalid="ignore"):
            share = self.y / self.t
            left = np.maximum(self.yy - 2 * share * self.yt + share**2 * self.tt, 0.0)
            variance = left / self.t**2 * self.n / (self.n - 1)
        return share, np.where(self.n >= LEAST, variance, np.nan)


def _moments(values: Floats, whose: npt.NDArray[np.integer[Any]], groups: int) -> _Moments:
    def summed(column: Floats) -> Floats:
        return np.bincount(whose, column, minlength=groups).astype(np.float64)

    def each(columns: Floats) -> Floats:
        return np.column_stack([summed(columns[:, k]) for k in range(columns.shape[1])])

    t = values.sum(axis=1)
    n, total, square = (summed(one)[:, None] for one in (np.ones(len(t)), t, t**2))
    return _Moments(n, total, square, each(values), each(values**2), each(values * t[:, None]))


def _difference(own: _Moments) -> dict[str, Floats]:
    share, variance = own.ratio()
    share_others, variance_others = own.others().ratio()
    difference = share - share_others
    error = np.sqrt(variance + variance_others)
    z = np.divide(np.abs(difference), error, out=np.full_like(difference, np.nan), where=error > 0)
    half = norm.ppf(0.975) * error
    return {
        "share": share, "share_others": share_others, "difference": difference,
        "low": difference - half, "high": difference + half, "p": 2 * norm.sf(z),
    }  # fmt: skip


def _q_values(p: Floats) -> Floats:
    """Benjamini and Hochberg over the tests that could be made; NaN for the others."""
    out = np.full(len(p), np.nan)
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    n = len(order)
    scaled = p[order] * n / np.arange(1, n + 1)
    out[order] = np.minimum.accumulate(scaled[::-1])[::-1].clip(max=1.0)
    return out
