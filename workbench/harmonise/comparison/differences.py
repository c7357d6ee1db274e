"""What sets organisations apart: steps and directly-follows pairs that more or fewer of their dossiers have."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.stats import hypergeom

from workbench.harmonise.multiple_testing import benjamini_hochberg
from workbench.harmonise.organisations import OrganisationLogs

Floats = NDArray[np.float64]
COLUMNS = (
    "organisation",
    "kind",
    "source",
    "target",
    "share",
    "share_others",
    "typical",
    "difference",
    "effect",
    "dossiers",
    "dossiers_others",
    "p_value",
    "q_value",
)


def exact_p(hits: Floats, n: Floats, hits_others: Floats, n_others: Floats) -> Floats:
    """Two-sided p-values of Fisher's exact test, twice the smaller tail."""
    total, found = n + n_others, hits + hits_others
    lower = hypergeom.cdf(hits, total, found, n)
    upper = hypergeom.sf(hits - 1, total, found, n)
    return np.minimum(1.0, 2 * np.minimum(lower, upper))


def cohens_h(share: Floats, other: Floats) -> Floats:
    """Effect size of two shares: difference of their arcsine transforms (Cohen 1988); 0.2 small, 0.8 large."""
    return 2 * np.arcsin(np.sqrt(np.clip(share, 0, 1))) - 2 * np.arcsin(np.sqrt(np.clip(other, 0, 1)))


def differences(
    logs: OrganisationLogs,
    *,
    names: Sequence[str] | None = None,
    q: float = 0.05,
    least: float = 0.1,
    limit: int | None = None,
) -> pd.DataFrame:
    """Steps and directly-follows pairs whose share of dossiers differs between each organisation and the others.

    A dossier has a step or a pair when it occurs at least once. Every organisation is tested against the rest of
    `names` (all when not given) for every item; a row is kept when the q-value over all tests is at most `q` and
    the share is at least `least` away from that of the others together and from `typical`, the median of the other
    organisations' shares (so that one organisation's habit does not make all others differ). Largest effect first.
    `attrs["tests"]` tells how many tests there were.
    """
    out = _tests(logs.part(tuple(names)) if names is not None else logs)
    out["q_value"] = benjamini_hochberg(out["p_value"].to_numpy())
    tests = len(out)
    apart = (out["share"] - out["typical"]).abs()
    out = out[(out["q_value"] <= q) & (out["difference"].abs() >= least) & (apart >= least)]
    out = out.assign(_size=out["effect"].abs().round(12))
    order = ["_size", "organisation", "kind", "source", "target"]
    out = out.sort_values(order, ascending=[False, True, True, True, True], kind="stable")
    out = out.drop(columns="_size")[list(COLUMNS)].reset_index(drop=True)
    out = out if limit is None else out.head(limit)
    out.attrs["tests"] = tests
    return out


def _tests(chosen: OrganisationLogs) -> pd.DataFrame:
    """Every organisation against the others together, item by item."""
    items, table = _occurrence(chosen)
    hits = np.array([counts @ table[places] for places, counts in (chosen.places[name] for name in chosen.names)])
    sizes = np.array([chosen.dossiers[name] for name in chosen.names], dtype=float)
    shares = hits / sizes[:, None]
    frames = []
    for row, name in enumerate(chosen.names):
        others, rest = hits.sum(axis=0) - hits[row], sizes.sum() - sizes[row]
        share_others = others / rest if rest else np.zeros_like(others)
        typical = np.median(np.delete(shares, row, axis=0), axis=0) if len(shares) > 1 else share_others
        frames.append(
            pd.DataFrame(
                {
                    "organisation": name,
                    "kind": [item[0] for item in items],
                    "source": [item[1] for item in items],
                    "target": [item[2] for item in items],
                    "share": shares[row],
                    "share_others": share_others,
                    "typical": typical,
                    "difference": shares[row] - share_others,
                    "effect": cohens_h(shares[row], share_others),
                    "dossiers": hits[row].astype(int),
                    "dossiers_others": others.astype(int),
                    "p_value": exact_p(hits[row], sizes[row], others, rest),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def _occurrence(logs: OrganisationLogs) -> tuple[list[tuple[str, str, str | None]], csr_array]:
    """Steps and pairs, and which variants have them."""
    index: dict[tuple[str, str, str | None], int] = {}
    rows: list[int] = []
    columns: list[int] = []
    for row, (variant, _) in enumerate(logs.pooled):
        found: dict[tuple[str, str, str | None], None] = {("step", step, None): None for step in variant}
        found |= {("edge", a, b): None for a, b in pairwise(variant)}
        for item in found:
            rows.append(row)
            columns.append(index.setdefault(item, len(index)))
    table = csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(logs.pooled), max(1, len(index))))
    return list(index) or [("step", "", None)], table
