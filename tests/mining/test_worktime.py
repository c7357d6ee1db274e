"""Working time of many instants."""

from __future__ import annotations

import numpy as np

from workbench.mining.worktime import Clocks, calendar_clock, observed_clock

HOUR = 3600.0


def seconds(*texts: str) -> np.ndarray:
    return np.array(texts, dtype="datetime64[s]").astype("int64").astype("float64")


def test_office_hours_and_their_inverse(store_of):
    store = store_of({("H01", "1"): "a b"}, office=True)
    clock = calendar_clock(store, "office")
    friday = seconds("2024-01-05T16:00", "2024-01-05T20:00", "2024-01-07T12:00", "2024-01-08T09:00", "2024-01-08T12:30")
    assert (clock.worked(friday) - clock.worked(friday[:1])).tolist() == [0, HOUR, HOUR, 2 * HOUR, 5 * HOUR]
    back = clock.moment(clock.worked(friday))
    assert (
        back.tolist()
        == seconds(
            "2024-01-05T16:00", "2024-01-05T17:00", "2024-01-05T17:00", "2024-01-08T09:00", "2024-01-08T12:00"
        ).tolist()
    )
    assert clock.worked(back).tolist() == clock.worked(friday).tolist()


def test_observed_hours_are_those_with_events():
    days = [f"2024-01-{day:02}T{hour:02}:30" for day in (1, 2, 3, 8, 9, 10) for hour in (8, 9, 14)]
    clock = observed_clock(seconds(*days))
    span = seconds("2024-01-02T00:00", "2024-01-03T00:00", "2024-01-04T00:00", "2024-01-05T00:00")
    assert np.diff(clock.worked(span)).tolist() == [3 * HOUR, 3 * HOUR, 0]


def test_without_a_clock_every_second_is_worked():
    moments = seconds("2024-01-06T00:00", "2024-01-07T00:00")
    group = np.array([-1, -1])
    clocks = Clocks(())
    assert np.diff(clocks.worked(group, moments)).tolist() == [24 * HOUR]
    assert clocks.moment(group, moments).tolist() == moments.tolist()
