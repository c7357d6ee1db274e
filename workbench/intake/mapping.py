"""The mapping of each raw table of a load: from the profile, from the person's choices, else proposed."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from workbench.errors import MappingError
from workbench.intake.scan import sample
from workbench.intake.stage import Mapped
from workbench.intake.workplace import Workplace
from workbench.sources.mapping import TARGETS, Mapping, propose, require
from workbench.sources.profiles import Profile
from workbench.sources.raw import RawFile, RawTable, Skipped


def map_tables(
    place: Workplace, tables: Sequence[RawTable], profile: Profile | None, beside: Collection[RawFile] = ()
) -> tuple[list[Mapped], list[Skipped]]:
    """The tables with their mappings, and those of files that only lie beside logs and are none.

    Raises MappingError when any other table lacks a mandatory column.
    """
    out: list[Mapped] = []
    skipped: list[Skipped] = []
    first_error: MappingError | None = None
    for table in tables:
        try:
            mapping = mapping_of(place, table, profile)
            if not (mapping.role == "event" and "label" in place.options.constants):
                require(mapping, table.name, list(table.columns))
        except MappingError as error:
            if not all(part.file in beside for part in table.parts):
                raise
            first_error = first_error or error
            skipped += [Skipped(str(part.file.path), error.message) for part in table.parts]
            continue
        if not table.derived:
            _say_unused(place, table, mapping)
        out.append(Mapped(table, mapping))
    if not out and first_error is not None:
        raise first_error
    return out, skipped


def mapping_of(place: Workplace, table: RawTable, profile: Profile | None) -> Mapping:
    """The mapping of one table."""
    kept = profile.mapping_for(table) if profile else None
    if kept is None and profile is not None and profile.tables and table.role is None:
        raise MappingError(
            f"No table of the profile fits {table.name}; its columns are: {', '.join(table.columns)}.",
            fix="Use another profile, or none to have the columns proposed.",
            source=table.name,
            columns=list(table.columns),
        )
    if kept is not None:
        mapping = kept
    else:
        rows = sample(place.con, place.variables, table)
        mapping = propose(table.columns, rows, role=table.role)
    for target, column in place.options.columns.items():
        if target in TARGETS[mapping.role]:
            if column not in table.columns:
                raise MappingError(
                    f"{table.name} has no column {column!r}.",
                    fix=f"Choose one of: {', '.join(table.columns)}.",
                    source=table.name, column=column, columns=list(table.columns),
                )  # fmt: skip
            mapping = mapping.with_column(target, column)
    return mapping


def _say_unused(place: Workplace, table: RawTable, mapping: Mapping) -> None:
    unused = [name for name, reason in mapping.unused if reason != "empty"]
    if unused:
        place.say("columns_not_used", source=table.name, columns=", ".join(unused))
