"""Published processes and the check of their limits."""

from __future__ import annotations

from workbench.reference import InternalProcess, ProcessStep, check_limits, onestop_workflows, reference_processes


def process(declared: float | None, *days: float | None) -> InternalProcess:
    steps = tuple(ProcessStep(n, f"step {n}", None, day) for n, day in enumerate(days, 1))
    return InternalProcess("x", "X", None, None, (), None, declared, None, None, steps, "", "test")


def test_sums_are_compared_with_the_declared_limit():
    table = check_limits([process(5, 2, 3), process(5, 2, 2), process(-1, 1)])
    assert table[["declared_days", "sum_days", "reason"]].to_numpy().tolist() == [
        [5, 4, "sum_differs"],
        [-1, 1, "no_limit"],
    ]
    assert table.difference.tolist()[0] == -1


def test_what_cannot_be_checked_is_not_listed():
    assert check_limits([process(None, 1), process(5), process(5, 1, None)]).empty


def test_44_of_the_114_workflows_differ():
    workflows = onestop_workflows()
    assert len(workflows) == len({w.code for w in workflows}) == 114
    table = check_limits(workflows)
    assert len(table) == 44
    assert table.reason.value_counts().to_dict() == {"no_limit": 32, "sum_differs": 12}
    assert table.set_index("code").loc["TP06", ["declared_days", "sum_days"]].tolist() == [1, 4]


def test_published_processes():
    processes = reference_processes()
    assert len(processes) == 16
    assert len({p.code for p in processes}) == 10
    table = check_limits(processes)
    assert list(zip(table.declared_days, table.sum_days, strict=True)) == [(5, 8), (10, 12), (15, 10.75)]
    assert all(step.name for p in processes for step in p.steps)
    assert {p.h_codes for p in processes if len(p.h_codes) > 1} == {("H19", "H10")}
