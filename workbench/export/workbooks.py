"""The tables offices keep as Excel, CSV or Parquet files: received and handled dossiers, indicators, watch list, quarantine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from workbench.errors import WorkbenchError
from workbench.export.reports.asked import Asked
from workbench.export.reports.parts import organisation_name, procedure_names
from workbench.export.reports.scores import reconciled
from workbench.export.tables import csv_bytes, parquet_bytes, xlsx_bytes
from workbench.i18n import Language, catalogue, format_date, format_datetime, t
from workbench.indicators import Indicators, cheapest_points, compute_indicators, report_table, watch_list
from workbench.indicators.periods import Every
from workbench.intake.quality import quality
from workbench.results import Basis

SUFFIXES = (".xlsx", ".csv", ".parquet")


@dataclass(frozen=True, slots=True)
class Tables:
    """Named tables with the facts they rest on; the first is the main one."""

    sheets: Mapping[str, pd.DataFrame]
    notes: Mapping[str, str] = field(default_factory=dict)


def received(asked: Asked) -> Tables:
    """Tables of the II.06 and II.07 kind: by agency, by procedure, and every identity with whether it holds."""
    store, language = asked.store, asked.language
    by_agency = report_table(store, asked.selection, by="agency_code")
    by_procedure = report_table(store, asked.selection, by="procedure_code")
    names = procedure_names(store)
    checks = pd.concat(
        [
            one.checks.assign(table=t(language, f"export.workbook.sheet.{key}"))
            for key, one in (("by_agency", by_agency), ("by_procedure", by_procedure))
        ],
        ignore_index=True,
    )
    checks["identity"] = [_identity(code, language) for code in checks["identity"]]
    notes = _notes(asked, by_agency.basis, clock=by_agency.clock)
    notes[t(language, "export.workbook.note.period")] = " – ".join(
        format_date(pd.Timestamp(day), language) for day in by_agency.period
    )
    notes[t(language, "export.workbook.note.not_accepted")] = str(by_agency.not_accepted)
    notes[t(language, "export.workbook.note.form")] = t(language, "indicators.report.form_note")
    return Tables(
        {
            t(language, "export.workbook.sheet.by_agency"): _form(by_agency.table, language, {}),
            t(language, "export.workbook.sheet.by_procedure"): _form(by_procedure.table, language, names),
            t(language, "export.workbook.sheet.identities"): _said(checks, language, "table"),
        },
        notes,
    )


def indicators(asked: Asked, *, by: str | None = None, every: Every | None = None) -> Tables:
    """The indicators, times by procedure, cheapest points, and the reconciliation where the portal's file is given."""
    language = asked.language
    found = compute_indicators(asked.store, asked.selection, by=by, every=every, progress=asked.progress)
    sheets = {
        t(language, "export.workbook.sheet.indicators"): _indicators(found, language),
        t(language, "export.workbook.sheet.times"): _said(found.times, language),
        t(language, "export.workbook.sheet.points"): _said(_points(found, language), language),
    }
    if asked.portal is not None:
        compared = reconciled(asked)[1]
        sheets[t(language, "export.workbook.sheet.portal")] = _said(_compared(compared.table, language), language)
    return Tables(sheets, _notes(asked, found.basis, clock="portal", label=t(language, "indicators.label.recomputed")))


def watch(asked: Asked) -> Tables:
    """The open dossiers that are overdue, due soon or stuck."""
    language = asked.language
    found = watch_list(asked.store, asked.selection, as_of=asked.as_of)
    table = found.table.drop(columns="dossier_key")
    table["kind"] = [t(language, f"indicators.watch.{kind}") for kind in table["kind"]]
    notes = _notes(asked, found.basis, clock=found.clock)
    notes[t(language, "export.workbook.note.as_of")] = format_datetime(found.as_of, language)
    return Tables({t(language, "export.workbook.sheet.watch"): _said(table, language)}, notes)


def quarantine(asked: Asked) -> Tables:
    """The rows that were refused at loading, as they were read, with reason, source and line; and counts of them."""
    store, language = asked.store, asked.language
    rows = store.sql("select q.* from quarantine q join load l using (load_id) where l.status = 'loaded' order by all")
    texts = catalogue(language)
    counts = quality(store).quarantine.copy()
    for table in (rows, counts):
        if "reason" in table:
            table["reason"] = [
                texts.get(f"quarantine.{str(code).replace('.', '_')}", str(code)) for code in table["reason"]
            ]
    return Tables(
        {
            t(language, "export.workbook.sheet.quarantine"): _said(rows, language),
            t(language, "export.workbook.sheet.reasons"): _said(counts, language),
        },
        _notes(asked, store.basis()),
    )


TABLES: Mapping[str, Callable[[Asked], Tables]] = {
    "received": received,
    "indicators": indicators,
    "watch": watch,
    "quarantine": quarantine,
}
"""Name of a table of `workbench export --table` to what makes it."""


def write_workbook(tables: Tables, path: Path | str) -> tuple[Path, ...]:
    """Write tables: all as sheets of one .xlsx; as .csv and .parquet the main one, the others beside it.

    The second and further tables are named after the file and their sheet. An unknown ending raises WorkbenchError.
    """
    target = Path(path)
    if target.suffix not in SUFFIXES:
        raise WorkbenchError(
            f"{target.name} has no known table format.", fix=f"End it in {', '.join(SUFFIXES)}.", path=str(target)
        )
    if target.suffix == ".xlsx":
        target.write_bytes(xlsx_bytes(tables.sheets, notes=tables.notes))
        return (target,)
    make = csv_bytes if target.suffix == ".csv" else parquet_bytes
    written = []
    for number, (name, table) in enumerate(tables.sheets.items()):
        file = target if number == 0 else target.with_name(f"{target.stem}-{name}{target.suffix}")
        file.write_bytes(make(table))
        written.append(file)
    return tuple(written)


def _form(table: pd.DataFrame, language: Language, names: Mapping[str, str]) -> pd.DataFrame:
    """The columns of the form in its words; the last row is the total."""
    texts = catalogue(language)
    codes = table["group"].astype(str)
    shown = [
        t(language, "export.workbook.total") if code == "total" else f"{code} {names.get(code, '')}".strip() or "–"
        for code in codes
    ]
    headings = {}
    part = ""
    for name in table.columns:
        word = texts[f"indicators.report.{name}"]
        part = word if name in ("done", "pending") else part
        nested = name.startswith(("done_", "pending_"))
        headings[name] = f"{part}: {word.lower()}" if nested else word
    return table.assign(group=shown).rename(columns=headings)


def _identity(code: str, language: Language) -> str:
    if code.startswith("sum_of_"):
        column = t(language, f"indicators.report.{code.removeprefix('sum_of_')}")
        return t(language, "indicators.identity.sum_of", column=column)
    return t(language, f"indicators.identity.{code}")


def _indicators(found: Indicators, language: Language) -> pd.DataFrame:
    table = found.table.copy()
    table.insert(4, "name", [t(language, f"indicators.name.{str(i).replace('.', '_')}") for i in table["id"]])
    table["note"] = [t(language, f"indicators.note.{code}") if code else "" for code in table["note"]]
    return _said(_grouped(table, language), language)


def _points(found: Indicators, language: Language) -> pd.DataFrame:
    table = cheapest_points(found).table.copy()
    table["action"] = [t(language, f"indicators.action.{code}") for code in table["action"]]
    return _grouped(table, language)


def _compared(table: pd.DataFrame, language: Language) -> pd.DataFrame:
    out = table.copy()
    out["cause"] = [t(language, f"indicators.cause.{code}") for code in out["cause"]]
    out["variant"] = [t(language, f"indicators.variant.{code}") if code else "" for code in out["variant"]]
    return _grouped(out, language)


def _grouped(table: pd.DataFrame, language: Language) -> pd.DataFrame:
    everything = t(language, "export.report.indicators.all")
    names = [everything if code == "all" else organisation_name(str(code)) for code in table["group"]]
    return table.assign(group=names)


def _said(table: pd.DataFrame, language: Language, first: str = "") -> pd.DataFrame:
    """A table with the headings people read; `first` is put in front."""
    texts = catalogue(language)
    order = [first, *(name for name in table.columns if name != first)] if first else list(table.columns)
    return table[order].rename(
        columns={name: texts.get(f"export.workbook.column.{name}", name) for name in table.columns}
    )


def _notes(asked: Asked, basis: Basis, *, clock: str = "", label: str = "") -> dict[str, str]:
    """What the numbers rest on, for a sheet of its own."""
    language = asked.language
    facts = {
        "dossiers": str(basis.n_dossiers),
        "selection": str(asked.selection.to_dict() or t(language, "export.workbook.note.everything")),
        "clock": t(language, f"export.clock.{clock}") if clock else "",
        "store": asked.store.version(),
        "label": label,
        "synthetic": t(language, "export.report.synthetic") if basis.synthetic else "",
    }
    return {t(language, f"export.workbook.note.{key}"): value for key, value in facts.items() if value}
