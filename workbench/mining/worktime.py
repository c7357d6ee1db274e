"""Working time of many instants at once, from the store's calendars or from the hours in which work was recorded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.store import LogStore

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
DAY = 86_400
HOUR = 3_600
WEEK_SLOTS = 168
OBSERVED_SHARE = 0.05
"""An hour of the week counts as worked when it has at least this share of the events of the busiest hour."""


@dataclass(frozen=True)
class WorkTime:
    """W(t) as a polygon: `at` are instants (seconds since 1970), `done` the working seconds up to each."""

    at: Floats
    done: Floats

    def worked(self, moments: Floats) -> Floats:
        """Working seconds up to each moment; before the first and after the last knot nothing is worked."""
        return np.interp(moments, self.at, self.done)

    def moment(self, done: Floats) -> Floats:
        """The first instant at which so many seconds are worked."""
        place = np.clip(np.searchsorted(self.done, done, side="left"), 1, len(self.done) - 1)
        y0, y1 = self.done[place - 1], self.done[place]
        x0, x1 = self.at[place - 1], self.at[place]
        part = np.divide(done - y0, y1 - y0, out=np.zeros_like(done), where=y1 > y0)
        return x0 + np.clip(part, 0.0, 1.0) * (x1 - x0)


@dataclass(frozen=True)
class Clocks:
    """One WorkTime per group of instants; group -1 has none and works round the clock."""

    each: tuple[WorkTime, ...]

    def worked(self, group: Ints, moments: Floats) -> Floats:
        """Working seconds up to each moment in the clock of its group."""
        out = moments.copy()
        for number, clock in enumerate(self.each):
            mine = group == number
            if mine.any():
                out[mine] = clock.worked(moments[mine])
        return out

    def moment(self, group: Ints, done: Floats) -> Floats:
        """The inverse of `worked`."""
        out = done.copy()
        for number, clock in enumerate(self.each):
            mine = group == number
            if mine.any():
                out[mine] = clock.moment(done[mine])
        return out


def calendar_clock(store: LogStore, calendar_id: str) -> WorkTime:
    """The clock of one of the store's calendars."""
    day = store.table("calendar_day")
    rows = store.fetch(day.filter(day.calendar_id == calendar_id).order_by("day"))
    midnight = rows["day"].to_numpy("datetime64[s]").astype("int64").astype("float64")
    before = rows["before_seconds"].to_numpy("float64")
    spans = [rows[name].to_numpy("float64") for name in ("am_from", "am_to", "pm_from", "pm_to")]
    noon = before + spans[1] - spans[0]
    end = noon + spans[3] - spans[2]
    at = np.column_stack([midnight + spans[0], midnight + spans[1], midnight + spans[2], midnight + spans[3]])
    done = np.column_stack([before, noon, noon, end])
    at, done = at.ravel(), done.ravel()
    return WorkTime(np.maximum.accumulate(at), np.maximum.accumulate(done))


def observed_clock(moments: Floats) -> WorkTime:
    """A weekly clock of the hours in which events are recorded, over the span of the moments.

    An hour of the week counts when it holds at least OBSERVED_SHARE of the events of the busiest hour; a simple form
    of calendar discovery by support (Lopez-Pintado and Dumas 2022).
    """
    start = np.floor(moments.min() / DAY) * DAY
    hours = np.arange(start, moments.max() + 2 * HOUR, HOUR)
    counts = np.bincount((moments // HOUR % WEEK_SLOTS).astype(np.int64), minlength=WEEK_SLOTS)
    open_slot = counts >= max(1.0, OBSERVED_SHARE * counts.max())
    worked = np.where(open_slot[(hours // HOUR % WEEK_SLOTS).astype(np.int64)], float(HOUR), 0.0)
    return WorkTime(np.append(hours, hours[-1] + HOUR), np.concatenate([[0.0], np.cumsum(worked)]))
