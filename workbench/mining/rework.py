"""Work done again: repeated steps, loops, supplement requests and their reasons."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from workbench.mining.model import VariantCounts
from workbench.mining.variants import variant_counts
from workbench.results import Basis, Result
from workbench.selection import Selection
from workbench.store import LogStore


@dataclass(frozen=True, slots=True)
class Rework(Result):
    """What is done more than once in the dossiers of a selection."""

    steps: pd.DataFrame
    """step, dossiers that have it, repeated (dossiers that have it more than once), repeats (times beyond the
    first), share (repeated of dossiers). Most repeats first."""
    loops: pd.DataFrame
    """source, target: dossiers in which the target follows the source although it had been done before, and count."""
    supplements: pd.DataFrame
    """supplements (0, 1, 2, ...), dossiers, share and the median throughput of such dossiers."""
    reasons: pd.DataFrame
    """reason of a pause (supplement, financial_duty), count, dossiers, median and total length in seconds, open."""
    dossiers_with_rework: int
    basis: Basis


def rework(store: LogStore, selection: Selection | None = None) -> Rework:
    """Repeated steps, loops and supplements of the selected dossiers."""
    chosen = selection or Selection()
    store.check(chosen)
    counts = variant_counts(store, chosen)
    return Rework(
        steps=repeated_steps(counts),
        loops=loops(counts),
        supplements=_supplements(store, chosen),
        reasons=_reasons(store, chosen),
        dossiers_with_rework=sum(n for variant, n in counts if len(set(variant)) < len(variant)),
        basis=store.basis(chosen),
    )


def repeated_steps(counts: VariantCounts) -> pd.DataFrame:
    """Per step how many dossiers do it, and how many do it again."""
    having: Counter[str] = Counter()
    repeated: Counter[str] = Counter()
    repeats: Counter[str] = Counter()
    for variant, n in counts:
        for step, times in Counter(variant).items():
            having[step] += n
            if times > 1:
                repeated[step] += n
                repeats[step] += n * (times - 1)
    rows = [(step, having[step], repeated[step], repeats[step], repeated[step] / having[step]) for step in having]
    out = pd.DataFrame(rows, columns=["step", "dossiers", "repeated", "repeats", "share"])
    return out.sort_values(["repeats", "step"], ascending=[False, True]).reset_index(drop=True)


def loops(counts: VariantCounts) -> pd.DataFrame:
    """Ways back: a step follows another although the dossier had done it before."""
    times: Counter[tuple[str, str]] = Counter()
    dossiers: Counter[tuple[str, str]] = Counter()
    for variant, n in counts:
        here: Counter[tuple[str, str]] = Counter()
        done: set[str] = set()
        for source, target in pairwise(variant):
            done.add(source)
            if target in done:
                here[source, target] += 1
        for pair, count in here.items():
            times[pair] += n * count
            dossiers[pair] += n
    rows = [(*pair, times[pair], dossiers[pair]) for pair in times]
    out = pd.DataFrame(rows, columns=["source", "target", "count", "dossiers"])
    order = ["count", "source", "target"]
    return out.sort_values(order, ascending=[False, True, True]).reset_index(drop=True)


def _supplements(store: LogStore, selection: Selection) -> pd.DataFrame:
    d = store.dossiers(selection)
    times = d.supplement_count.fill_null(0)
    out = store.fetch(
        d.group_by(supplements=times).aggregate(
            dossiers=d.count(),
            median_seconds=d.throughput_seconds.quantile(0.5),
            median_working_seconds=d.throughput_working_seconds.quantile(0.5),
        )
    )
    out = out.sort_values("supplements").reset_index(drop=True)
    total = out["dossiers"].sum()
    out.insert(2, "share", out["dossiers"] / total if total else 0.0)
    return out


def _reasons(store: LogStore, selection: Selection) -> pd.DataFrame:
    pause = store.table("pause").semi_join(store.dossiers(selection), "dossier_key")
    length = (pause.paused_to.epoch_seconds() - pause.paused_from.epoch_seconds()).cast("float64")
    out = store.fetch(
        pause.group_by("reason").aggregate(
            count=pause.count(),
            dossiers=pause.dossier_key.nunique(),
            median_seconds=length.quantile(0.5),
            total_seconds=length.sum(),
            open=pause.paused_to.isnull().sum(),
        )
    )
    return out.sort_values(["count", "reason"], ascending=[False, True]).reset_index(drop=True)
