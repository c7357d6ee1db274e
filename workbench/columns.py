"""The canonical tables and columns of the store, named once.

Types are DuckDB's. Times are local, Asia/Ho_Chi_Minh, without a zone. `*_seconds` are seconds,
`*_working_seconds` seconds inside the working hours of the dossier's calendar.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its DuckDB type and what it means, in one plain sentence."""

    type: str
    doc: str
    given: bool = True
    """True when a source can carry it; False when the store computes it."""


def _table(**columns: tuple[str, str] | tuple[str, str, bool]) -> Mapping[str, Column]:
    return MappingProxyType({name: Column(*spec) for name, spec in columns.items()})


DOSSIER = _table(
    dossier_key=("BIGINT", "integer key of the dossier inside one store", False),
    dossier_code=("VARCHAR", "code printed on the receipt (MaHoSo)"),
    procedure_code=("VARCHAR", "national part of the procedure's code, e.g. 1.012783 (MaTTHC)"),
    procedure_name=("VARCHAR", "name of the procedure as filed (TenTTHC)"),
    procedure_variant=("VARCHAR", "case of the procedure (trường hợp)"),
    province_code=("VARCHAR", "organisation as filed: H-code of the province, or any organisation's code"),
    province_2025=("VARCHAR", "H-code of the province since 1/7/2025; the organisation itself when unknown", False),
    agency_code=("VARCHAR", "agency that is responsible, e.g. H55.242"),
    level=("VARCHAR", "level of government: province, district, commune"),
    channel=("VARCHAR", "how it was filed: desk, online, post"),
    service_level=("VARCHAR", "online service level: information, partial, full"),
    applicant_type=("VARCHAR", "citizen, business, state, other"),
    applicant_key=("VARCHAR", "keyed hash of the applicant's identity"),
    status=("INTEGER", "last dossier status, 1-10"),
    submitted_at=("TIMESTAMP", "when the applicant sent it"),
    accepted_at=("TIMESTAMP", "when the desk accepted it"),
    received_at=("TIMESTAMP", "accepted_at, else submitted_at, else the first event", False),
    due_at=("TIMESTAMP", "appointment printed on the receipt (NgayHenTra)"),
    closed_at=("TIMESTAMP", "end of processing (NgayKetThucXuLy)"),
    returned_at=("TIMESTAMP", "result handed over (NgayTra)"),
    outcome=("VARCHAR", "done, returned, refused, stopped, open"),
    fee_paid_online=("INTEGER", "1 paid on the portal, 2 on a local gateway, else null"),
    digitised=("BOOLEAN", "papers digitised (HoSoCoThanhPhanSoHoa)"),
    result_electronic=("BOOLEAN", "an electronic result is attached"),
    data_reused=("BOOLEAN", "papers taken from the personal data store or a national database"),
    identity_verified=("BOOLEAN", "account verified with VNeID"),
    fee_vnd=("DOUBLE", "fees and charges of the dossier in VND"),
    supplement_count=("INTEGER", "number of supplement requests", False),
    paused_seconds=("BIGINT", "clock seconds during which the legal clock stands", False),
    paused_working_seconds=("BIGINT", "working seconds during which the legal clock stands", False),
    event_count=("INTEGER", "number of events in the chain", False),
    first_at=("TIMESTAMP", "time of the first event", False),
    last_at=("TIMESTAMP", "time of the last event", False),
    throughput_seconds=("DOUBLE", "clock seconds from received_at to closed_at, else to the last event", False),
    throughput_working_seconds=("BIGINT", "the same in working seconds, pauses not subtracted", False),
    variant_key=("BIGINT", "key of the sequence of activities", False),
    calendar_id=("VARCHAR", "working calendar of the dossier", False),
    extra=("VARCHAR", "further attributes of the source as a JSON object"),
    outcome_given=("VARCHAR", "outcome as the source gave it; null when the store derived it", False),
    version_count=("INTEGER", "how many rows of the sources it rests on; 0 when made from its events", False),
    load_id=("INTEGER", "latest load with a row of it; of its events when it has no row", False),
)

EVENT = _table(
    dossier_key=("BIGINT", "the dossier", False),
    procedure_code=("VARCHAR", "the dossier's procedure, repeated for quick drill-down", False),
    province_code=("VARCHAR", "the dossier's organisation, repeated for quick drill-down", False),
    position=("INTEGER", "0-based place in the dossier's chain; null when left out of the chain", False),
    activity_id=("INTEGER", "the local label", False),
    status=("INTEGER", "dossier status after the event, 1-10"),
    started_at=("TIMESTAMP", "when work on it began (often empty)"),
    completed_at=("TIMESTAMP", "when it was recorded as done"),
    unit=("VARCHAR", "office or section that acted (PhongBanXuLy)"),
    role=("VARCHAR", "role of the officer (ChucDanh)"),
    officer_key=("VARCHAR", "keyed hash of the officer's name"),
    step_due_at=("TIMESTAMP", "deadline of the step"),
    artefact=("VARCHAR", "synchronisation artefact this row is, if any"),
    next_activity_id=("INTEGER", "activity of the next event in the chain", False),
    next_unit=("VARCHAR", "unit of the next event in the chain", False),
    gap_seconds=("DOUBLE", "clock seconds until the next event in the chain, with their fraction", False),
    gap_working_seconds=("BIGINT", "working seconds until the next event in the chain", False),
    worked_at=("BIGINT", "working seconds from the calendar's first day to completed_at", False),
    source_order=("BIGINT", "order in the source, which breaks ties of time"),
    occurrence=("INTEGER", "0, or the number of the repetition where a source means repeated rows", False),
    load_id=("INTEGER", "load the row came with", False),
)

PAUSE = _table(
    dossier_key=("BIGINT", "the dossier", False),
    paused_from=("TIMESTAMP", "when the clock stopped"),
    paused_to=("TIMESTAMP", "when it went on; null while it stands"),
    reason=("VARCHAR", "supplement or financial_duty"),
    due_before=("TIMESTAMP", "due date before (NgayHenTraTruoc)"),
    due_after=("TIMESTAMP", "due date after (NgayHenTraMoi)"),
    load_id=("INTEGER", "load the row came with", False),
)

ACTIVITY = _table(
    activity_id=("INTEGER", "integer of the label", False),
    label=("VARCHAR", "local label, NFC, white space folded", False),
)

VOCABULARY = _table(
    province_code=("VARCHAR", "organisation whose label it is; * for all"),
    label=("VARCHAR", "local label, NFC"),
    step=("VARCHAR", "canonical step"),
    confidence=("DOUBLE", "0 to 1"),
    method=("VARCHAR", "how the proposal was made"),
    reviewed_by=("VARCHAR", "who decided; null for an unreviewed proposal"),
    reviewed_at=("TIMESTAMP", "when"),
)

LOAD = _table(
    load_id=("INTEGER", "number of the load", False),
    loaded_at=("TIMESTAMP", "when it was committed", False),
    status=("VARCHAR", "loaded or retracted", False),
    format=("VARCHAR", "source format", False),
    profile=("VARCHAR", "mapping used, as JSON", False),
    rows_in=("BIGINT", "rows read", False),
    rows_loaded=("BIGINT", "rows that became events, dossiers or pauses", False),
    rows_quarantined=("BIGINT", "rows refused", False),
    rows_duplicate=("BIGINT", "rows already there", False),
    dossiers=("BIGINT", "dossiers touched", False),
    events=("BIGINT", "events loaded", False),
    software=("VARCHAR", "version of the workbench", False),
)

LOAD_FILE = _table(
    load_id=("INTEGER", "the load", False),
    path=("VARCHAR", "file name as given", False),
    sha256=("VARCHAR", "checksum of the content", False),
    bytes=("BIGINT", "size", False),
    table_name=("VARCHAR", "event, dossier, pause or log", False),
    rows_in=("BIGINT", "rows read from it", False),
)

QUARANTINE = _table(
    load_id=("INTEGER", "the load", False),
    source=("VARCHAR", "file", False),
    line=("BIGINT", "line or record number in the file, 1-based with the heading as line 1", False),
    column_name=("VARCHAR", "column at fault", False),
    value=("VARCHAR", "the value, cut to 200 characters; personal fields are masked", False),
    reason=("VARCHAR", "reason code, key under quarantine. in the catalogues", False),
    row=("VARCHAR", "the whole row as JSON, personal fields masked", False),
)

TABLES: Mapping[str, Mapping[str, Column]] = MappingProxyType(
    {
        "dossier": DOSSIER,
        "event": EVENT,
        "pause": PAUSE,
        "activity": ACTIVITY,
        "vocabulary": VOCABULARY,
        "load": LOAD,
        "load_file": LOAD_FILE,
        "quarantine": QUARANTINE,
    }
)

PERSONAL = frozenset({"applicant", "applicant_id", "applicant_phone", "applicant_email", "officer"})
"""Fields a source may carry that never reach the store in clear."""

STATUSES = range(1, 11)
CHANNELS = ("desk", "online", "post")
OUTCOMES = ("done", "returned", "refused", "stopped", "open")
LEVELS = ("province", "district", "commune")
CLOCKS = ("law", "portal", "pause", "local")

CODES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "level": ("province", "district", "commune"),
        "channel": ("desk", "online", "post"),
        "service_level": ("information", "partial", "full"),
        "applicant_type": ("citizen", "business", "state", "other"),
        "outcome": ("done", "returned", "refused", "stopped", "open"),
    }
)
"""The values coded columns can have; asking for one of them is no mistake, even where no dossier has it."""
