"""Indicators of QĐ 766 and the OpenCPS columns."""

from __future__ import annotations

from workbench.reference import indicators_766, opencps_schema


def test_points_sum_up_to_100():
    assert sum(i.max_points or 0 for i in indicators_766()) == 100
    groups: dict[str, float] = {}
    for i in indicators_766():
        groups[i.group] = groups.get(i.group, 0) + (i.max_points or 0)
    assert groups == {"CKMB": 18, "TDGQ": 20, "CLGQ": 12, "TTTT": 10, "MDSH": 22, "MDHL": 18}


def test_thresholds_and_computable_ones():
    by_id = {i.id: i for i in indicators_766()}
    thresholds = {key: by_id[key].threshold for key in ("3.1", "3.3", "3.5", "4.2", "4.3", "5.4", "2.1")}
    assert thresholds == {"3.1": 0.8, "3.3": 0.5, "3.5": 0.8, "4.2": 0.8, "4.3": 0.8, "5.4": 0.9, "2.1": None}
    assert {i.id for i in indicators_766() if i.computable} == {
        "1.4", "2.1", "2.2", "3.3", "3.6", "4.1", "4.2", "4.3", "4.4", "4.5b", "5.4",
    }  # fmt: skip


def test_opencps_tables():
    schema = opencps_schema()
    assert len(schema) == 19
    assert schema["opencps_dossier"]["dueDate"] == "DATE"
