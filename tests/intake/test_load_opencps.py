"""Dumps of OpenCPS tables: actions find their dossier's code, rolled back ones are refused."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.intake.conftest import EVENTS, csv
from workbench.errors import FormatError
from workbench.mining.conformance import check_conformance
from workbench.mining.internal_process import internal_processes, process_model
from workbench.reference import opencps_schema
from workbench.selection import Selection
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


WORK = csv('7,2,"07:30-11:30,13:30-17:30"', '7,3,"07:30-11:30"', heading="groupId,day,hours")
FREE = csv("7,31/05/2021 00:00,0", "7,2021-06-05 00:00:00,1", heading="groupId,holidayDate,holidayType")
NORM = {
    "opencps_serviceprocess.csv": csv("5,QT01,10,0", heading="serviceProcessId,processNo,durationCount,durationUnit"),
    "opencps_processstep.csv": csv(
        "1,5,100,Chờ tiếp nhận,10,0.5", "2,5,200,Chờ ký,20,2", "3,5,300,Xong,30,0",
        heading="processStepId,serviceProcessId,stepCode,stepName,sequenceNo,durationCount",
    ),
    "opencps_processaction.csv": csv(
        "1,5,100,200,Tiếp nhận", "2,5,200,300,Ký duyệt", "3,5,200,100,Trả lại",
        heading="processActionId,serviceProcessId,preStepCode,postStepCode,actionName",
    ),
}  # fmt: skip


def test_dumped_calendar_and_designed_process_are_used(loaded, ask, target):
    dossiers = "\n".join(
        line + (",QT01,7" if number else ",processNo,groupId")
        for number, line in enumerate(DOSSIERS.strip().splitlines())
    )
    files = {"opencps_dossier.csv": dossiers + "\n", "opencps_dossieraction.csv": ACTIONS, **NORM}
    files |= {"opencps_worktime.csv": WORK, "opencps_holiday.csv": FREE}
    report = loaded(files)
    assert report.rows_in == 5  # the log's rows alone
    assert ask("select table_name from load_file where path like '%worktime.csv'") == [("opencps_worktime",)]
    hours = (
        "select day::varchar, am_to - am_from + pm_to - pm_from from calendar_day where calendar_id = 'opencps' and "
    )
    # Monday 31/5 is off, Tuesday half a day, Wednesday has no hours, Saturday 5/6 is made up for
    assert ask(hours + "day between '2021-05-31' and '2021-06-05' order by 1") == [
        ("2021-05-31", 0), ("2021-06-01", 14400), ("2021-06-02", 0), ("2021-06-03", 0), ("2021-06-04", 0), ("2021-06-05", 28800)
    ]  # fmt: skip
    assert ask("select distinct calendar_id from dossier") == [("opencps",)]
    (process,) = internal_processes(target, procedure="1.012783")
    assert [(step.name, step.days) for step in process.steps] == [("Tiếp nhận", 0.5), ("Ký duyệt", 2.0)]
    found = check_conformance(target, Selection(procedure="1.012783"), process_model(process))
    assert (found.perfect_share, found.fitness) == (1.0, 1.0)
    # the hours change: the load is there already, the calendar is not
    again = loaded({"opencps_worktime.csv": WORK.replace('07:30-11:30"\n', '08:00-11:30"\n')})
    assert again.status == "already" or again.load_id is None
    assert ask(hours + "day = '2021-06-01'") == [("2021-06-01", 12600)]


def test_a_calendar_without_dossiers_says_what_is_missing(loaded):
    with pytest.raises(FormatError, match="opencps_worktime"):
        loaded({"opencps_worktime.csv": WORK})


@pytest.mark.parametrize("row", ["7,9,07:30-11:30", "7,2,sáng", "7,x,07:30-11:30"])
def test_hours_that_cannot_be_read_are_named(loaded, row):
    with pytest.raises(FormatError, match=r"day .* with the hours"):
        loaded({"opencps_dossier.csv": DOSSIERS, "opencps_worktime.csv": csv(row, heading="groupId,day,hours")})


def test_sites_have_their_own_hours(loaded, ask):
    two = DOSSIERS + DOSSIERS.strip().splitlines()[1].replace("11,", "12,", 1).replace("0001", "0002").replace(
        "1.012783,Cấp đổi,000.17.22.H56", "1.012783,Cấp đổi,000.18.22.H56"
    )
    lines = two.strip().splitlines()
    dossiers = "\n".join([lines[0] + ",groupId", lines[1] + ",7", lines[2] + ",8"]) + "\n"
    work = csv("7,2,07:30-11:30", '8,2,"08:00-12:00,13:00-17:00"', heading="groupId,day,hours")
    loaded({"opencps_dossier.csv": dossiers, "opencps_worktime.csv": work})
    assert ask("select agency_code, calendar_id from dossier order by 1") == [
        ("000.17.22.H56", "opencps-7"), ("000.18.22.H56", "opencps-8")
    ]  # fmt: skip


def test_the_columns_read_are_those_of_the_schema():
    schema = opencps_schema()
    assert set(ACTION_COLUMNS) - {"dossierNo"} <= set(schema["opencps_dossieraction"])
    assert set(DOSSIER_COLUMNS) <= set(schema["opencps_dossier"])
