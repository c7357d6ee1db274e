from datetime import datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from workbench.clock.calendar import DAY_OFF, default_calendar, parse_hours, vietnamese_calendar
from workbench.clock.working_time import working_seconds
from workbench.simulate.worktime import DAY, FIRST_DAY, next_session, running, session_moments, work_time

START = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day)
SATURDAYS = vietnamese_calendar(
    "saturdays", [parse_hours(["7:30-11:30", "13:00-17:00"])] * 5 + [parse_hours(["7:30-11:30"])] + [DAY_OFF]
)
CALENDARS = (default_calendar(), SATURDAYS)
TIME = work_time(CALENDARS)
MOMENTS = st.datetimes(datetime(2023, 1, 1), datetime(2026, 12, 31)).map(lambda m: m.replace(microsecond=0))


def number(moment):
    return np.array([int((moment - START).total_seconds())])


@given(MOMENTS, MOMENTS, st.sampled_from([0, 1]))
def test_working_time_is_that_of_the_clock(one, two, calendar):
    of = np.array([calendar])
    ours = TIME.worked(number(two), of) - TIME.worked(number(one), of)
    assert int(ours[0]) == working_seconds(CALENDARS[calendar], one, two)


@given(MOMENTS, st.sampled_from([0, 1]))
def test_both_inverses_lead_back(moment, calendar):
    of = np.array([calendar])
    worked = TIME.worked(number(moment), of)
    for inverse in (TIME.ends, TIME.begins):
        assert TIME.worked(inverse(worked, of), of) == worked
    assert TIME.ends(worked, of) <= TIME.begins(worked, of)


def test_a_full_day_ends_in_the_evening_and_work_goes_on_next_morning():
    friday = START.replace(year=2024, month=5, day=17)
    worked = TIME.worked(number(friday + timedelta(hours=17)), np.array([0]))
    assert TIME.ends(worked, np.array([0])) == number(friday + timedelta(hours=17))
    assert TIME.begins(worked, np.array([0])) == number(friday + timedelta(days=3, hours=7))
    assert TIME.day_end(worked, np.array([0])) == worked + 8 * 3600
    assert TIME.day_start(worked, np.array([0])) == worked - 8 * 3600


def test_sessions_fall_on_their_hours_and_weekdays():
    moments = session_moments(TIME, [5.0], [1, 3])
    clock = TIME.begins(moments[0], np.zeros(len(moments[0]), dtype=np.int64))
    assert set((clock % DAY).tolist()) == {14 * 3600}  # 7:00-11:30 are 4.5 hours; half an hour after 13:30
    assert {(FIRST_DAY + timedelta(days=int(d))).weekday() for d in clock // DAY} == {1, 3}
    after = next_session(moments, moments[0][:3] + 1, np.zeros(3, dtype=np.int64))
    assert after.tolist() == moments[0][1:4].tolist()


def test_running_numbers():
    assert running(np.array([5, 5, 7, 7, 7, 5])).tolist() == [0, 1, 0, 1, 2, 0]
    assert running(np.array([], dtype=np.int64)).tolist() == []
