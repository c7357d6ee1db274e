import pytest

from workbench.errors import SettingError
from workbench.reference import parse_procedure_code, provinces
from workbench.simulate import KINDS, Scenario, load_scenario
from workbench.simulate.scenario import DEFAULT_PATH


def broken(tmp_path, *changes):
    text = DEFAULT_PATH.read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    file = tmp_path / "s.toml"
    file.write_text(text, "utf-8")
    return file


def test_the_national_scenario(scenario: Scenario):
    assert len(scenario.procedures) >= 10
    assert set(scenario.areas) == {province.h_code for province in provinces()}
    assert abs(sum(procedure.share for procedure in scenario.procedures) - 1) < 1e-9
    for procedure in scenario.procedures:
        assert parse_procedure_code(procedure.code) is not None
        assert procedure.code_source
        assert procedure.illustrative == (procedure.code.startswith("9."))
    planted = {kind for procedure in scenario.procedures for kind in procedure.deviations}
    assert planted == set(KINDS)


def test_limits_of_the_internal_process_add_up_to_the_declared_limit(scenario: Scenario):
    for procedure in scenario.procedures:
        total = sum(use.limit for use in procedure.steps if not use.only)
        assert total <= max(procedure.limit_days, 1) + 1e-9, procedure.code


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ((('step = "appraise"', 'step = "apraise"'),), "apraise"),
        ((('mode = "queue"', 'mode = "qeue"'),), "qeue"),
        ((('unit = "desk"', 'unit = "dsk"'),), "dsk"),
        ((("H63 = 855", "X63 = 855"),), "X63"),
        ((('name = "Thông thường", share = 0.70', 'name = "Thông thường", share = 0.50'),), "1.012783"),
        ((("switch = 2025-07-01", "switch = 2027-07-01"),), "switch"),
        ((("[outcomes]", "[outcome]"),), "outcomes"),
        ((('name = "national"', "name = "),), "TOML"),
    ],
)
def test_a_broken_scenario_says_where(tmp_path, changes, said):
    with pytest.raises(SettingError) as caught:
        load_scenario(broken(tmp_path, *changes))
    assert said in str(caught.value)


def test_a_missing_file_and_an_unknown_procedure(tmp_path, scenario: Scenario):
    with pytest.raises(SettingError, match="There is no scenario"):
        load_scenario(tmp_path / "none.toml")
    with pytest.raises(SettingError, match="1\\.999999"):
        scenario.procedure("1.999999")
