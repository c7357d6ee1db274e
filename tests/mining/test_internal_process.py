"""Published processes as models."""

from __future__ import annotations

import pytest

from workbench.errors import ModelError
from workbench.mining.internal_process import internal_processes, keep_process, match_steps, process_model
from workbench.reference.processes import InternalProcess, ProcessStep, reference_processes


def published(*steps: tuple[str, float | None], declared: float | None = 5.0) -> InternalProcess:
    made = tuple(ProcessStep(i, name, None, days) for i, (name, days) in enumerate(steps, 1))
    return InternalProcess("P1", "P1", "1.0", "H49", ("H49",), None, declared, None, None, made, "", "QĐ 1")


PROCESS = published(("Tiếp nhận", 0.5), ("Thẩm định", 6.0), ("Phê duyệt", None))


def test_steps_become_a_sequence():
    model = process_model(PROCESS)
    assert model.steps == ("Tiếp nhận", "Thẩm định", "Phê duyệt")
    assert [(flow.source, flow.target) for flow in model.flows] == [
        ("n0", "n1"),
        ("n1", "n2"),
        ("n2", "n3"),
        ("n3", "n4"),
    ]


def test_labels_of_the_log_replace_published_names():
    assert process_model(PROCESS, labels={"Thẩm định": "Thụ lý"}).steps == ("Tiếp nhận", "Thụ lý", "Phê duyệt")


def test_names_match_without_diacritics_and_by_words():
    steps = ["Tiếp nhận hồ sơ", "THAM DINH", "Phê duyệt lần 1", "Phê duyệt lần 2"]
    assert match_steps(PROCESS, steps) == {"Tiếp nhận": "Tiếp nhận hồ sơ", "Thẩm định": "THAM DINH"}


def test_every_published_process_with_steps_has_a_model():
    processes = [process for process in reference_processes() if process.steps]
    assert len(processes) == 15
    for process in processes:
        assert process_model(process).size == len(process.steps) + 2


def test_a_process_without_steps_is_refused():
    with pytest.raises(ModelError, match="no steps"):
        process_model(published())


def test_a_kept_process_comes_back(store):
    keep_process(store, PROCESS, procedure="1.0", province="H49", version="2025")
    keep_process(store, PROCESS, procedure="1.0", province="H49", version="2025")
    (found,) = internal_processes(store, procedure="1.0", province="H49")
    assert found.steps == PROCESS.steps
    assert found.declared_days == 5
    assert internal_processes(store, province="H50") == ()
