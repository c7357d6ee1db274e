"""The record of a chunk as Arrow tables with the canonical column names."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from workbench.simulate.arrivals import ONLINE, Dossiers
from workbench.simulate.artefacts import FIRST, LAST, Marks
from workbench.simulate.names import SYNTHETIC_FIRST, SYNTHETIC_LAST, StepNames
from workbench.simulate.recording import NO_TIME, OUTCOMES, Events, Files, Pauses, digital_age
from workbench.simulate.tables import Tables
from workbench.simulate.teams import AFTER, LEVELS, Teams, agency_code, old_agency_code
from workbench.simulate.trace import OFFICERS
from workbench.simulate.worktime import DAY, EPOCH, Bools, Ints, day_of, running

PLACEHOLDER_IDENTITY = "000000001"
PLACEHOLDER_SUMMARY = "Trích yếu hồ sơ"
DEFAULT_OFFICER = "Chuyên viên"
DESK_OFFICER = "Cán bộ một cửa"
CUT_AT = 46
CHANNELS = ("desk", "online", "post")
REASONS = ("supplement", "financial_duty")
_TYPES = ("citizen", "business", "other")
_SERVICE = ("information", "partial", "full")


@dataclass(frozen=True)
class Writing:
    """What is needed to write a chunk besides its rows."""

    tables: Tables
    teams: Teams
    names: StepNames
    old_codes_until: Ints
    """Per province, the instant until which dossier codes have the old agency form."""
    applicants: int


def dossier_codes(
    writing: Writing, dossiers: Dossiers, files: Files, marks: Marks
) -> tuple[list[str], list[str], pa.Array]:
    """Codes on record, agency codes, and the codes of the local system where they differ.

    agency - receipt day - daily number (Điều 19 TT 01/2018/TT-VPCP).
    """
    day = np.where(files.accepted != NO_TIME, files.accepted, files.submitted) // DAY
    moment = np.where(files.accepted != NO_TIME, files.accepted, files.submitted)
    office = 10 + writing.tables.family[dossiers.procedure]
    key = np.where(dossiers.level == 0, dossiers.team * 100 + office, dossiers.team * 100)
    order = np.lexsort((moment, day, key))
    number = np.empty(len(key), dtype=np.int64)
    number[order] = running(key[order] * 100_000 + day[order]) + 1
    agencies, places = _agencies(writing, dossiers, key, office)
    old = moment < writing.old_codes_until[dossiers.province]
    prefixes = agencies + [old_agency_code(code) for code in agencies]
    prefix = (places + old * len(agencies)).tolist()
    days = {int(n): day_of(int(n)).strftime("%y%m%d") for n in np.unique(day)}
    codes = [f"{prefixes[p]}-{days[d]}-{n:04d}" for p, d, n in zip(prefix, day.tolist(), number.tolist(), strict=True)]
    local = [None] * len(codes)
    for row in np.flatnonzero(marks.random_code).tolist():
        local[row] = codes[row]  # type: ignore[call-overload]
        codes[row] = _random_code(codes[row])
    return codes, [agencies[p] for p in places.tolist()], local


def _random_code(code: str) -> str:
    """A code without agency and day, as senders make up when the local code lacks the province."""
    number = 0
    for letter in code:
        number = (number * 1_000_003 + ord(letter)) % (1 << 61)
    return f"{number:016X}"


def _agencies(writing: Writing, dossiers: Dossiers, key: Ints, office: Ints) -> tuple[list[str], Ints]:
    found, first, places = np.unique(key, return_index=True, return_inverse=True)
    codes = writing.tables.codes
    out = []
    for row in first.tolist():
        team = int(dossiers.team[row])
        number = int(writing.teams.number[team])
        province = codes[int(dossiers.province[row])]
        out.append(agency_code(province, int(dossiers.era[row]), int(dossiers.level[row]), number, int(office[row])))
    assert len(out) == len(found)
    return out, places.astype(np.int64)


def dossier_table(
    writing: Writing, dossiers: Dossiers, files: Files, marks: Marks, random: np.random.Generator
) -> tuple[pa.Table, list[str]]:
    """The dossiers and their codes."""
    t, n = writing.tables, len(dossiers)
    codes, agencies, local = dossier_codes(writing, dossiers, files, marks)
    procedures = t.scenario.procedures
    p, age = dossiers.procedure, digital_age(dossiers, t)
    cases = [case.name for one in procedures for case in one.cases]
    summaries = [*(f"Đề nghị giải quyết, trường hợp: {case}" for case in cases), PLACEHOLDER_SUMMARY]
    offset = np.cumsum([0] + [len(one.cases) for one in procedures])[:-1]
    who = _applicants(writing, dossiers, marks, random)
    fee, paid = _fees(writing, dossiers, age)
    columns = {
        "dossier_code": pa.array(codes),
        "procedure_code": _coded(p, [one.code for one in procedures]),
        "procedure_name": _coded(p, [one.name for one in procedures]),
        "procedure_variant": _coded(offset[p] + dossiers.case, cases),
        "province_code": _coded(dossiers.province, t.codes),
        "agency_code": pa.array(agencies),
        "level": _coded(dossiers.level, LEVELS),
        "channel": _coded(dossiers.channel, CHANNELS),
        "service_level": _coded(_service(random, age), _SERVICE),
        **who,
        "status": pa.array(files.status.astype(np.int32)),
        "submitted_at": times(files.submitted),
        "accepted_at": times(files.accepted),
        "due_at": times(files.due),
        "closed_at": times(files.closed),
        "returned_at": times(files.returned),
        "outcome": _coded(files.outcome, [OUTCOMES[k] for k in sorted(OUTCOMES)]),
        "fee_paid_online": pa.array(paid.astype(np.int32), mask=paid == 0),
        **_digital(dossiers, files, age),
        "fee_vnd": pa.array(fee),
        "summary": _coded(np.where(marks.placeholder_summary, len(cases), offset[p] + dossiers.case), summaries),
        "extra": _extra(n, local),
    }
    return pa.table(columns), codes


def _digital(dossiers: Dossiers, files: Files, age: npt.NDArray[np.float64]) -> dict[str, pa.Array]:
    """The flags of digitisation; all grow with the years."""
    return {
        "digitised": pa.array(dossiers.chance("digitised") < 0.15 + 0.75 * age),
        "result_electronic": pa.array((dossiers.chance("electronic") < 0.10 + 0.80 * age) & (files.closed != NO_TIME)),
        "data_reused": pa.array(dossiers.chance("reused") < 0.05 + 0.45 * age),
        "identity_verified": pa.array(
            dossiers.chance("identity") < np.where(dossiers.channel == ONLINE, 0.5, 0.1) + 0.45 * age
        ),
    }


def _applicants(writing: Writing, dossiers: Dossiers, marks: Marks, random: np.random.Generator) -> dict[str, pa.Array]:
    """Invented applicants: the numbers begin with 999, which no identity card has."""
    business = np.array([one.business for one in writing.tables.scenario.procedures])[dossiers.procedure]
    luck = dossiers.chance("applicant")
    kind = np.where(luck < business, 1, np.where(luck > 0.996, 2, 0))
    number = random.integers(0, max(1, writing.applicants), len(dossiers)).tolist()
    texts = ("Công dân mẫu", "Doanh nghiệp mẫu", "Tổ chức mẫu")
    placeholder = marks.placeholder_identity.tolist()
    return {
        "applicant_type": _coded(kind, _TYPES),
        "applicant": pa.array([f"{texts[k]} {n}" for k, n in zip(kind.tolist(), number, strict=True)]),
        "applicant_id": pa.array(
            [PLACEHOLDER_IDENTITY if bad else f"999{n:09d}" for bad, n in zip(placeholder, number, strict=True)]
        ),
    }


def _fees(writing: Writing, dossiers: Dossiers, age: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], Ints]:
    desk, online = np.array([one.fee_vnd for one in writing.tables.scenario.procedures], dtype=float).T
    p, remote = dossiers.procedure, dossiers.channel == ONLINE
    fee = np.where(remote, online[p], desk[p])
    copies = np.where(fee < 30_000, 1 + np.floor(4 * dossiers.chance("fee") ** 2), 1)
    fee = fee * copies
    pays = (fee > 0) & remote & (dossiers.chance("paid") < 0.25 + 0.65 * age)
    gateway = np.where(dossiers.chance("fee") < 0.8, 1, 2)
    return fee, np.where(pays, gateway, 0)


def _service(random: np.random.Generator, age: npt.NDArray[np.float64]) -> Ints:
    luck = random.random(len(age), dtype=np.float32)
    return np.where(luck < 0.03, 0, np.where(luck < 0.03 + 0.35 + 0.5 * age, 2, 1))


def _extra(n: int, local: list[str | None]) -> pa.Array:
    """The code of the local system where another one was sent (MaHoSoKhac)."""
    found = [None if code is None else json.dumps({"MaHoSoKhac": code}) for code in local]
    assert len(found) == n
    return pa.array(found, type=pa.string())


def event_table(writing: Writing, dossiers: Dossiers, events: Events, codes: list[str]) -> pa.Table:
    """The events, each with the province and the code of its dossier."""
    t = writing.tables
    row = events.dossier
    texts = [*writing.names.texts, SYNTHETIC_LAST, SYNTHETIC_FIRST]
    name = np.where(events.name < 0, len(texts) + events.name, events.name)
    assert (FIRST, LAST) == (-1, -2)
    units, place = _units(t)
    step = np.maximum(events.step, 0)
    unit = place[step, dossiers.procedure[row], dossiers.level[row], dossiers.era[row]]
    roles = sorted({one.role for one in t.scenario.steps})
    role = np.array([roles.index(one.role) for one in t.scenario.steps])[step]
    columns = {
        "province_code": _coded(dossiers.province[row], t.codes),
        "dossier_code": pa.DictionaryArray.from_arrays(row.astype(np.int32), pa.array(codes)),
        "label": _coded(name, texts),
        "status": pa.array(events.status.astype(np.int32)),
        "started_at": times(np.where(events.bare, NO_TIME, events.started)),
        "completed_at": times(events.completed),
        "unit": _coded(unit, units, events.bare),
        "role": _coded(role, roles, events.bare),
        "officer": _officers(writing, dossiers, events),
        "step_due_at": times(events.due),
        "source_order": pa.array(running(row).astype(np.int32)),
    }
    return pa.table(columns)


def _units(t: Tables) -> tuple[list[str], Ints]:
    """Unit names and their places [step, procedure, level, era]."""
    scenario = t.scenario
    names: dict[str, int] = {}
    out = np.zeros((len(scenario.steps), len(scenario.procedures), 3, 2), dtype=np.int64)
    for s, step in enumerate(scenario.steps):
        for p, procedure in enumerate(scenario.procedures):
            for level, level_name in enumerate(LEVELS):
                for era in (0, 1):
                    source = procedure.section if step.unit == "section" else scenario.units[step.unit]
                    text = source.get(level_name, "")
                    if era == AFTER:
                        text = source.get(f"{level_name}_after", text)
                    out[s, p, level, era] = names.setdefault(text, len(names))
    return list(names), out


def _officers(writing: Writing, dossiers: Dossiers, events: Events) -> pa.Array:
    """Invented officers, one text each; placeholders and cut texts where the artefacts say so."""
    found, first, places = np.unique(events.officer, return_index=True, return_inverse=True)
    families, most = writing.tables.officers.shape[3], int(writing.tables.officers.max())
    texts, cut = [], []
    for officer, row in zip(found.tolist(), first.tolist(), strict=True):
        step, rest = divmod(officer, OFFICERS)
        rest, number = divmod(rest, most)
        team, family = divmod(rest, families)
        file = int(events.dossier[row])
        place = int(writing.teams.number[team])
        province = writing.tables.codes[int(dossiers.province[file])]
        agency = agency_code(province, int(dossiers.era[file]), int(dossiers.level[file]), place, 10 + family)
        text = f"Cán bộ mẫu {agency}-{step:02d}{family}{number}"
        texts.append(text)
        long = f"{text}, {writing.tables.scenario.steps[step].role}, bộ phận {agency}, điện thoại cơ quan"
        cut.append(long[:CUT_AT] + "...")
    n = len(found)
    plain = events.plain_officer
    place_of = np.where(plain == 0, places, np.where(plain == 2, places + n, 2 * n + (plain == 3)))
    return _coded(place_of, [*texts, *cut, DEFAULT_OFFICER, DESK_OFFICER])


def pause_table(writing: Writing, dossiers: Dossiers, pauses: Pauses, codes: list[str]) -> pa.Table:
    """The pauses, each with the province and the code of its dossier."""
    row = pauses.dossier
    return pa.table(
        {
            "province_code": _coded(dossiers.province[row], writing.tables.codes),
            "dossier_code": pa.DictionaryArray.from_arrays(row.astype(np.int32), pa.array(codes)),
            "paused_from": times(pauses.since),
            "paused_to": times(pauses.until),
            "reason": _coded(pauses.reason, REASONS),
            "due_before": times(pauses.due_before),
            "due_after": times(pauses.due_after),
        }
    )


def times(moment: Ints) -> pa.Array:
    """Instants as local timestamps; null where not on record."""
    missing = moment == NO_TIME
    known = np.where(missing, 0, moment)
    return pa.array(EPOCH + known * np.timedelta64(1_000_000, "us"), type=pa.timestamp("us"), mask=missing)


def _coded(place: Ints, texts: tuple[str, ...] | list[str], missing: Bools | None = None) -> pa.Array:
    """Texts by their places; a text that comes twice is coded once, which Parquet's dictionaries need."""
    found: dict[str, int] = {}
    first = np.array([found.setdefault(text, len(found)) for text in texts], dtype=np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(first[place], mask=missing), pa.array(list(found)))
