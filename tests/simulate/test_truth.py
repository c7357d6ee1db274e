import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from workbench.clock.calendar_file import read_calendars
from workbench.clock.working_time import working_seconds
from workbench.simulate.artefacts import KINDS as ARTEFACTS

ADDED = {
    "extra_signature": "Phó lãnh đạo ký nháy",
    "ward_prestep": "UBND cấp xã xác nhận hồ sơ",
    "extra_handover": "Văn thư luân chuyển hồ sơ",
    "tax_inside": "Gửi phiếu chuyển thông tin thuế",
    "double_appraisal": "Thẩm định lần hai",
}


def planted(log, kind):
    return {(one["procedure"], one["province"]) for one in log.truth["deviations"] if one["kind"] == kind}


def test_the_keys_are_those_agreed(usual):
    for one in usual.truth["deviations"]:
        assert {"procedure", "province", "kind", "steps", "effect_working_hours"} <= set(one)
        assert one["steps"]
    for one in usual.truth["vocabulary"]:
        assert set(one) == {"province", "label", "step"}


def test_added_steps_are_where_they_were_planted_and_nowhere_else(clean):
    found_any = False
    for kind, step in ADDED.items():
        there = set(
            clean.rows(
                "select distinct d.procedure_code, d.province_code from events e join dossiers d "
                "using (province_code, dossier_code) where e.label = ?",
                step,
            )
        )
        expected = planted(clean, kind)
        assert there <= expected
        big = {
            (one["procedure"], one["province"])
            for one in clean.truth["deviations"]
            if one["kind"] == kind and one["dossiers"] >= 5
        }
        assert big <= there
        found_any |= bool(big)
    assert found_any


def test_every_finished_dossier_there_has_the_added_step(clean):
    for kind, step in ADDED.items():
        for procedure, province in planted(clean, kind):
            without = clean.one(
                "select count(*) from dossiers d where procedure_code = ? and province_code = ? and outcome = 'done' and "
                "not exists (select 1 from events e where e.province_code = d.province_code and "
                "e.dossier_code = d.dossier_code and e.label = ?)",
                procedure, province, step,
            )  # fmt: skip
            assert without == 0, (kind, procedure, province)


def test_tax_outside_leaves_the_tax_steps_out(clean):
    outside = planted(clean, "tax_outside")
    taxed = set(
        clean.rows(
            "select distinct d.procedure_code, d.province_code from events e join dossiers d "
            "using (province_code, dossier_code) where e.status = 6"
        )
    )
    assert not outside & taxed
    assert {procedure for procedure, _ in taxed} == {"1.013831", "9.000001"}


def test_repeated_supplements_repeat(clean):
    per = clean.con.execute(
        "select procedure_code, province_code, avg((n >= 2)::int) as twice, count(*) as n from (select d.procedure_code, "
        "d.province_code, d.dossier_code, count(p.reason) as n from dossiers d left join pauses p on "
        "p.province_code = d.province_code and p.dossier_code = d.dossier_code and p.reason = 'supplement' "
        "group by all) group by all"
    ).df()
    key = [
        (p, o) in planted(clean, "repeated_supplements")
        for p, o in zip(per.procedure_code, per.province_code, strict=True)
    ]
    there = per[np.array(key)]
    elsewhere = per[~np.array(key)]
    assert np.average(there.twice, weights=there.n) > 10 * np.average(elsewhere.twice, weights=elsewhere.n)


def hours(log):
    """Working hours from acceptance to the end of finished dossiers, by the calendar of the log."""
    frame = log.con.execute(
        "select province_code, procedure_code, procedure_variant, submitted_at, accepted_at, closed_at from dossiers "
        "where outcome = 'done' order by all"
    ).df()
    calendars = read_calendars(log.folder / "calendars.toml")
    of = {rule.province_code: rule.calendar_id for rule in calendars.rules}
    by_id = {calendar.calendar_id: calendar for calendar in calendars.calendars}
    out = []
    for province, part in frame.groupby("province_code"):
        calendar = by_id[of.get(province, of["*"])]
        worked = working_seconds(calendar, part.accepted_at, part.closed_at).astype(float) / 3600
        out.append(part.assign(hours=worked))
    return pd.concat(out)


def test_true_effects_are_those_of_the_same_world_without_the_deviation(clean, undisturbed):
    """The log written by a scenario without deviations is the counterfactual, dossier by dossier."""
    assert undisturbed.truth["deviations"] == []
    key = ["province_code", "procedure_code", "submitted_at"]
    both = hours(clean).merge(hours(undisturbed), on=key, suffixes=("", "_without"), validate="one_to_one")
    both["added"] = both.hours - both.hours_without
    checked = 0
    for one in clean.truth["deviations"]:
        part = both[(both.procedure_code == one["procedure"]) & (both.province_code == one["province"])]
        if len(part) == one["dossiers"] and len(part):  # none was still open in one of the worlds
            assert part.added.mean() == pytest.approx(one["effect_working_hours"], abs=2e-3)
            checked += 1
    assert checked >= 0.8 * len(clean.truth["deviations"])
    where = {(one["procedure"], one["province"]) for one in clean.truth["deviations"]}
    untouched = both[[pair not in where for pair in zip(both.procedure_code, both.province_code, strict=True)]]
    assert (untouched.added.abs() < 1e-9).mean() > 0.95  # the rest shares an officer with deviating dossiers


def test_effects_have_the_sign_of_their_kind(clean):
    for one in clean.truth["deviations"]:
        if one["dossiers"] >= 20:
            assert (one["effect_working_hours"] > 0) == (one["kind"] != "tax_outside"), one


def test_without_deviations_provinces_are_alike(alike):
    assert alike.truth["deviations"] == [] and alike.truth["planted"] is False
    labels = {row[0] for row in alike.rows("select distinct label from events")}
    assert not labels & set(ADDED.values())
    frame = hours(alike)
    chances = []
    for _, part in frame.groupby("procedure_code"):
        values = np.log1p(part.hours) - np.log1p(part.hours).groupby(part.procedure_variant).transform("mean")
        groups = [group.to_numpy() for _, group in values.groupby(part.province_code) if len(group) >= 5]
        chances.append(stats.f_oneway(*groups).pvalue)
    assert min(chances) > 0.001


def test_the_vocabulary_covers_the_log_and_means_one_thing(usual):
    meaning: dict[tuple[str, str], set[str]] = {}
    for one in usual.truth["vocabulary"]:
        meaning.setdefault((one["province"], one["label"]), set()).add(one["step"])
    assert all(len(steps) == 1 for steps in meaning.values())
    used = set(usual.rows("select distinct province_code, label from events"))
    invented = set(usual.truth["artefact_labels"])
    assert {pair for pair in used if pair not in meaning} <= {pair for pair in used if pair[1] in invented}
    assert set(meaning) <= used


def test_without_noise_labels_are_steps(clean):
    assert {one["label"] for one in clean.truth["vocabulary"]} == {one["step"] for one in clean.truth["vocabulary"]}


def test_waiting_adds_up(usual):
    causes = ("contention", "batching", "prioritisation", "extraneous", "unavailability")
    for one in usual.truth["waiting"]:
        assert all(one[cause] >= 0 for cause in causes)
    land = [
        one for one in usual.truth["waiting"] if one["step"] == "Thẩm định hồ sơ" and one["procedure"] == "1.012783"
    ]
    assert land[0]["batching"] > 0
    sign = [one for one in usual.truth["waiting"] if one["step"] == "Lãnh đạo ký duyệt"]
    assert all(one["batching"] > one["contention"] for one in sign)


def test_internal_processes_have_the_published_deviations(usual):
    content = json.loads((usual.folder / "internal_processes.json").read_text("utf-8"))["processes"]
    own = {(one["tthc"], one["h"]) for one in content if one["h"]}
    assert own == {(one["procedure"], one["province"]) for one in usual.truth["deviations"] if one["published"]}
    plain = {one["tthc"] for one in content if one["h"] is None}
    assert len(plain) == len({row[0] for row in usual.rows("select distinct procedure_code from dossiers")})
    for one in content:
        assert one["sum_known_days"] == pytest.approx(sum(step["days"] for step in one["steps"]))


COUNTS = {
    "synthetic_first": "select province_code, count(*) from events where label = 'Tiếp nhận hồ sơ' and officer = 'Cán bộ một cửa' group by 1",
    "synthetic_last": "select province_code, count(*) from events where label = 'Kết thúc xử lý hồ sơ' group by 1",
    "default_officer": "select province_code, count(*) from events where officer = 'Chuyên viên' group by 1",
    "officer_cut": "select province_code, count(*) from events where officer like '%...' and length(officer) = 49 group by 1",
    "submitted_is_accepted": "select province_code, count(*) from dossiers where submitted_at = accepted_at group by 1",
    "placeholder_identity": "select province_code, count(*) from dossiers where applicant_id = '000000001' group by 1",
    "random_code": "select province_code, count(*) from dossiers where extra like '%MaHoSoKhac%' and dossier_code not like '%-%-%' group by 1",
    "closed_at_receipt": "select province_code, count(*) from dossiers where due_at is null and closed_at = accepted_at and status = 9 group by 1",
    "placeholder_summary": "select province_code, count(*) from dossiers where summary = 'Trích yếu hồ sơ' group by 1",
    "end_is_return": "select province_code, count(*) from dossiers where closed_at = returned_at group by 1",
    "status_default": "select province_code, count(*) from (select province_code, dossier_code from events where "
    "officer <> 'Cán bộ một cửa' and label <> 'Kết thúc xử lý hồ sơ' group by all having bool_and(status = 4)) group by 1",
    "empty_fields": "select province_code, count(*) from (select province_code, dossier_code from events where "
    "officer <> 'Cán bộ một cửa' and label <> 'Kết thúc xử lý hồ sơ' group by all having bool_and(unit is null)) group by 1",
}


@pytest.mark.parametrize("kind", COUNTS)
def test_artefacts_are_counted_as_they_are_in_the_log(usual, kind):
    truth = next(one for one in usual.truth["artefacts"] if one["kind"] == kind)
    assert dict(usual.rows(COUNTS[kind])) == truth["by_province"]
    assert truth["total"] == sum(truth["by_province"].values()) > 0


def test_every_kind_of_artefact_is_there(usual):
    assert [one["kind"] for one in usual.truth["artefacts"]] == list(ARTEFACTS)
    assert all(one["total"] > 0 for one in usual.truth["artefacts"])
    for one in usual.truth["artefacts"]:
        assert len(one["by_province"]) < 63 or one["kind"] == "late_entry"


def test_overwritten_statuses_and_lost_events(scenario, tmp_path):
    """Against the same world with nothing but the two artefacts: names tell what the status was."""
    import dataclasses

    from tests.simulate.conftest import read_log
    from workbench.simulate import synthesise

    only = dict.fromkeys(ARTEFACTS, 0.0) | {"dry": 0.0}
    logs = {}
    for kind, rate in (("nothing", 0.0), ("status_overwritten", 0.5), ("missing_events", 0.5), ("late_entry", 0.2)):
        own = dataclasses.replace(scenario, artefacts={**only, **({kind: rate} if rate else {})})
        synthesise(own, dossiers=1500, seed=9, out=tmp_path / kind, noise=0)
        logs[kind] = read_log(tmp_path / kind)
    total = {
        kind: next(one["total"] for one in log.truth["artefacts"] if one["kind"] == kind)
        for kind, log in logs.items()
        if kind != "nothing"
    }
    five = "label in ('Yêu cầu bổ sung hồ sơ', 'Thông báo nghĩa vụ tài chính', 'Dừng giải quyết hồ sơ')"
    overwritten = logs["status_overwritten"].one(f"select count(*) from events where status = 9 and {five}")
    assert overwritten == total["status_overwritten"] > 0
    assert logs["nothing"].one(f"select count(*) from events where status = 9 and {five}") == 0
    events = {kind: log.one("select count(*) from events") for kind, log in logs.items()}
    assert events["nothing"] - events["missing_events"] == total["missing_events"] > 0
    moved = logs["late_entry"].one(
        f"select count(*) from events e join '{logs['nothing'].folder}/events.parquet' o using (province_code, "
        "dossier_code, source_order) where e.completed_at > o.completed_at"
    )
    assert total["late_entry"] * 0.9 <= moved <= total["late_entry"] * 1.1
