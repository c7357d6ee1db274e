import numpy as np
import pytest

from workbench.simulate.names import make_names, unaccented


def test_without_noise_every_name_is_canonical(scenario):
    names = make_names(scenario, 0.0, np.random.default_rng(1))
    for province in range(len(scenario.areas)):
        for place, step in enumerate(scenario.steps):
            assert names.texts[names.first[province, place]] == step.name
            assert names.texts[names.second[province, place]] == step.name


@pytest.mark.parametrize("noise", [0.5, 1.0, 3.0])
def test_inside_a_province_a_name_means_one_step(scenario, noise):
    names = make_names(scenario, noise, np.random.default_rng(2))
    for province in range(len(scenario.areas)):
        means: dict[int, set[str]] = {}
        for place, step in enumerate(scenario.steps):
            for table in (names.first, names.second):
                means.setdefault(int(table[province, place]), set()).add(step.name)
        assert all(len(steps) == 1 for steps in means.values())


def test_more_noise_more_names(scenario):
    counts = [len(make_names(scenario, noise, np.random.default_rng(3)).texts) for noise in (0, 0.3, 1.0)]
    assert counts[0] == len({step.name for step in scenario.steps})
    assert counts[0] < counts[1] < counts[2]


def test_a_repeated_step_keeps_its_name(scenario):
    names = make_names(scenario, 1.0, np.random.default_rng(4))
    places = {step.key: place for place, step in enumerate(scenario.steps)}
    assert np.array_equal(names.first[:, places["request"]], names.first[:, places["request2"]])


def test_unaccented():
    assert unaccented("Đóng dấu, Lãnh đạo ký duyệt") == "Dong dau, Lanh dao ky duyet"
