"""What each report says, in order."""

from __future__ import annotations

from workbench.errors import WorkbenchError
from workbench.export import content as c
from workbench.export.reports import parts
from workbench.export.reports.asked import Asked
from workbench.i18n import Language, t

_H = 1


def national(asked: Asked) -> list[c.Block]:
    """The country: volume, the four clocks, organisations and procedures beside each other."""
    store, selection, language, as_of = asked.store, asked.selection, asked.language, asked.as_of
    names = parts.procedure_names(store)
    return [
        c.Contents(),
        head("scope", language),
        *parts.headline(store, selection, language),
        *parts.monthly(store, selection, language),
        head("clocks", language),
        *parts.clocks(store, selection, language, as_of),
        head("organisations", language),
        *parts.on_time_by(
            store, selection, "province_code", language, names=parts.organisation_name, as_of=as_of, limit=70
        ),
        head("procedures", language),
        parts.throughput_by(
            store, selection, "procedure_code", language, names=lambda code: f"{code} {names.get(code, '')}".strip()
        ),
        *reading(language),
    ]


def province(asked: Asked) -> list[c.Block]:
    """One organisation: its procedures, units and slowest steps."""
    store, selection, language, as_of = asked.store, asked.selection, asked.language, asked.as_of
    need(selection.provinces, "provinces")
    names = parts.procedure_names(store)
    return [
        c.Contents(),
        head("scope", language),
        *parts.headline(store, selection, language),
        *parts.monthly(store, selection, language),
        head("clocks", language),
        *parts.clocks(store, selection, language, as_of),
        head("procedures", language),
        *parts.on_time_by(
            store, selection, "procedure_code", language,
            names=lambda code: f"{code} {names.get(code, '')}".strip(), as_of=as_of, limit=40,
        ),
        parts.throughput_by(
            store, selection, "procedure_code", language, names=lambda code: f"{code} {names.get(code, '')}".strip()
        ),
        head("agencies", language),
        *parts.on_time_by(store, selection, "agency_code", language, names=str, as_of=as_of, limit=40),
        head("steps", language),
        parts.slow_steps(store, selection, language),
        *reading(language),
    ]  # fmt: skip


def procedure(asked: Asked) -> list[c.Block]:
    """One procedure over all organisations: its map, ways, slow steps, and who differs."""
    store, selection, language, as_of = asked.store, asked.selection, asked.language, asked.as_of
    need(selection.procedure, "procedure")
    with asked.steps() as state:
        way: list[c.Block] = [
            c.Paragraph(t(language, f"export.report.vocabulary.{state}"), "note"),
            *parts.process_map(store, selection, language),
            *parts.commonest_variants(store, selection, language),
        ]
        slow = parts.slow_steps(store, selection, language)
    return [
        c.Contents(),
        head("scope", language),
        *parts.headline(store, selection, language),
        *parts.monthly(store, selection, language),
        head("map", language),
        *way,
        head("clocks", language),
        *parts.clocks(store, selection, language, as_of),
        head("organisations", language),
        *parts.on_time_by(
            store, selection, "province_code", language, names=parts.organisation_name, as_of=as_of, limit=70
        ),
        head("steps", language),
        slow,
        *reading(language),
    ]


def head(key: str, language: Language) -> c.Heading:
    """The heading of a section."""
    return c.Heading(t(language, f"export.report.section.{key}"), _H)


def reading(language: Language) -> list[c.Block]:
    """How to read the figures."""
    keys = ("clock", "few", "interval", "working")
    lines = tuple((t(language, f"export.report.reading.{key}", n=parts.TOO_FEW), False) for key in keys)
    return [head("reading", language), c.Bullets(lines)]


def need(value: object, name: str) -> None:
    """Refuse a report whose subject is not given."""
    if not value:
        raise WorkbenchError(f"This report is about one of {name}.", fix=f"Give --{name.removesuffix('s')}.", name=name)
