"""The speed benchmark measures what it says, on logs too small to say anything about speed."""

import importlib.util
import math

import pytest

from tests.bench import speed
from tests.bench.engines import QUESTIONS, ready


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    import workbench as wb

    folder = tmp_path_factory.mktemp("bench") / "log"
    wb.synthesise(folder, dossiers=300, seed=1)
    return folder


def test_slope_of_linear_and_constant_cost():
    assert math.isclose(speed.slope([(10, 1.0), (100, 10.0), (1000, 100.0)]), 1.0)
    assert math.isclose(speed.slope([(10, 2.0), (1000, 2.0)]), 0.0, abs_tol=1e-12)


def test_engines_answer_the_same_question_on_the_same_events(log, tmp_path):
    events, answers = ready("loaded", log, tmp_path / "s.duckdb")
    theirs, peer = ready("pm4py", log, tmp_path)
    seen, _ = ready("glance", log, tmp_path)
    assert events <= theirs == seen  # what the synchronisation invented is left out of the store's chain
    assert len(answers["durations"]()) == 300 and len(peer["durations"]()) == 300
    assert set(answers) == set(peer) == set(QUESTIONS)


@pytest.mark.parametrize("engine", ["pl4pm", "r4pm"])
def test_other_engines_answer(log, tmp_path, engine):
    if importlib.util.find_spec(engine) is None:
        pytest.skip(f"{engine} is not installed")
    _, answers = ready(engine, log, tmp_path)
    assert all(answers[name] is None or answers[name]() for name in ("graph", "variants"))


def test_table_and_chart(log, tmp_path):
    row = {"events": 1000, "ready": 1.0, "graph": 0.01, "variants": 0.02, "durations": None, "peak_mb": 10.0}
    base = {**row, "engine": "prepared", "durations": 0.001}
    found = {
        "machine": speed.machine(),
        "sizes": [{"events": 1000, "engines": [base, {**row, "engine": "r4pm", "graph": 1.0}]}],
        "growth": [{**base, "events": n, "load": n / 1e5, "load_mb": 1.0, "file_bytes": n} for n in (1000, 10000)],
    }
    text = speed.write(found, tmp_path)
    assert "| r4pm | 100.0x (1.000) |" in text and "load 1.00" in text
    assert (tmp_path / "growth.svg").read_text("utf-8").startswith("<?xml")
