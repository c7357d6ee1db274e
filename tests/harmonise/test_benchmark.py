"""The permit logs of three municipalities: reached figures, and the same settings on dossiers not seen before."""

from __future__ import annotations

import numpy as np
import pytest

from tests.bench.permits import new_organisation
from tests.mining.test_alignments import counts_of
from workbench.harmonise.configuration.configurable import make_configurable
from workbench.harmonise.conformance.judge import Judge, mean_f
from workbench.harmonise.discovery.models import sound_model
from workbench.harmonise.discovery.search import search
from workbench.harmonise.organisations import OrganisationLogs
from workbench.harmonise.unification.candidates import frequent_steps, project
from workbench.harmonise.unification.unify import search_starts
from workbench.mining.pm4py_door import to_petri
from workbench.mining.states import prove_soundness

pytestmark = pytest.mark.slow


def permits() -> OrganisationLogs:
    return OrganisationLogs({f"M{i}": counts_of(f"BPIC15_{i}f.xes.gz") for i in (1, 2, 3)})


def halves(given: OrganisationLogs, seed: int) -> tuple[OrganisationLogs, OrganisationLogs]:
    random = np.random.default_rng(seed)
    first, second = {}, {}
    for name, counts in given.counts.items():
        numbers = np.array([n for _, n in counts])
        drawn = random.multivariate_hypergeometric(numbers, int(numbers.sum()) // 2)
        first[name] = tuple((v, int(k)) for (v, _), k in zip(counts, drawn, strict=True) if k)
        second[name] = tuple((v, int(n - k)) for (v, n), k in zip(counts, drawn, strict=True) if n - k)
    return OrganisationLogs(first), OrganisationLogs(second)


def unified(given: OrganisationLogs, evaluations: int = 700):
    return search(Judge(given), search_starts(given, ()), seed=1, seconds=600, evaluations=evaluations).routes.bpmn


def test_one_sound_model_for_three_municipalities_and_its_configurations():
    given = permits()
    model = unified(given)
    net = to_petri(model)
    assert prove_soundness(net).sound is True
    assert model.size <= 110
    assert mean_f(Judge(given).scores(net)) >= 0.83
    made = make_configurable(given, model, seconds=300)
    assert made.f >= 0.86
    assert made.size < sum(sound_model(given.counts[name]).bpmn.size for name in given.names)
    assert made.size < sound_model(given.pooled).bpmn.size


def test_it_holds_on_dossiers_the_search_has_not_seen():
    learnt, unseen = halves(permits(), seed=3)
    net = to_petri(unified(learnt, 500))
    on_learnt, on_unseen = mean_f(Judge(learnt).scores(net)), mean_f(Judge(unseen).scores(net))
    assert on_unseen >= 0.83
    assert on_learnt - on_unseen < 0.02


def test_a_municipality_left_out_gets_a_sound_configuration_from_its_own_log():
    found = new_organisation(permits(), "permits", "M3", evaluations=150)
    assert found["derived_sound"] is True
    assert found["f_derived"] > found["f_unified"] > found["f_pooled"]
    assert found["f_derived"] >= 0.8


def test_frequent_steps_and_projection_by_hand():
    given = OrganisationLogs({"A": ((("a", "b"), 1), (("a",), 1)), "B": ((("a", "c"), 2),)})
    assert frequent_steps(given, 0.5) == {"a", "c"}
    assert project(given.counts["A"], {"a"}) == ((("a",), 2),)
