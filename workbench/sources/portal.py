"""JSON dumps of the national portal's synchronisation, and JSON arrays of any other records.

`DongBoHoSoMC` gives dossiers with their supplement lists (which give the pauses), fees and papers;
`CapNhatTienDoHoSoMC` gives events. A record with a time of processing is an event, any other a dossier.
Field names as sent; what nested lists say is drawn out as `List.Field`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from workbench.progress import Progress, silent
from workbench.sources.json_records import records
from workbench.sources.raw import RawFile, RawPart, RawTable
from workbench.sources.staging import StagingFolder, TextParts, as_text

_SUPPLEMENTS = "danhsachhosobosung"
_PAUSE_FIELDS = ("NgayBoSung", "NgayTiepNhanBoSung", "NgayHenTraTruoc", "NgayHenTraMoi", "TrangThaiBoSung")


def read_json(
    file: RawFile, folder: StagingFolder, *, limit: int | None = None, progress: Progress = silent
) -> list[RawTable]:
    """Dossiers, events and pauses of a dump; each as far as the file has them."""
    dossiers, events, pauses, others = (TextParts(folder) for _ in range(4))
    count = 0
    for count, record in enumerate(records(file.path), start=1):
        keys = {key.lower(): key for key in record}
        if "mahoso" not in keys:
            others.add(flat(record))
        elif "thoidiemxuly" in keys:
            events.add(flat(record))
        else:
            dossiers.add({**flat(record), **_drawn(record, keys)})
            for pause in _pauses(record, keys):
                pauses.add(pause)
        if count % 5000 == 0:
            progress("read", count, 0)
        if limit is not None and count >= limit:
            break
    kinds = (
        (dossiers, "portal", "dossier", "dossiers"),
        (events, "portal", "event", "events"),
        (pauses, "portal", "pause", "supplements"),
        (others, "json", None, "records"),
    )
    return [_table(parts, file, name, role, what) for parts, name, role, what in kinds if parts.rows_seen]


def _table(parts: TextParts, file: RawFile, name: str, role: str | None, what: str) -> RawTable:
    path, columns = parts.close()
    part = RawPart(path, f"{file.path}: {what}", file, parts.rows, first_line=1)
    return RawTable(name, columns, (part,), role, derived=role == "pause")


def flat(record: Mapping[str, Any], prefix: str = "") -> dict[str, str | None]:
    """The plain fields of a record; those of an object inside it as `Outer.Inner`. Lists are left out."""
    out: dict[str, str | None] = {}
    for key, value in record.items():
        if isinstance(value, Mapping):
            out.update(flat(value, f"{prefix}{key}."))
        elif not isinstance(value, list):
            out[f"{prefix}{key}"] = as_text(value)
    return out


def _drawn(record: Mapping[str, Any], keys: Mapping[str, str]) -> dict[str, str | None]:
    """What the nested lists of a dossier say about it."""
    out: dict[str, str | None] = {}
    identities = _items(record, keys, "dinhdanhchs")
    if identities:
        out["DinhDanhCHS.SoDinhDanh"] = as_text(identities[0].get("SoDinhDanh"))
    fees = [_number(item.get("Gia")) for item in _items(record, keys, "danhsachlephi")]
    if any(fee is not None for fee in fees):
        out["DanhSachLePhi.Gia"] = as_text(sum(fee for fee in fees if fee is not None))
    papers = _items(record, keys, "tailieunop")
    if papers:
        out["TaiLieuNop.DuocSoHoa"] = _any(papers, "DuocSoHoa")
        out["TaiLieuNop.DuocTaiSuDung"] = _any(papers, "DuocTaiSuDung", "DuocLayTuKhoDMQG")
    results = _items(record, keys, "danhsachgiaytoketqua")
    if "danhsachgiaytoketqua" in keys:
        out["DanhSachGiayToKetQua.DuongDanTepTinKetQua"] = _any(results, "DuongDanTepTinKetQua", "GiayToId")
    return out


def _pauses(record: Mapping[str, Any], keys: Mapping[str, str]) -> list[dict[str, str | None]]:
    code = as_text(record[keys["mahoso"]])
    agency = {"MaTTHC": as_text(record[keys["matthc"]])} if "matthc" in keys else {}
    out = []
    for item in _items(record, keys, _SUPPLEMENTS):
        fields = {key: as_text(item[key]) for key in _PAUSE_FIELDS if key in item}
        out.append({"MaHoSo": code, **agency, **fields})
    return out


def _items(record: Mapping[str, Any], keys: Mapping[str, str], name: str) -> Sequence[Mapping[str, Any]]:
    value = record.get(keys.get(name, ""), None)
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _any(items: Sequence[Mapping[str, Any]], *fields: str) -> str:
    return "true" if any(_truth(item.get(field)) for item in items for field in fields) else "false"


def _truth(value: Any) -> bool:
    return value not in (None, "", "0", 0, False, "false", "False", "FALSE")


def _number(value: Any) -> float | None:
    """An amount; dots or commas between groups of three digits part thousands."""
    text = str(value).replace(" ", "")
    if re.fullmatch(r"[+-]?\d{1,3}(\.\d{3})+(,\d+)?", text):
        text = text.replace(".", "")
    elif re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", text):
        text = text.replace(",", "")
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None
