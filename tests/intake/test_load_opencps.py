"""Dumps of OpenCPS tables: actions find their dossier's code, rolled back ones are refused."""

from __future__ import annotations

from datetime import datetime

from tests.intake.conftest import EVENTS, csv
from workbench.reference import opencps_schema
from workbench.sources.opencps import ACTION_COLUMNS, DOSSIER_COLUMNS

CODE = "000.17.22.H56-210531-0001"
DOSSIERS = csv(
    f"11,{CODE},1.012783,Cấp đổi,000.17.22.H56,Nguyễn Văn A,079123456789,bí mật,2021-05-30 10:00:00,2021-05-31 08:00:00,"
    "2021-06-07 17:00:00,2021-06-04 16:00:00,2021-06-05 09:00:00,done",
    heading="dossierId,dossierNo,serviceCode,serviceName,govAgencyCode,applicantName,applicantIdNo,password_,submitDate,"
    "receiveDate,dueDate,releaseDate,finishDate,dossierStatus",
)
ACTIONS = csv(
    "1,11,1100,Tiếp nhận,Tiếp nhận hồ sơ,Trần B,2021-05-31 08:00:00,2021-05-31 17:00:00,1,{}",
    "2,11,1200,Chuyển,Thẩm định,Trần B,2021-06-01 08:00:00,,2,{}",
    "3,11,1300,Ký duyệt,Lãnh đạo ký,Lê C,2021-06-04 16:00:00,,1,{}",
    "4,99,1300,Ký duyệt,Lãnh đạo ký,Lê C,2021-06-04 16:00:00,,1,{}",
    heading="dossierActionId,dossierId,actionCode,actionName,stepName,actionUser,createDate,dueDate,state_,payload",
)


def test_actions_are_the_events_of_their_dossiers(loaded, ask):
    report = loaded({"opencps_dossier.csv": DOSSIERS, "opencps_dossieraction.csv": ACTIONS})
    assert ask(EVENTS) == [
        (CODE, "Tiếp nhận", datetime(2021, 5, 31, 8)),
        (CODE, "Ký duyệt", datetime(2021, 6, 4, 16)),
    ]
    assert (report.rows_in, report.reasons) == (5, {"event_without_dossier": 1, "rolled_back": 1})
    assert ask("select line, reason from quarantine order by line") == [
        (3, "rolled_back"),
        (5, "event_without_dossier"),
    ]
    assert ask(
        "select province_code, procedure_code, submitted_at, accepted_at, due_at, closed_at, returned_at, status, extra from dossier"
    ) == [
        (
            "H56", "1.012783", datetime(2021, 5, 30, 10), datetime(2021, 5, 31, 8), datetime(2021, 6, 7, 17),
            datetime(2021, 6, 4, 16), datetime(2021, 6, 5, 9), 10, '{"dossierId":"11"}',
        )
    ]  # fmt: skip
    assert ask("select step_due_at from event order by completed_at limit 1") == [(datetime(2021, 5, 31, 17),)]


def test_actions_alone_are_known_by_their_number(loaded, ask):
    report = loaded({"opencps_dossieraction.csv": ACTIONS}, constants={"province": "H56", "procedure": "P"})
    assert (report.dossiers, report.events, report.reasons) == (2, 3, {"rolled_back": 1})
    assert ask("select dossier_code from dossier order by 1") == [("11",), ("99",)]


def test_the_columns_read_are_those_of_the_schema():
    schema = opencps_schema()
    assert set(ACTION_COLUMNS) - {"dossierNo"} <= set(schema["opencps_dossieraction"])
    assert set(DOSSIER_COLUMNS) <= set(schema["opencps_dossier"])
