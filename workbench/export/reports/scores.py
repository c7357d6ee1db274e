"""The report on the indicators of QĐ 766: recomputed from the log, beside the portal's score where its file is given."""

from __future__ import annotations

from typing import Any

import pandas as pd

from workbench.export import content as c
from workbench.export.reports import parts
from workbench.export.reports.asked import Asked
from workbench.export.reports.pages import head, reading
from workbench.i18n import Language, format_number, format_percent, t
from workbench.indicators import (
    Indicators,
    Reconciliation,
    cheapest_points,
    compute_indicators,
    province_units,
    read_portal_scores,
    reconcile,
    report_table,
)


def indicators(asked: Asked) -> list[c.Block]:
    """Indicators, points lost and the cheapest way to win them back, the portal's score explained, sums checked."""
    store, selection, language = asked.store, asked.selection, asked.language
    found = compute_indicators(store, selection, progress=asked.progress)
    blocks: list[c.Block] = [
        c.Contents(),
        head("scope", language),
        *parts.headline(store, selection, language),
        head("indicators", language),
        c.Paragraph(t(language, "export.report.indicators.label"), "finding"),
        *indicator_table(found, language),
    ]
    if asked.portal is not None:
        blocks += [head("portal", language), *_portal(asked)]
    blocks += [head("points", language), *_cheapest(found, language)]
    blocks += [head("received", language), *_received(asked)]
    return [*blocks, *reading(language)]


def indicator_table(found: Indicators, language: Language) -> list[c.Block]:
    """Every indicator of one group and period; what cannot be computed is a gap with its reason."""
    columns = (
        c.Column(t(language, "export.report.column.id"), 0.9),
        c.Column(t(language, "export.report.column.indicator"), 3.4),
        *(c.Column(t(language, f"export.report.column.{key}"), 1.3, "right") for key in ("numerator", "denominator", "ratio")),
        c.Column(t(language, "export.report.column.points"), 1.8, "right"),
        c.Column(t(language, "export.report.column.points_lost"), 1.1, "right"),
    )  # fmt: skip
    rows, notes = [], []
    for row in found.table.to_dict("records"):
        starred = (
            " *" if row["points"] is not None and not pd.isna(row["points"]) and not row["points_verified"] else ""
        )
        top = format_number(row["max_points"], language, None)
        points = "–" if pd.isna(row["points"]) else f"{format_number(row['points'], language, 2)}/{top}{starred}"
        rows.append(
            (
                str(row["id"]),
                t(language, f"indicators.name.{str(row['id']).replace('.', '_')}"),
                _number(row["numerator"], language),
                _number(row["denominator"], language),
                _share(row["ratio"], language),
                points,
                "–" if pd.isna(row["points_lost"]) else format_number(row["points_lost"], language, 2),
            )
        )
        if row["note"]:
            note = row["note"]
            notes.append((f"{row['id']}: {t(language, f'indicators.note.{note}')}.", False))
    caption = t(language, "export.report.indicators.caption")
    star = "* " + t(language, "indicators.label.unverified") + "." if any("*" in row[5] for row in rows) else ""
    return [c.Table(columns, tuple(rows), caption, note=star), c.Bullets(tuple(notes))]


def _portal(asked: Asked) -> list[c.Block]:
    language = asked.language
    compared = reconciled(asked)[1]
    columns = (
        c.Column(t(language, "export.report.column.province_code"), 1.9),
        c.Column(t(language, "export.report.column.id"), 0.8),
        *(c.Column(t(language, f"export.report.column.{key}"), 1.2, "right")
          for key in ("portal_ratio", "our_ratio", "difference", "portal_score", "our_points")),
        c.Column(t(language, "export.report.column.cause"), 2.8),
    )  # fmt: skip
    rows = [_compared(row, language) for row in compared.table.to_dict("records")]
    out: list[c.Block] = [
        c.Paragraph(t(language, "export.report.portal.official"), "finding"),
        c.Table(
            columns,
            tuple(rows),
            t(language, "export.report.portal.caption", file=asked.portal.name if asked.portal else ""),
            note=t(language, "export.report.portal.note"),
        ),
    ]
    if compared.unmatched:
        out.append(
            c.Paragraph(t(language, "export.report.portal.unmatched", names=", ".join(compared.unmatched)), "note")
        )
    return out


def reconciled(asked: Asked) -> tuple[Indicators, Reconciliation]:
    """The portal's scores beside ours: by province where the file names units, else for the whole selection."""
    scores = read_portal_scores(asked.portal or "")
    by = "province_code" if (scores.table["group"] != "").any() else None
    found = compute_indicators(asked.store, asked.selection, by=by, progress=asked.progress)
    units = {**province_units(scores), **asked.units}
    return found, reconcile(found, scores, units=units)


def _compared(row: dict[Any, Any], language: Language) -> tuple[str, ...]:
    cause = t(language, f"indicators.cause.{row['cause']}")
    if way := row["variant"]:
        cause += f": {t(language, f'indicators.variant.{way}')}"
    group = "" if row["group"] == "all" else parts.organisation_name(str(row["group"]))
    difference = "–" if pd.isna(row["difference"]) else format_number(100 * row["difference"], language, 1)
    return (
        group or t(language, "export.report.indicators.all"),
        str(row["id"]),
        _share(row["portal_ratio"], language),
        _share(row["our_ratio"], language),
        difference,
        "–" if pd.isna(row["portal_score"]) else format_number(row["portal_score"], language, 2),
        "–" if pd.isna(row["our_points"]) else format_number(row["our_points"], language, 2),
        cause,
    )


def _cheapest(found: Indicators, language: Language) -> list[c.Block]:
    table = cheapest_points(found).table
    if table.empty:
        return [c.Paragraph(t(language, "export.report.points.none"), "note")]
    columns = (
        c.Column(t(language, "export.report.column.action"), 3.6),
        c.Column(t(language, "export.report.column.moves"), 1.4),
        *(c.Column(t(language, f"export.report.column.{key}"), 1.4, "right") for key in ("needed", "won", "together")),
    )
    rows = [
        (
            t(language, f"indicators.action.{row['action']}"),
            str(row["indicators"]),
            _number(row["dossiers"], language),
            format_number(row["points"], language, 2),
            format_number(row["cumulative_points"], language, 2),
        )
        for row in table.to_dict("records")
    ]
    note = t(language, "export.report.points.note")
    return [c.Table(columns, tuple(rows), t(language, "export.report.points.caption"), note=note)]


def _received(asked: Asked) -> list[c.Block]:
    """The sums of the form of received and handled dossiers, and whether its identities hold."""
    language = asked.language
    found = report_table(asked.store, asked.selection, by="procedure_code")
    total = found.table[found.table["group"] == "total"].iloc[0]
    keys = (
        "total",
        "carried_over",
        "received_desk_post",
        "received_online",
        "done",
        "done_late",
        "pending",
        "pending_late",
    )
    columns = (
        c.Column(t(language, "export.report.column.what"), 4.0),
        c.Column(t(language, "export.report.column.dossiers"), 1.5, "right"),
    )
    labels = {key: t(language, f"indicators.report.{key}") for key in keys}
    labels["done_late"] = f"{labels['done']}: {labels['done_late'].lower()}"
    labels["pending_late"] = f"{labels['pending']}: {labels['pending_late'].lower()}"
    rows = tuple((labels[key], _number(total[key], language)) for key in keys)
    broken = int((~found.checks["holds"]).sum())
    key = "broken" if broken else "hold"
    said = t(language, f"export.report.received.{key}", n=format_number(len(found.checks), language), broken=broken)
    clock = t(language, f"export.clock.{found.clock}")
    caption = t(language, "export.report.received.caption", clock=clock)
    outside = t(language, "export.report.received.refused", n=_number(found.not_accepted, language))
    return [c.Table(columns, rows, caption, note=outside), c.Paragraph(said)]


def _number(value: Any, language: Language) -> str:
    return "–" if value is None or pd.isna(value) else format_number(int(value), language)


def _share(value: Any, language: Language) -> str:
    return "–" if value is None or pd.isna(value) else format_percent(float(value), language)
