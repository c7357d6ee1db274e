from __future__ import annotations

import numpy as np
import pytest

from tests.harmonise.logs import logs
from workbench.harmonise.comparison import clustering, distances
from workbench.harmonise.comparison.differences import differences, exact_p
from workbench.harmonise.multiple_testing import benjamini_hochberg


def matrix(**texts: str) -> np.ndarray:
    return distances.control_flow(distances.NgramTable(logs(**texts)).frequencies())


def test_the_ngram_distance_is_half_the_difference_of_frequencies():
    # start-a a-b b-end against start-a a-c c-end: one of three pairs is shared
    found = matrix(A="a b x4", B="a c x7", C="a b")
    assert found[0, 1] == pytest.approx(2 / 3)
    assert found[0, 2] == 0
    assert (found == found.T).all()


def test_ngrams_mark_both_ends():
    assert distances.ngrams(("a",)) == [("", "a"), ("a", "")]
    assert distances.ngrams(("a", "b"), 3)[0] == ("", "", "a")


def test_two_groups_are_found_and_are_stable():
    given = logs(A="a b c x50", B="a b c x40, a c", C="x y z x50", D="x y z x60, x z", E="x y z x30")
    table = distances.NgramTable(given)
    groups = clustering.cluster(distances.control_flow(table.frequencies()))
    assert groups.labels == (2, 2, 1, 1, 1)
    found = clustering.stability(table, groups, repeats=20, seed=1)
    assert found["organisations"].tolist() == [3, 2]
    assert (found["jaccard"] > 0.95).all()
    again = clustering.stability(table, groups, repeats=20, seed=1)
    assert found.equals(again)


def test_equal_organisations_are_one_group_without_outlier():
    found = matrix(**dict.fromkeys("ABCDEF", "a b c x9"))
    assert set(clustering.cluster(found).labels) == {1}
    assert clustering.outliers(found) == []
    assert clustering.medoid(found) == 0


def test_the_one_apart_is_an_outlier_and_not_among_few():
    texts = {name: f"a b c x{9 + i}, a c x{i + 1}" for i, name in enumerate("ABCDEF")}
    assert clustering.outliers(matrix(**texts, Z="p q r x9")) == [6]
    assert clustering.outliers(matrix(A="a b", B="a b", Z="p q r")) == []


def test_silhouette_by_hand():
    distance = np.array([[0, 1, 4], [1, 0, 4], [4, 4, 0]], dtype=float)
    # two in one cluster: (4 - 1) / 4 each, the third is alone
    assert clustering.silhouette(distance, np.array([1, 1, 2])) == pytest.approx(0.5)
    assert clustering.silhouette(distance, np.array([1, 1, 1])) is None


def test_q_values_by_hand_and_against_scipy():
    from scipy.stats import false_discovery_control

    values = np.array([0.01, 0.04, 0.03, 0.5])
    assert benjamini_hochberg(values) == pytest.approx([0.04, 0.16 / 3, 0.16 / 3, 0.5])
    random = np.random.default_rng(1).random(50)
    assert benjamini_hochberg(random) == pytest.approx(false_discovery_control(random))


def test_exact_p_is_never_below_fishers():
    from scipy.stats import fisher_exact

    for a, n, b, m in ((3, 10, 9, 12), (0, 5, 7, 30), (5, 5, 5, 5)):
        ours = exact_p(*(np.array([float(v)]) for v in (a, n, b, m)))[0]
        assert ours >= fisher_exact([[a, n - a], [b, m - b]])[1] - 1e-12


def test_a_planted_extra_step_is_found_with_its_effect_and_nothing_else():
    texts = dict.fromkeys("ABCD", "a b c x200")
    found = differences(logs(**texts, E="a s b c x150, a b c x50"))
    steps = found[found["kind"] == "step"]
    assert steps[["organisation", "source"]].to_numpy().tolist() == [["E", "s"]]
    assert steps["difference"].iloc[0] == pytest.approx(0.75)
    assert set(found["organisation"]) == {"E"}
    assert found.attrs["tests"] == 5 * (4 + 4)


def test_organisations_drawn_from_one_process_show_no_difference():
    findings = 0
    for seed in range(40):
        random = np.random.default_rng(seed)
        texts = {
            name: f"a b c x{random.binomial(80, 0.6) + 1}, a c b x{random.binomial(80, 0.4) + 1}" for name in "ABCDEF"
        }
        findings += len(differences(logs(**texts), least=0.0)) > 0
    assert findings <= 4
