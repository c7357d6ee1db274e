import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.simulate.queues import first_come, most_urgent

JOBS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 60), st.integers(1, 20), st.integers(0, 90)), max_size=25)


def columns(jobs):
    return [np.array([job[i] for job in jobs], dtype=np.int64) for i in range(4)]


def test_first_come_by_hand():
    # One officer: ready at 0, 2, 20 for 5, 5, 5 seconds; another officer does not wait for the first.
    officer, ready, seconds = np.array([1, 1, 1, 2]), np.array([0, 2, 20, 3]), np.array([5, 5, 5, 5])
    assert first_come(officer, ready, seconds).tolist() == [0, 5, 20, 3]


def test_most_urgent_by_hand():
    # While the first is served until 10, the one due at 15 overtakes the one due at 50 that was ready before it.
    officer, ready = np.zeros(3, dtype=np.int64), np.array([0, 1, 2])
    start, overtaken = most_urgent(officer, ready, np.array([10, 4, 6]), np.array([99, 50, 15]))
    assert start.tolist() == [0, 16, 10]
    assert overtaken.tolist() == [0, 6, 0]


@given(JOBS)
@settings(max_examples=150, deadline=None)
def test_first_come_equals_the_plain_loop(jobs):
    officer, ready, seconds, _ = columns(jobs)
    free: dict[int, int] = {}
    expected = {}
    for job in sorted(range(len(jobs)), key=lambda j: (jobs[j][0], jobs[j][1], j)):
        start = max(jobs[job][1], free.get(jobs[job][0], 0))
        free[jobs[job][0]] = start + jobs[job][2]
        expected[job] = start
    assert first_come(officer, ready, seconds).tolist() == [expected[job] for job in range(len(jobs))]


@given(JOBS)
@settings(max_examples=150, deadline=None)
def test_an_officer_never_has_two_jobs_and_never_idles_while_one_waits(jobs):
    officer, ready, seconds, due = columns(jobs)
    start, overtaken = most_urgent(officer, ready, seconds, due)
    assert (start >= ready).all()
    assert (overtaken >= 0).all() and (overtaken <= start - ready).all()
    for one in set(officer.tolist()):
        rows = np.flatnonzero(officer == one)
        rows = rows[np.argsort(start[rows], kind="stable")]
        free = 0
        for row in rows:
            waiting = ready[[r for r in rows if start[r] >= start[row]]].min()
            assert start[row] == max(free, waiting)
            free = start[row] + seconds[row]


def test_both_disciplines_agree_when_everything_is_due_together():
    random = np.random.default_rng(1)
    officer, ready, seconds = random.integers(0, 5, 400), random.integers(0, 900, 400), random.integers(1, 9, 400)
    same = np.zeros(400, dtype=np.int64)
    start, overtaken = most_urgent(officer, ready, seconds, same)
    order = np.lexsort((ready, officer))
    assert np.array_equal(start[order], first_come(officer, ready, seconds)[order])
    assert not overtaken.any()
