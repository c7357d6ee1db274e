"""What comes with a deviation beside time: lateness, supplements and the outcome of the organisation's dossiers.

Method (adjusted_organisation_share): in the organisations without a finding, the share of closed dossiers that are late,
that needed a supplement, or that did not end as done, is explained by procedure variant, channel, applicant type, level
of government, season (quarter) and workload (the month's arrivals against the organisation's usual month) by weighted
least squares (linear probability model). What an organisation's share lies above its explained share is the effect. The
interval adds the sampling variance and the variance between the organisations without a finding (DerSimonian and Laird,
1986) with Student's t for their number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import ibis
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import t as student

from workbench.clock.prepared import judged
from workbench.harmonise.impact.throughput_effect import between_organisations
from workbench.selection import Selection
from workbench.store import LogStore

METHOD = "adjusted_organisation_share"
ADJUSTED_FOR = ("procedure_variant", "channel", "applicant_type", "level", "quarter", "workload")
Outcome = Literal["late", "supplement", "not_done"]
OUTCOMES: tuple[Outcome, ...] = ("late", "supplement", "not_done")
QUIET, BUSY = 0.75, 1.33
"""A month is quiet or busy below and above these parts of the organisation's usual month."""
FEWEST = 3
"""Organisations without a finding that are needed to compare with."""
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ShareEffect:
    """How much higher a share is than the case mix explains (0.1 is ten points), with a 95 % interval."""

    outcome: Outcome
    effect: float
    low: float
    high: float
    dossiers: int
    """The organisation's closed dossiers for which the outcome is known."""
    control_dossiers: int
    control_organisations: int
    method: str = METHOD


def outcome_groups(store: LogStore, selection: Selection, *, by: str, clock: str = "portal") -> pd.DataFrame:
    """Closed dossiers per organisation and case mix: organisation, ADJUSTED_FOR, and for every outcome n (known) and hits.

    Late is by the legal `clock`; a dossier it cannot judge does not count there.
    """
    closed = selection.with_(closed=True)
    d = store.dossiers(closed)
    verdicts = judged(store, closed).select("dossier_key", verdict=ibis._[clock])
    month = d.received_at.truncate("M")
    rows = d.select(
        "dossier_key",
        organisation=d[by],
        **{name: d[name].fill_null("") for name in ("procedure_variant", "channel", "applicant_type", "level")},
        quarter=d.received_at.year() * 4 + d.received_at.quarter(),
        month=month,
        supplement=(d.supplement_count.fill_null(0) > 0).cast("int64"),
        not_done=(d.outcome != "done").fill_null(False).cast("int64"),
    ).left_join(verdicts, "dossier_key")
    rows = rows.filter(rows.organisation.notnull()).drop("dossier_key_right")
    arrivals = rows.group_by(["organisation", "month"]).aggregate(arrived=lambda t: t.count())
    usual = arrivals.group_by("organisation").aggregate(usual=lambda t: t.arrived.median())
    load = arrivals.join(usual, "organisation").mutate(
        workload=lambda t: ibis.cases((t.arrived < QUIET * t.usual, -1), (t.arrived > BUSY * t.usual, 1), else_=0)
    )
    joined = rows.join(load.select("organisation", "month", "workload"), ["organisation", "month"])
    known = joined.verdict.isin(["on_time", "late"]).fill_null(False)
    grouped = joined.mutate(known=known.cast("int64")).group_by(["organisation", *ADJUSTED_FOR])
    frame = store.fetch(
        grouped.aggregate(
            n_late=lambda t: t.known.sum(),
            late=lambda t: (t.verdict == "late").fill_null(False).cast("int64").sum(),
            n_supplement=lambda t: t.count(),
            supplement=lambda t: t.supplement.sum(),
            n_not_done=lambda t: t.count(),
            not_done=lambda t: t.not_done.sum(),
        )
    )
    return frame.sort_values(["organisation", *ADJUSTED_FOR], ignore_index=True)


def share_effects(groups: pd.DataFrame, deviating: frozenset[str]) -> Mapping[str, tuple[ShareEffect, ...]]:
    """The effects of every deviating organisation; an outcome without FEWEST organisations to compare with is left out."""
    out: dict[str, list[ShareEffect]] = {}
    for outcome in OUTCOMES:
        known = groups[groups[f"n_{outcome}"] > 0]
        for name, effect in _effects(known, outcome, deviating).items():
            out.setdefault(name, []).append(effect)
    return {name: tuple(effects) for name, effects in out.items()}


def _effects(groups: pd.DataFrame, outcome: Outcome, deviating: frozenset[str]) -> dict[str, ShareEffect]:
    control = ~groups["organisation"].isin(deviating).to_numpy()
    names = groups.loc[control, "organisation"].nunique()
    if names < FEWEST:
        return {}
    n = groups[f"n_{outcome}"].to_numpy(dtype=float)
    hits = groups[outcome].to_numpy(dtype=float)
    design = _design(groups)
    root = np.sqrt(n[control])
    beta, *_ = np.linalg.lstsq(design[control] * root[:, None], hits[control] / n[control] * root, rcond=None)
    explained = np.clip(design @ beta, 0.0, 1.0)
    per = pd.DataFrame({"organisation": groups["organisation"], "n": n, "left": hits - n * explained, "hits": hits})
    per = per.groupby("organisation")[["n", "left", "hits"]].sum()
    per["effect"] = per["left"] / per["n"]
    # Agresti and Coull's two added hits and misses keep a share of nothing from having no variance.
    share = (per["hits"] + 2) / (per["n"] + 4)
    per["within"] = share * (1 - share) / per["n"]
    others = per[~per.index.isin(deviating)]
    between = between_organisations(others["effect"].to_numpy(dtype=float), others["within"].to_numpy(dtype=float))
    factor = float(student.ppf(0.975, len(others) - 1))
    # What the others' mean, which the model has taken out of the effects, is itself uncertain by.
    centre = (between + float(others["within"].mean())) / len(others)
    out = {}
    for name in sorted(set(per.index) & deviating):
        effect = float(per.loc[name, "effect"])
        half = factor * float(np.sqrt(float(per.loc[name, "within"]) + between + centre))
        sizes = int(per.loc[name, "n"]), int(others["n"].sum()), len(others)
        out[str(name)] = ShareEffect(outcome, effect, effect - half, effect + half, *sizes)
    return out


def _design(groups: pd.DataFrame) -> Floats:
    """An intercept and one column per value of every factor but its first."""
    parts = [np.ones((len(groups), 1))]
    for name in ADJUSTED_FOR:
        values = groups[name].astype(str)
        levels = sorted(values.unique())[1:]
        parts.append((values.to_numpy()[:, None] == np.array(levels, dtype=object)[None, :]).astype(float))
    return np.hstack(parts)
