"""What keeps a procedure from full online service, counted by hand."""

from __future__ import annotations

import pytest

from tests.harmonise.logs import closed_log, traces
from workbench.errors import TooFewCases
from workbench.harmonise.recommendation.online_readiness import BARRIERS, online_readiness
from workbench.selection import Selection

P = Selection(procedure="1.000001")


def half_online(store_from, n: int = 40):
    """Half of each organisation's dossiers are filed online; those at the desk have one step more."""
    given = closed_log(traces(A=f"receive scan sign x{n // 2}, receive sign x{n // 2}"))
    events, dossiers = given["events"], given["dossiers"]
    scanned = set(events.loc[events["label"] == "scan", "dossier_code"])
    at_desk = dossiers["dossier_code"].isin(scanned)
    dossiers = dossiers.assign(
        channel=at_desk.map({True: "desk", False: "online"}),
        digitised=~at_desk,
        result_electronic=[k % 4 == 0 for k in range(len(dossiers))],
        service_level="partial",
    )
    return store_from(events=events, dossiers=dossiers)


def test_barriers_by_hand(store_from):
    found = online_readiness(half_online(store_from), P)
    barriers = found.barriers.set_index("barrier")
    assert barriers["hits"].to_dict() == {
        "result_on_paper": 30,
        "filed_at_desk": 20,
        "papers_not_digitised": 20,
        "supplement_asked": 0,
    }
    assert barriers.loc["filed_at_desk", "share"] == 0.5
    assert barriers.loc["filed_at_desk", "low"] < 0.5 < barriers.loc["filed_at_desk", "high"]
    # of the 20 filed online every fourth of all has an electronic result: those numbered 20, 24, ... 36
    assert found.fully_online in (5 / 40, pytest.approx(5 / 40))
    # 20 visits to file, 30 to fetch a result
    assert found.desk_visits == pytest.approx(50 / 40)
    assert found.declared_full == 0.0
    assert found.desk_steps["step"].tolist() == ["scan"]
    assert set(found.gaps) == {"papers_not_reused", "identity_not_verified", "fee_not_online", "no_paper_list"}


def test_a_log_that_records_nothing_claims_nothing(store_from):
    found = online_readiness(store_from(**closed_log(traces(A="a b x3", B="a b x3"))), P)
    assert set(BARRIERS) - {"supplement_asked"} <= set(found.gaps)
    assert found.barriers["barrier"].tolist() == ["supplement_asked"]
    assert found.desk_visits is None
    assert found.declared_full is None
    assert found.desk_steps.empty


def test_papers_are_named_by_the_user(store_from):
    papers = {"Căn cước công dân": "CSDL quốc gia về dân cư", "Bản vẽ": None}
    found = online_readiness(half_online(store_from), P, papers=papers)
    assert "no_paper_list" not in found.gaps
    assert found.papers.set_index("paper")["database"].to_dict() == papers


def test_open_dossiers_only(store_from):
    given = closed_log(traces(A="a b x3"))
    store = store_from(events=given["events"], dossiers=given["dossiers"].drop(columns="closed_at"))
    with pytest.raises(TooFewCases):
        online_readiness(store, P)
