from __future__ import annotations

import pytest

from tests.harmonise.logs import logs
from tests.mining.models import bpmn, random_bpmn, random_variants
from workbench.harmonise.conformance.judge import Judge, mean_f
from workbench.harmonise.organisations import OrganisationLogs, balanced, merged, sample
from workbench.mining.alignments import align, f_score, precision
from workbench.mining.pm4py_door import to_petri


@pytest.mark.parametrize("seed", range(25))
def test_scores_equal_those_of_each_log_alone(seed: int):
    given = OrganisationLogs({f"O{i}": random_variants(100 * seed + i) for i in range(3)})
    net = to_petri(random_bpmn(seed))
    for name, score in Judge(given).scores(net).items():
        alone = align(net, given.counts[name])
        assert score.fitness == pytest.approx(alone.fitness)
        assert score.precision == pytest.approx(precision(alone))
        assert score.f == pytest.approx(f_score(alone.fitness, precision(alone)))
        assert score.dossiers == alone.n_dossiers


def test_scores_are_the_same_when_r4pm_aligns(monkeypatch: pytest.MonkeyPatch):
    given = logs(A="a b c x3, a c", B="a b x2")
    net = to_petri(bpmn("s>a a>b b>c c>e"))
    expected = Judge(given).scores(net)
    monkeypatch.setattr("workbench.harmonise.conformance.judge.WORK_LIMIT", 0)
    monkeypatch.setattr("workbench.mining.alignments.WORK_LIMIT", 0)
    assert Judge(given, seconds=9.0).scores(net) == expected


def test_the_mean_counts_each_organisation_once_and_is_unknown_with_an_unknown():
    given = logs(A="a b x100", B="a x1")
    scores = Judge(given).scores(to_petri(bpmn("s>a a>b b>e")))
    assert mean_f(scores) == pytest.approx((scores["A"].f + scores["B"].f) / 2)
    scores["B"] = scores["B"]._replace(f=None)
    assert mean_f(scores) is None


def test_merging_and_balancing_by_hand():
    given = logs(A="a b x90, a x10", B="a b x1")
    assert merged(given.counts) == ((("a", "b"), 91), (("a",), 10))
    assert balanced(given.counts, 10) == ((("a", "b"), 19), (("a",), 1))


def test_a_large_log_is_sampled_and_says_so():
    texts = {"A": ", ".join(f"a s{i} b" for i in range(200)), "B": "a b x500"}
    given = logs(**texts)
    small = sample(given.counts, seed=3, max_events=100)
    assert small.sampled
    assert small.shares["B"] == 1.0
    assert small.shares["A"] < 0.25
    assert sum(len(v) for v, _ in small.counts["A"]) <= 98
    assert small.counts == sample(given.counts, seed=3, max_events=100).counts
    assert not sample(given.counts, seed=3, max_events=10_000).sampled
