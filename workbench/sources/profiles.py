"""Mappings kept as files: made once for a system's export, reused for every later one."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping as AnyMapping
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.errors import MappingError
from workbench.sources.headings import fold
from workbench.sources.mapping import TARGETS, Choice, Mapping
from workbench.sources.raw import RawTable


@dataclass(frozen=True, slots=True)
class ProfileTable:
    """The mapping of one kind of table."""

    role: str
    columns: dict[str, str]
    """Canonical to source column."""
    extra: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """Mappings of the tables of one source, with what its files do not carry."""

    tables: tuple[ProfileTable, ...] = ()
    constants: dict[str, str] = field(default_factory=dict)
    """As given with `--set`: canonical column, or option such as date_order, to value."""

    def mapping_for(self, table: RawTable) -> Mapping | None:
        """The mapping for a raw table: that of the profile's table of which it has all columns, and most."""
        have = {fold(name): name for name in table.columns}
        fitting = [
            kept
            for kept in self.tables
            if table.role in (None, kept.role) and all(fold(name) in have for name in kept.columns.values())
        ]
        if not fitting:
            return None
        best = max(fitting, key=lambda kept: len(kept.columns))
        choices = [Choice(target, have[fold(name)], 1.0, "profile") for target, name in best.columns.items()]
        extra = tuple(have[fold(name)] for name in best.extra if fold(name) in have)
        used = {choice.column for choice in choices} | set(extra)
        unused = tuple((name, "profile") for name in table.columns if name not in used)
        return Mapping(best.role, tuple(choices), extra, unused)

    def to_dict(self) -> dict[str, Any]:
        """The profile as plain values."""
        tables = [{"role": table.role, "extra": list(table.extra), "columns": table.columns} for table in self.tables]
        return {"constants": self.constants, "table": tables}


def profile_of(mappings: Sequence[Mapping], constants: AnyMapping[str, str]) -> Profile:
    """The profile that keeps these mappings."""
    tables = tuple(ProfileTable(one.role, one.columns(), one.extra) for one in mappings)
    return Profile(tables, dict(constants))


def find_profile(name: str | Path, beside: Path | None = None) -> Path:
    """The file of a profile: a path, or a name in the folder `profiles` beside the store or the working folder."""
    given = Path(name)
    if given.is_file():
        return given
    folders = [folder / "profiles" for folder in ((beside.parent,) if beside else ()) + (Path.cwd(),)]
    for folder in folders:
        for ending in (".toml", ".json"):
            if (found := folder / f"{name}{ending}").is_file():
                return found
    known = sorted({item.stem for folder in folders if folder.is_dir() for item in folder.glob("*.*")})
    raise MappingError(
        f"There is no profile {str(name)!r}.",
        fix=f"Choose one of: {', '.join(known)}." if known else "Name a TOML or JSON file.",
        profile=str(name),
        choices=known,
    )


def read_profile(path: Path) -> Profile:
    """The profile in a TOML or JSON file; an unknown role or column raises MappingError."""
    text = path.read_text("utf-8")
    try:
        facts = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
        return profile_from(facts)
    except (ValueError, TypeError, KeyError, AttributeError) as exc:
        raise MappingError(
            f"{path} is not a profile: {exc}.",
            fix="Write [constants] and [[table]] with role and [table.columns]; `workbench load --dry-run` shows one.",
            path=str(path),
        ) from exc


def profile_from(facts: AnyMapping[str, Any]) -> Profile:
    """The profile written by `Profile.to_dict`."""
    tables = []
    for item in facts.get("table", []):
        role = item["role"]
        if role not in TARGETS:
            raise ValueError(f"role {role!r} is none of {', '.join(TARGETS)}")
        unknown = sorted(set(item["columns"]) - set(TARGETS[role]))
        if unknown:
            raise ValueError(f"a {role} table has no column {unknown[0]!r}")
        tables.append(ProfileTable(role, dict(item["columns"]), tuple(item.get("extra", ()))))
    constants = {str(key): str(value) for key, value in facts.get("constants", {}).items()}
    return Profile(tuple(tables), constants)


def write_profile(profile: Profile, path: Path) -> None:
    """Write a profile, as JSON when the name ends so, else as TOML."""
    if path.suffix.lower() == ".json":
        path.write_text(json.dumps(profile.to_dict(), ensure_ascii=False, indent=2) + "\n", "utf-8")
        return
    lines = ["# Mapping of a source's columns to the workbench's.", "[constants]"]
    lines += [f"{_key(name)} = {_text(value)}" for name, value in profile.constants.items()]
    for table in profile.tables:
        lines += ["", "[[table]]", f"role = {_text(table.role)}"]
        lines.append(f"extra = [{', '.join(_text(name) for name in table.extra)}]")
        lines.append("[table.columns]")
        lines += [f"{_key(name)} = {_text(value)}" for name, value in table.columns.items()]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _text(name)
