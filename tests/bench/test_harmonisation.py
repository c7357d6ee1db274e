"""The measurements of harmonising, small: scores by hand, cached outcomes, and a few logs against the goals."""

from __future__ import annotations

import json

import pytest

from tests.bench import scores
from tests.bench.cached import outcomes
from tests.bench.harmonisation_report import chart, report
from tests.bench.permits import new_organisation, split
from tests.bench.synthetic import measure, name_score
from tests.harmonise.logs import logs


def planted(**changed):
    base = {"province": "H01", "kind": "extra_signature", "steps": ["Ký nháy"], "dossiers": 40, "dossiers_affected": 40}
    return {**base, "procedure": "1.1", "effect_working_hours": 5.0, **changed}


def item(**changed):
    base = {
        "organisations": ["H01"],
        "kind": "extra_step",
        "steps": ["Ký"],
        "true_steps": ["Ký nháy"],
        "move": "cut_signature",
    }
    rest = {"procedure": "1.1", "verdict": "recommended", "interval": [4.0, 6.0], "effect_working_hours": 5.0}
    return {**base, **rest, "share": 0.9, "usual": 0.0, "dossiers": 36, "q_value": 0.001, **changed}


def run(entries, seed=1, **facts):
    return {"seed": seed, "noise": 1.0, "dossiers": 100, "part": 1, **facts, "procedures": entries}


def entry(items, deviations, too_few=()):
    names = {"labels": 2, "unknown": 0, "proposed": 1, "true": 1, "both": 1, "mixed": {}, "split": {}}
    few = dict.fromkeys(too_few, 3)
    return {"procedure": "1.1", "names": names, "items": items, "planted": deviations, "too_few": few, "tests": 9}


def test_recovery_by_hand():
    found = item()
    wrong = item(organisations=["H02"])
    silent = item(organisations=["H03"], verdict="vocabulary")
    one, missed, small = planted(), planted(province="H04"), planted(province="H05")
    got = scores.recovery([run([entry([found, wrong, silent], [one, missed, small], too_few=["H05"])])])
    assert (got["recall"]["hits"], got["recall"]["n"]) == (1, 2)
    assert (got["precision"]["hits"], got["precision"]["n"]) == (1, 2)
    assert got["recall_of_all_planted"]["n"] == 3
    assert (got["coverage"]["hits"], got["coverage"]["n"]) == (1, 1)
    outside = scores.recovery([run([entry([item(interval=[5.5, 6.0])], [one])])])
    assert outside["coverage"]["hits"] == 0


def test_a_kind_or_step_that_is_not_the_planted_one_is_not_recovered():
    assert scores.speaks_of(item(), planted())
    assert not scores.speaks_of(item(kind="missing_step"), planted())
    assert not scores.speaks_of(item(true_steps=["Trả kết quả"]), planted())


def test_nulls_count_logs_and_calls():
    quiet, loud = entry([], []), entry([item()], [])
    got = scores.nulls([run([quiet, loud]), run([quiet, quiet], seed=2)])
    assert (got["runs_with_false"]["hits"], got["runs_with_false"]["n"]) == (1, 2)
    assert (got["calls_with_false"]["hits"], got["calls_with_false"]["n"]) == (1, 4)
    # exact interval of 0 of 40: up to 1 - 0.025 ** (1 / 40)
    assert scores.share(0, 40)["high"] == pytest.approx(1 - 0.025 ** (1 / 40))


def test_pairwise_by_hand():
    import pandas as pd

    table = pd.DataFrame({"step": ["a", "a", "a", "b"], "true": ["x", "x", "y", "y"]})
    counted = name_score(table)
    assert (counted["proposed"], counted["true"], counted["both"]) == (3, 2, 1)
    assert scores.pairwise(counted)["f1"] == pytest.approx(2 * (1 / 3) * (1 / 2) / (1 / 3 + 1 / 2))
    assert counted["mixed"] == {"a": {"x": 2, "y": 1}}


def _square(n):
    return {"square": n * n}


def test_an_interrupted_measurement_goes_on(tmp_path):
    (tmp_path / "two.json").write_text(json.dumps({"square": -4}), "utf-8")
    said = []
    jobs = [("two", _square, (2,), {}), ("three", _square, (3,), {})]
    found = outcomes(tmp_path, jobs, processes=1, say=said.append)
    assert found == [{"square": -4}, {"square": 9}]
    assert said == ["three"]


def test_the_report_says_what_is_not_measured(tmp_path):
    parts = ("permits", "validation", "names", "planted", "held_out", "null")
    text = report({key: [] for key in parts}, "a machine")
    assert text.count("Not measured") == 5
    assert chart([{"noise": 0.0, "f1": 1.0}, {"noise": 1.0, "f1": 0.97}]).startswith("<svg")


def test_an_organisation_left_out_gets_a_sound_configuration_from_its_log():
    given = logs(A="a b c x60, a c x20", B="a b s c x60", N="a b s c x30, a b c x10")
    got = new_organisation(given, "G", "N", evaluations=80)
    assert got["derived_sound"] is True
    assert got["f_derived"] >= got["f_unified"]
    assert got["f_derived"] > 0.95


def test_folds_part_the_dossiers():
    learnt, unseen = split(logs(A="a b x7, a c x5", B="a x6"), 3, 0, seed=1)
    assert {name: learnt.dossiers[name] + unseen.dossiers[name] for name in learnt.names} == {"A": 12, "B": 6}
    assert unseen.dossiers["A"] == 4


@pytest.mark.slow
def test_small_logs_reach_the_goals():
    runs = [measure(seed, 12_000, part=6) for seed in (21, 22)]
    names = [row["f1"] for row in scores.names(runs)]
    assert min(names) >= 0.95
    got = scores.recovery(runs)
    assert got["recall"]["share"] >= 0.8  # few deviations: the goal of .9 is measured by `make bench`
    assert got["precision"]["share"] >= 0.9


@pytest.mark.slow
def test_a_small_log_without_differences_has_no_discovery():
    got = scores.nulls([measure(121, 12_000, deviations=False, part=6)])
    assert got["tests"] > 30
    assert got["runs_with_false"]["hits"] == 0
