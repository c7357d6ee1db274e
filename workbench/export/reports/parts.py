"""The tables and pictures that several reports share; every figure names its clock and its number of dossiers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

import ibis
import pandas as pd

from workbench.clock import on_time_rates
from workbench.export import content as c
from workbench.export.bars import bar_figure
from workbench.export.map_picture import map_picture
from workbench.i18n import Language, format_date, format_number, format_percent, t
from workbench.intake.quality import quality
from workbench.mining.dfg import discover_dfg
from workbench.mining.performance import performance
from workbench.mining.variants import variants
from workbench.reference import is_province, province_name
from workbench.selection import Selection
from workbench.store import LogStore

TOO_FEW = 30
_DAY = 8 * 3600.0
Names = Callable[[str], str]


def organisation_name(code: str) -> str:
    """Name and code of a province; any other organisation by its code."""
    return f"{province_name(code)} ({code})" if is_province(code) else code


def procedure_names(store: LogStore) -> dict[str, str]:
    """Code to name of the procedures of a store."""
    rows = store.sql("select procedure_code, any_value(procedure_name) as name from dossier group by 1")
    return {
        code: name for code, name in zip(rows["procedure_code"], rows["name"], strict=True) if isinstance(name, str)
    }


def days(seconds: float | None, language: Language) -> str:
    """Working seconds as working days with one decimal."""
    return "–" if seconds is None or seconds != seconds else format_number(seconds / _DAY, language, 1)  # noqa: PLR0124


def hours(seconds: float | None, language: Language) -> str:
    """Working seconds as working hours with one decimal."""
    return "–" if seconds is None or seconds != seconds else format_number(seconds / 3600, language, 1)  # noqa: PLR0124


def is_synthetic(store: LogStore) -> bool:
    """Whether the store holds a synthetic log."""
    return store.basis().synthetic


def headline(store: LogStore, selection: Selection, language: Language) -> list[c.Block]:
    """How much the report rests on."""
    basis = store.basis(selection)
    d = store.dossiers(selection)
    row = store.fetch(
        d.aggregate(o=d.province_code.nunique(), p=d.procedure_code.nunique(), c=d.closed_at.count())
    ).iloc[0]
    first, last = basis.period or (None, None)
    facts = {
        "dossiers": format_number(basis.n_dossiers, language),
        "events": format_number(basis.n_events, language),
        "organisations": format_number(int(row["o"]), language),
        "procedures": format_number(int(row["p"]), language),
        "closed": format_number(int(row["c"]), language),
        "first": format_date(date.fromisoformat(first) if first else None, language),
        "last": format_date(date.fromisoformat(last) if last else None, language),
    }
    lines = [t(language, f"export.report.headline.{key}", **facts) for key in ("size", "period", "spread")]
    out: list[c.Block] = [c.Bullets(tuple((line, False) for line in lines))]
    if is_synthetic(store):
        out.insert(0, c.Paragraph(t(language, "export.report.synthetic"), "finding"))
    if basis.n_dossiers < TOO_FEW:
        out.append(c.Paragraph(t(language, "export.report.too_few", n=TOO_FEW), "finding"))
    return out


def data_quality(store: LogStore, language: Language) -> c.Table:
    """The artefacts of recording in the whole store, and what was refused at loading."""
    found = quality(store)
    columns = (
        c.Column(t(language, "export.report.column.artefact"), 4.6),
        c.Column(t(language, "export.report.column.dossiers"), 1.4, "right"),
        c.Column(t(language, "export.report.column.share"), 1.4, "right"),
        c.Column(t(language, "export.report.column.evidence"), 2.0),
    )
    rows = [
        (
            t(language, f"quality.artefact.{row['artefact']}"),
            format_number(int(row["dossiers"]), language),
            _share(row["share"], language),
            t(language, f"quality.evidence.{row['evidence']}"),
        )
        for row in found.artefact_totals.to_dict("records")
    ]
    loads = found.loads[found.loads["status"] == "loaded"]
    facts = {
        "read": int(loads["rows_in"].sum()),
        "loaded": int(loads["rows_loaded"].sum()),
        "refused": int(loads["rows_quarantined"].sum()),
        "doubled": int(loads["rows_duplicate"].sum()),
    }
    numbers = {name: format_number(value, language) for name, value in facts.items()}
    note = t(language, "export.report.quality.note", **numbers)
    return c.Table(columns, tuple(rows), t(language, "export.report.quality.caption"), note=note)


def calendar_names(codes: str | None, language: Language) -> str:
    """The calendars a figure rests on; the common one by its name, those of units by their code."""
    listed = codes.split(", ") if codes else []
    named = [t(language, "export.report.clocks.common_calendar")] if "vn-default" in listed else []
    if own := [code for code in listed if code != "vn-default"]:
        named.append(t(language, "export.report.clocks.own_calendars", names=", ".join(own)))
    return "; ".join(named) or "–"


def clocks(store: LogStore, selection: Selection, language: Language, as_of: datetime | None) -> list[c.Block]:
    """The on-time rate under each of the four clocks."""
    rates = on_time_rates(store, selection, as_of=as_of)
    rows = [
        (t(language, f"export.clock.{row['clock']}"), *_rate(row, language)) for row in rates.table.to_dict("records")
    ]
    known = rates.table["rate"].dropna()
    out: list[c.Block] = []
    if len(known) > 1:
        gap = format_number(100 * (known.max() - known.min()), language, 1)
        out.append(c.Paragraph(t(language, "export.report.clocks.finding", gap=gap), "finding"))
    columns = _rate_columns(t(language, "export.report.column.clock"), language)
    note = t(
        language,
        "export.report.clocks.note",
        as_of=format_date(rates.as_of, language),
        calendar=calendar_names(rates.basis.calendar, language),
    )
    return [*out, c.Table(columns, tuple(rows), t(language, "export.report.clocks.caption"), note=note)]


def on_time_by(
    store: LogStore,
    selection: Selection,
    by: str,
    language: Language,
    *,
    names: Names,
    clock: str = "portal",
    as_of: datetime | None = None,
    limit: int | None = None,
) -> list[c.Block]:
    """On-time rates of groups under one clock, lowest first; groups with too few dossiers come last and say so."""
    table = on_time_rates(store, selection, by=by, as_of=as_of).table
    table = table[table["clock"] == clock].sort_values(["too_few", "rate", "group"], na_position="last")
    shown = table if limit is None else table.head(limit)
    named = [names(str(g)) if isinstance(g, str) else "–" for g in shown["group"]]
    rows = [(name, *_rate(row, language)) for name, row in zip(named, shown.to_dict("records"), strict=True)]
    heading = t(language, f"export.report.column.{by}")
    caption = t(language, "export.report.by.caption", what=heading.lower(), clock=t(language, f"export.clock.{clock}"))
    note = ""
    if limit is not None and len(table) > limit:
        note = t(language, "export.report.by.limited", shown=limit, all=len(table))
    out: list[c.Block] = [c.Table(_rate_columns(heading, language), tuple(rows), caption, note=note)]
    judged = shown[~shown["too_few"] & shown["rate"].notna()].head(12)
    if len(judged) > 1:
        values = [
            (names(str(g)), round(100 * float(r), 1)) for g, r in zip(judged["group"], judged["rate"], strict=True)
        ]
        bars = c.Bars(tuple(values), t(language, "export.report.by.unit"), digits=1)
        lowest = t(language, "export.report.by.lowest", n=len(values), caption=caption) if len(table) > 12 else caption
        out.append(bar_figure(bars, lowest, language=language))
    return out


def _rate_columns(heading: str, language: Language) -> tuple[c.Column, ...]:
    keys: tuple[tuple[str, float], ...] = (
        ("dossiers", 1.2),
        ("rate", 1.4),
        ("interval", 2.5),
        ("late", 1.2),
        ("pending_late", 1.4),
    )
    rest = tuple(c.Column(t(language, f"export.report.column.{key}"), width, "right") for key, width in keys)
    return (c.Column(heading, 3.6), *rest)


def _rate(row: Mapping[Any, Any], language: Language) -> tuple[str, ...]:
    few = bool(row["too_few"])
    rate = t(language, "export.report.few") if few else format_percent(row["rate"], language)
    low, high = (format_percent(row[side], language) for side in ("low", "high"))
    interval = "–" if few else f"{low} – {high}"
    counts = tuple(format_number(int(row[key]), language) for key in ("late", "pending_late"))
    return (format_number(int(row["n"]), language), rate, interval, *counts)


def throughput_by(
    store: LogStore, selection: Selection, by: str, language: Language, *, names: Names, limit: int = 20
) -> c.Table:
    """Median and 90 % working time without pauses, and volume, of groups; largest first. Closed dossiers only."""
    d = store.dossiers(selection.with_(closed=True))
    net = d.throughput_working_seconds - d.paused_working_seconds.fill_null(0)
    grouped = d.mutate(net=net).group_by(group=d[by])
    rows = store.fetch(
        grouped.aggregate(
            n=ibis._.count(), median=ibis._.net.quantile(0.5), p90=ibis._.net.quantile(0.9),
            online=(ibis._.channel == "online").mean(), again=(ibis._.supplement_count > 1).mean(),
        )
    ).sort_values(["n", "group"], ascending=[False, True])  # fmt: skip
    keys = ("dossiers", "median_days", "p90_days", "online", "again")
    columns = (
        c.Column(t(language, f"export.report.column.{by}"), 3.6),
        *(c.Column(t(language, f"export.report.column.{key}"), 1.4, "right") for key in keys),
    )
    lines = []
    for row in rows.head(limit).to_dict("records"):
        few = row["n"] < TOO_FEW
        times = (
            (t(language, "export.report.few"), "–")
            if few
            else (days(row["median"], language), days(row["p90"], language))
        )
        shares = (_share(row["online"], language), _share(row["again"], language))
        name = names(str(row["group"])) if isinstance(row["group"], str) else "–"
        lines.append((name, format_number(int(row["n"]), language), *times, *shares))
    note = t(language, "export.report.by.limited", shown=limit, all=len(rows)) if len(rows) > limit else ""
    return c.Table(columns, tuple(lines), t(language, "export.report.throughput.caption"), note=note)


def _share(value: Any, language: Language) -> str:
    return "–" if value is None or pd.isna(value) else format_percent(float(value), language)


def monthly(store: LogStore, selection: Selection, language: Language) -> list[c.Block]:
    """Dossiers received in each month, the last 24."""
    d = store.dossiers(selection)
    dated = d.filter(d.received_at.notnull())
    rows = store.fetch(
        dated.group_by(month=dated.received_at.truncate("M")).aggregate(n=ibis._.count()).order_by("month")
    ).tail(24)
    if len(rows) < 2:
        return []
    values = [(f"{m:%m/%Y}", float(n)) for m, n in zip(rows["month"], rows["n"], strict=True)]
    bars = c.Bars(tuple(values), t(language, "export.report.monthly.unit"), standing=True)
    return [bar_figure(bars, t(language, "export.report.monthly.caption"), language=language)]


def slow_steps(store: LogStore, selection: Selection, language: Language, *, limit: int = 12) -> c.Table:
    """The steps before which most working time passes."""
    every = performance(store, selection).steps.sort_values("total_working_seconds", ascending=False, kind="stable")
    whole = every["total_working_seconds"].sum()
    found = every.head(limit)
    columns = (
        c.Column(t(language, "export.report.column.step"), 4.0),
        *(
            c.Column(t(language, f"export.report.column.{key}"), 1.5, "right")
            for key in ("events", "median_hours", "time_share")
        ),
    )
    step = "step" if "step" in found else "activity"
    rows = []
    for record in found.to_dict("records"):
        total = record.get("total_working_seconds")
        share = _share(None if not whole or total is None or pd.isna(total) else total / whole, language)
        rows.append(
            (
                str(record[step]),
                format_number(int(record["count"]), language),
                hours(record["median_working_seconds"], language),
                share,
            )
        )
    return c.Table(
        columns, tuple(rows), t(language, "export.report.steps.caption"), note=t(language, "export.report.steps.note")
    )


def commonest_variants(store: LogStore, selection: Selection, language: Language, *, limit: int = 8) -> list[c.Block]:
    """The ways most dossiers take."""
    found = variants(store, selection, limit=limit)
    if not len(found.table):
        return [c.Paragraph(t(language, "export.report.variants.none"), "note")]
    columns = (
        c.Column(t(language, "export.report.column.no"), 0.9, "centre"),
        c.Column(t(language, "export.report.column.way"), 7.0),
        c.Column(t(language, "export.report.column.dossiers"), 1.4, "right"),
        c.Column(t(language, "export.report.column.share"), 1.3, "right"),
    )
    rows = [
        (
            str(r["rank"]),
            " → ".join(r["variant"]),
            format_number(int(r["count"]), language),
            format_percent(r["share"], language),
        )
        for r in found.table.to_dict("records")
    ]
    caption = t(language, "export.report.variants.caption", n=format_number(found.n_variants, language))
    return [c.Table(columns, tuple(rows), caption)]


def process_map(store: LogStore, selection: Selection, language: Language) -> list[c.Block]:
    """The process map of the selection."""
    graph = discover_dfg(store, selection)
    if not len(graph.activities):
        return [c.Paragraph(t(language, "export.report.variants.none"), "note")]
    return [c.Figure(map_picture(graph, language=language), t(language, "export.report.map.caption"))]


def counted(values: Mapping[str, int], language: Language) -> str:
    """Names with numbers in one line."""
    return "; ".join(f"{name}: {format_number(n, language)}" for name, n in values.items())
