"""Step instances as arrays: enabled, started, completed, by whom; what waiting is reckoned from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import ibis
import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.mining.grouping import events_by
from workbench.mining.worktime import Clocks, Floats, Ints, calendar_clock, observed_clock
from workbench.selection import Selection
from workbench.store import LogStore

Bools = npt.NDArray[np.bool_]
OUTSIDE_HOURS = 0.2
"""When more than this share of the completions lies outside the calendar's hours, the calendar is not believed."""
GRACE = 1800.0
"""Seconds before opening and after closing that still count as office hours when a calendar is judged."""
ENOUGH = 10
"""So many recorded processing times, or instances a busy resource took one after the other, give a step its typical
time."""
LONG = 2.0
"""An estimated processing time above this many typical times is taken to hold idle time."""


@dataclass(frozen=True)
class Instances:
    """Step instances in dossier order. Moments are seconds since 1970, NaN where unknown."""

    dossier: Ints
    organisation: Ints
    step: Ints
    resource: Ints
    """-1 where neither an officer nor a unit is recorded."""
    group: Ints
    """Which clock of `clocks` counts."""
    target: Bools
    """Of the selection; the others only keep its resources busy."""
    completed: Floats
    recorded: Floats
    """Recorded starts."""
    deadline: Floats
    """Recorded deadline of the step, else the dossier's due date."""
    clocks: Clocks
    organisations: list[str]
    pauses: pd.DataFrame
    """dossier, begin, end: stretches during which the legal clock stood and nobody worked on the dossier."""
    availability: str
    """calendar: the store's calendars; observed: hours in which events are recorded."""
    enabled: Floats = field(default_factory=lambda: np.empty(0))
    source: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    """Step of the instance that enabled it, -1 where there is none."""
    started: Floats = field(default_factory=lambda: np.empty(0))
    resumed: Floats = field(default_factory=lambda: np.empty(0))
    """End of the last pause between enablement and completion, NaN without one."""

    def worked(self, moments: Floats) -> Floats:
        """Working seconds of a moment per instance."""
        return self.clocks.worked(self.group, moments)


def fetch_instances(
    store: LogStore, selection: Selection, *, by: str, availability: str, background: bool
) -> Instances:
    """The step instances of a selection, with all other instances of its resources when `background`."""
    wider = Selection(provinces=selection.provinces) if background else selection
    rows = _rows(store, selection, wider, by=by)
    completed, recorded = _moments(rows["completed_at"]), _moments(rows["started_at"])
    group, clocks, chosen = _clocks(store, rows, completed, availability)
    codes, names = pd.factorize(rows["organisation"].astype("string").fillna(""), sort=True)
    resource = rows.groupby(["province_code", "unit", "officer_key"], dropna=False, sort=True).ngroup().to_numpy()
    nobody = (rows["unit"].isna() & rows["officer_key"].isna()).to_numpy()
    return Instances(
        dossier=rows["dossier_key"].to_numpy("int64"),
        organisation=codes.astype(np.int64),
        step=rows["step_id"].to_numpy("int64"),
        resource=np.where(nobody, -1, resource).astype(np.int64),
        group=group,
        target=rows["target"].to_numpy("bool"),
        completed=completed,
        recorded=np.minimum(recorded, completed),
        deadline=_moments(rows["deadline"]),
        clocks=clocks,
        organisations=[str(name) for name in names],
        pauses=_pauses(store, wider),
        availability=chosen,
    )


def _rows(store: LogStore, selection: Selection, wider: Selection, *, by: str) -> pd.DataFrame:
    """Events of the selection, and those of the wider one whose resource works in the selection."""
    own = store.dossiers(selection).select("dossier_key").mutate(target=ibis.literal(True))
    events = events_by(store, wider, by)
    d = store.dossiers(wider)
    calendars = d.select(_key=d.dossier_key, calendar_id=d.calendar_id, due_at=d.due_at)
    joined = events.inner_join(calendars, [events.dossier_key == calendars["_key"]])
    joined = joined.left_join(own, "dossier_key")
    columns = ["dossier_key", "organisation", "province_code", "step_id", "unit", "officer_key", "calendar_id"]
    picked = joined.select(
        *columns,
        "completed_at",
        "started_at",
        "position",
        deadline=ibis.coalesce(joined.step_due_at, joined.due_at),
        target=ibis.coalesce(joined.target, ibis.literal(False)),
    )
    if wider != selection:
        busy = picked.filter(picked.target).select("province_code", "unit", "officer_key").distinct()
        busy = busy.select(_p=_text(busy.province_code), _u=_text(busy.unit), _o=_text(busy.officer_key))
        picked = picked.semi_join(
            busy,
            [
                _text(picked.province_code) == busy["_p"],
                _text(picked.unit) == busy["_u"],
                _text(picked.officer_key) == busy["_o"],
            ],
        )
    return store.fetch(picked.order_by("dossier_key", "position"))


def _pauses(store: LogStore, selection: Selection) -> pd.DataFrame:
    pause = store.table("pause").semi_join(store.dossiers(selection), "dossier_key")
    pause = pause.filter(pause.paused_from.notnull())
    rows = store.fetch(pause.select(dossier=pause.dossier_key, begin=pause.paused_from, end=pause.paused_to))
    end = _moments(rows["end"])
    return rows.assign(begin=_moments(rows["begin"]), end=np.where(np.isnan(end), np.inf, end))


def _text(value: ibis.expr.types.StringValue) -> ibis.expr.types.StringValue:
    return ibis.coalesce(value, ibis.literal(""))


def _moments(values: pd.Series) -> Floats:
    stamps = values.to_numpy("datetime64[us]")
    out = stamps.astype("int64") / 1e6
    return np.where(np.isnat(stamps), np.nan, out)


def _clocks(store: LogStore, rows: pd.DataFrame, completed: Floats, wanted: str) -> tuple[Ints, Clocks, str]:
    """Per row the number of its clock, the clocks, and which kind they are."""
    codes, names = pd.factorize(rows["calendar_id"])
    group = codes.astype(np.int64)
    if wanted != "observed" and len(names):
        clocks = Clocks(tuple(calendar_clock(store, str(name)) for name in names))
        if wanted == "calendar" or _inside(clocks, group, completed) >= 1 - OUTSIDE_HOURS:
            return group, clocks, "calendar"
    codes, names = pd.factorize(rows["organisation"].astype("string").fillna(""), sort=True)
    group = codes.astype(np.int64)
    return group, Clocks(tuple(observed_clock(completed[group == n]) for n in range(len(names)))), "observed"


def _inside(clocks: Clocks, group: Ints, moments: Floats) -> float:
    """Share of the moments inside working hours or at most GRACE beside them."""
    if not len(moments):
        return 1.0
    grown = clocks.worked(group, moments + GRACE) - clocks.worked(group, moments - GRACE)
    return float(np.mean(grown > 0))


def enable(found: Instances, concurrent: frozenset[tuple[int, int]]) -> Instances:
    """With `enabled` and `source`: completion and step of the last instance of the dossier that had to come before.

    Instances of parallel steps and instances that were not completed when this one started do not enable it.
    """
    n = len(found.step)
    before = np.arange(n) - 1
    pairs = _pair_codes(concurrent, found.step)
    for _ in range(10):
        valid = (before >= 0) & (found.dossier[before] == found.dossier)
        late = found.completed[before] > found.recorded
        beside = _is_pair(pairs, found.step[before], found.step)
        move = valid & (late | beside)
        if not move.any():
            break
        before = before - move
    valid = (before >= 0) & (found.dossier[before] == found.dossier)
    late = found.completed[before] > found.recorded
    valid &= ~late & ~_is_pair(pairs, found.step[before], found.step)
    enabled = np.where(valid, found.completed[before], np.nan)
    source = np.where(valid, found.step[before], -1)
    return replace(found, enabled=enabled, source=source)


def _pair_codes(pairs: frozenset[tuple[int, int]], step: Ints) -> Ints:
    size = int(step.max(initial=0)) + 1
    return np.array(sorted(a * size + b for a, b in pairs), dtype=np.int64)


def _is_pair(codes: Ints, first: Ints, second: Ints) -> Bools:
    size = int(second.max(initial=0)) + 1
    return np.isin(first * size + second, codes) if len(codes) else np.zeros(len(first), dtype=bool)


def concurrent_steps(found: Instances, *, balance: float = 0.25, least: int = 5) -> frozenset[tuple[int, int]]:
    """Pairs of steps that occur in both orders about equally often, as in the heuristics miner's parallel relation.

    |ab - ba| / (ab + ba) must be below `balance` with at least `least` of each; pairs that mostly come as a, b, a are
    loops (rework), not parallel.
    """
    step, same = found.step, found.dossier[1:] == found.dossier[:-1]
    size = int(step.max(initial=0)) + 1
    codes, counts = np.unique((step[:-1] * size + step[1:])[same], return_counts=True)
    count = dict(zip(codes.tolist(), counts.tolist(), strict=True))
    triple = same[:-1] & same[1:] & (step[:-2] == step[2:]) if len(step) > 2 else np.zeros(0, dtype=bool)
    codes, counts = np.unique((step[:-2] * size + step[1:-1])[triple], return_counts=True)
    loops = dict(zip(codes.tolist(), counts.tolist(), strict=True))
    out = set()
    for code, forth in count.items():
        a, b = divmod(code, size)
        back = count.get(b * size + a, 0)
        if a == b or min(forth, back) < least or abs(forth - back) >= balance * (forth + back):
            continue
        if loops.get(code, 0) + loops.get(b * size + a, 0) <= 0.5 * min(forth, back):
            out.add((a, b))
    return frozenset(out)


def estimate_starts(found: Instances) -> Instances:
    """With `started`: the recorded start, else an estimate from the resource's availability.

    Where only completion is recorded work is taken to begin when the step was enabled, its resource had completed the
    instance before and the dossier was not paused, whichever is latest; when that makes it longer than LONG times the step's typical working
    time, it is taken to begin the typical time before completion. Typical is the median of the step's recorded
    processing times; with fewer than ENOUGH of these the median of instances a busy resource took back to back; with
    fewer than ENOUGH of these, too, the lower quartile of all. Source: Chapela-Campa, D., Dumas, M. (2022), Repairing
    activity start times to improve business process simulation.
    """
    free = _previous_completion(found)
    resumed = _resumed(found)
    earliest = np.fmax(np.fmax(found.enabled, free), resumed)
    earliest = np.minimum(np.where(np.isnan(earliest), found.completed, earliest), found.completed)
    worked = found.worked(found.completed)
    took = worked - found.worked(earliest)
    unknown = np.isnan(found.enabled) & np.isnan(free)
    known = ~np.isnan(found.recorded)
    processing = np.where(known, worked - found.worked(np.where(known, found.recorded, found.completed)), np.nan)
    typical = _typical(found.step, np.where(unknown, np.nan, took), free >= found.enabled, processing)
    long = took > LONG * typical
    late = found.clocks.moment(found.group, worked - np.where(long, typical, took))
    estimated = np.where(long | unknown, np.maximum(earliest, late), earliest)
    estimated = np.where(unknown, found.completed, np.minimum(estimated, found.completed))
    return replace(found, started=np.where(known, found.recorded, estimated), resumed=resumed)


def _resumed(found: Instances) -> Floats:
    """When the last pause between an instance's enablement and completion ended, NaN without one."""
    out = np.full(len(found.step), np.nan)
    if found.pauses.empty:
        return out
    paused = np.isin(found.dossier, found.pauses["dossier"].to_numpy())
    rows = pd.DataFrame({"place": np.flatnonzero(paused), "dossier": found.dossier[paused]})
    both = rows.merge(found.pauses, on="dossier")
    place = both["place"].to_numpy()
    inside = (both["begin"] >= found.enabled[place]) & (both["begin"] < found.completed[place])
    last = both[inside].groupby("place")["end"].max()
    out[last.index.to_numpy()] = np.minimum(last.to_numpy(), found.completed[last.index.to_numpy()])
    return out


def _previous_completion(found: Instances) -> Floats:
    """Completion of the resource's instance before, NaN for its first and without a resource."""
    order = np.lexsort((np.arange(len(found.step)), found.completed, found.resource))
    out = np.full(len(order), np.nan)
    same = (found.resource[order][1:] == found.resource[order][:-1]) & (found.resource[order][1:] >= 0)
    out[order[1:][same]] = found.completed[order[:-1][same]]
    return out


def _typical(step: Ints, took: Floats, queued: Bools, processing: Floats) -> Floats:
    """Per instance the typical working seconds of its step."""
    frame = pd.DataFrame({"step": step, "took": took, "processing": processing})
    chosen = frame.groupby("step")["took"].quantile(0.25)
    for part, column in ((frame[queued], "took"), (frame, "processing")):
        found = part.groupby("step")[column].agg(["median", "count"])
        enough = found["median"].where(found["count"] >= ENOUGH)
        chosen = enough.reindex(chosen.index).fillna(chosen)
    return frame["step"].map(chosen.fillna(0.0)).to_numpy("float64")
