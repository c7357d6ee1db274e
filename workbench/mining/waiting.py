"""Waiting causes per transition and organisation, with intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from workbench.mining.durations import TOO_FEW
from workbench.mining.instances import (
    Instances,
    concurrent_steps,
    enable,
    estimate_starts,
    fetch_instances,
)
from workbench.mining.intervals import bootstrap
from workbench.mining.waiting_causes import CAUSES, Causes, find_causes
from workbench.mining.waiting_comparison import compare_shares
from workbench.mining.worktime import Floats
from workbench.progress import Progress, silent
from workbench.results import Basis, Result
from workbench.selection import Selection
from workbench.store import LogStore

Availability = Literal["auto", "calendar", "observed"]
BACKGROUND_LIMIT = 5_000_000
"""Above so many events of other dossiers only the selection's own events are looked at."""


@dataclass(frozen=True, slots=True)
class WaitingMethod:
    """How the causes were found; codes have texts under `mining.waiting`."""

    starts: str
    """recorded, estimated or mixed: where the start of work is taken from."""
    availability: str
    """calendar: the store's calendars; observed: hours of the week in which events are recorded."""
    background: bool
    """Whether other dossiers of the same resources were looked at."""
    started_share: float
    """Share of the waiting instances with a recorded start."""
    without_resource: float
    """Share of the waiting time of instances without officer and unit: contention and prioritisation cannot be told
    for them."""
    parallel: tuple[tuple[str, str], ...]
    """Pairs of steps taken as parallel; one does not wait for the other."""


@dataclass(frozen=True, slots=True)
class WaitingCauses(Result):
    """Why dossiers wait between steps. All durations are seconds.

    Tables of causes have a column per cause in clock time (`batching_seconds`, ...) and in working time
    (`batching_working_seconds`, ...).
    """

    overall: pd.DataFrame
    """cause, seconds, share with low and high, and the same in working time."""
    organisations: pd.DataFrame
    """Per organisation and cause the same, with its dossiers and too_few."""
    transitions: pd.DataFrame
    """Per pair of steps: instances that waited, dossiers, waiting and causes. Most waiting first."""
    by_transition: pd.DataFrame
    """Per organisation and pair of steps."""
    comparison: pd.DataFrame
    """Per organisation and cause: share beside that of all others, difference with low and high (95 %, delta method)
    and q_value, in clock and in working time; empty with one organisation."""
    paused_seconds: float
    """Of all waiting, clock seconds during which the legal clock stood (supplement, financial duty)."""
    method: WaitingMethod
    level: float
    """Level of the intervals: bootstrap by dossier, seeded."""
    basis: Basis


def waiting_causes(
    store: LogStore,
    selection: Selection | None = None,
    *,
    by: str = "province_code",
    availability: Availability = "auto",
    too_few_cases: int = TOO_FEW,
    seed: int = 1,
    progress: Progress = silent,
) -> WaitingCauses:
    """The waiting of the selected dossiers split into causes, per transition and organisation.

    Method: Lashkevich et al. (2023), see `find_causes`; where only completion is recorded the start is estimated, see
    `estimate_starts`. With `availability` "auto" the store's calendars are used unless more than a fifth of the
    completions lie outside their hours.
    """
    chosen = selection or Selection()
    store.check(chosen)
    progress("waiting", 0, 4)
    background = _background(store, chosen)
    found = fetch_instances(store, chosen, by=by, availability=availability, background=background)
    progress("waiting", 1, 4)
    parallel = concurrent_steps(found)
    found = estimate_starts(enable(found, parallel))
    progress("waiting", 2, 4)
    causes = find_causes(found)
    progress("waiting", 3, 4)
    rows, labels = _rows(found, causes), store.labels()
    progress("waiting", 4, 4)
    return WaitingCauses(
        overall=_shares(rows, seed).drop(columns="dossiers"),
        organisations=_by_organisation(rows, found, seed, too_few_cases),
        transitions=_transitions(rows, labels, []),
        by_transition=_transitions(rows, labels, ["organisation"]),
        comparison=_compared(rows),
        paused_seconds=_paused(found, causes),
        method=_method(found, causes, background, frozenset((labels[a], labels[b]) for a, b in parallel)),
        level=0.95,
        basis=store.basis(chosen),
    )


def _background(store: LogStore, selection: Selection) -> bool:
    """Whether dossiers outside the selection should and can be looked at."""
    wider = Selection(provinces=selection.provinces)
    if wider == selection:
        return False
    d = store.dossiers(wider)
    events = store.fetch(d.aggregate(n=d.event_count.sum())).iloc[0]["n"]
    return not pd.isna(events) and int(events) <= BACKGROUND_LIMIT


_CLOCK = [f"{cause}_seconds" for cause in CAUSES]
_WORKING = [f"{cause}_working_seconds" for cause in CAUSES]


def _rows(found: Instances, causes: Causes) -> pd.DataFrame:
    """One row per waiting instance."""
    place = causes.place
    names = np.array(found.organisations, dtype=object)
    out = pd.DataFrame(
        {
            "organisation": names[found.organisation[place]] if len(names) else np.empty(0, dtype=object),
            "dossier": found.dossier[place],
            "source": found.source[place],
            "target": found.step[place],
        }
    )
    for columns, values in ((_CLOCK, causes.clock), (_WORKING, causes.working)):
        for column, cause in zip(columns, CAUSES, strict=True):
            out[column] = values[cause]
    return out


def _shares(rows: pd.DataFrame, seed: int) -> pd.DataFrame:
    """cause, seconds, share, low, high in clock and working time; dossiers that waited."""
    sums = rows.groupby("dossier")[_CLOCK + _WORKING].sum().to_numpy("float64")
    total = sums.sum(axis=0, keepdims=True)
    share = _share(total)[0]
    low = high = np.full(2 * len(CAUSES), np.nan)
    if len(sums) > 1:
        low, high = bootstrap(sums, _share, seed=seed)
    out = pd.DataFrame({"cause": list(CAUSES), "dossiers": len(sums)})
    for suffix, part in (("", slice(0, len(CAUSES))), ("working_", slice(len(CAUSES), None))):
        out[f"{suffix}seconds"] = total[0, part]
        out[f"{suffix}share"] = share[part]
        out[f"{suffix}low"], out[f"{suffix}high"] = low[part], high[part]
    return out


def _share(sums: Floats) -> Floats:
    """Each cause's share of all causes, clock and working time apart; NaN where nobody waited."""
    halves = []
    for part in (sums[:, : len(CAUSES)], sums[:, len(CAUSES) :]):
        total = part.sum(axis=1, keepdims=True)
        halves.append(np.divide(part, total, out=np.full_like(part, np.nan), where=total > 0))
    return np.hstack(halves)


def _compared(rows: pd.DataFrame) -> pd.DataFrame:
    sums = rows.groupby(["organisation", "dossier"], as_index=False)[_CLOCK + _WORKING].sum()
    return compare_shares(sums, CAUSES)


def _by_organisation(rows: pd.DataFrame, found: Instances, seed: int, too_few_cases: int) -> pd.DataFrame:
    sizes = pd.Series(found.dossier[found.target]).groupby(found.organisation[found.target]).nunique()
    waited = dict(iter(rows.groupby("organisation")))
    parts = []
    for number, name in enumerate(found.organisations):
        n = int(sizes.get(number, 0))
        if n:
            part = _shares(waited.get(name, rows.iloc[:0]), seed).assign(organisation=name, dossiers=n)
            parts.append(part.assign(too_few=n < too_few_cases))
    columns = ["organisation", "dossiers", "too_few", "cause", *_FIGURES]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


_FIGURES = [f"{suffix}{name}" for suffix in ("", "working_") for name in ("seconds", "share", "low", "high")]


def _transitions(rows: pd.DataFrame, labels: Mapping[int, str], by: list[str]) -> pd.DataFrame:
    keys = [*by, "source", "target"]
    grouped = rows.groupby(keys)
    out = grouped.agg(count=("dossier", "size"), dossiers=("dossier", "nunique"))
    sums = grouped[_CLOCK + _WORKING].sum()
    out["wait_seconds"] = sums[_CLOCK].sum(axis=1)
    out["wait_working_seconds"] = sums[_WORKING].sum(axis=1)
    out = out.join(sums).reset_index()
    total = out["wait_seconds"].sum()
    out["share"] = out["wait_seconds"] / total if total else 0.0
    for column in ("source", "target"):
        out[column] = out[column].map(labels).astype("string").astype(object)
    order = [*by, "wait_seconds", "source", "target"]
    return out.sort_values(order, ascending=[True] * len(by) + [False, True, True]).reset_index(drop=True)


def _paused(found: Instances, causes: Causes) -> float:
    """Clock seconds of the waiting that lie in pauses of the dossier."""
    place = causes.place
    waits = pd.DataFrame(
        {"dossier": found.dossier[place], "enabled": found.enabled[place], "started": found.started[place]}
    )
    both = waits.merge(found.pauses, on="dossier")
    ends, begins = both[["started", "end"]].min(axis=1), both[["enabled", "begin"]].max(axis=1)
    return float((ends - begins).clip(lower=0).sum())


def _method(found: Instances, causes: Causes, background: bool, parallel: frozenset[tuple[str, str]]) -> WaitingMethod:
    place = causes.place
    recorded = ~np.isnan(found.recorded[place])
    share = float(recorded.mean()) if len(place) else 0.0
    wait = found.started[place] - found.enabled[place]
    nobody = wait[found.resource[place] < 0].sum()
    return WaitingMethod(
        starts="recorded" if len(place) and share == 1 else "mixed" if share else "estimated",
        availability=found.availability,
        background=background,
        started_share=share,
        without_resource=float(nobody / wait.sum()) if wait.sum() else 0.0,
        parallel=tuple(sorted({(min(a, b), max(a, b)) for a, b in parallel})),
    )
