"""Live databases as sources of a load, and where the last load of each table ended.

The mark a table was read up to is kept in the ledger with the load that read it, so it is committed with the rows,
and is gone when the load is taken back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from workbench.errors import ConnectionFailed
from workbench.progress import Progress, silent
from workbench.sources.database import is_address, parse_address
from workbench.sources.headings import fold
from workbench.sources.live import LiveRequest, Mark, read_live
from workbench.sources.opencps import relate
from workbench.sources.profiles import Profile
from workbench.sources.raw import RawTable, group
from workbench.sources.reading import Reading
from workbench.sources.staging import StagingFolder
from workbench.store import LogStore


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a user asks of live databases."""

    addresses: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    watermark: str | None = None
    full: bool = False
    """Read every row, whatever an earlier load has read."""


def part(given: Iterable[str | Path]) -> tuple[list[str | Path], list[str]]:
    """Files and folders, and addresses of databases."""
    paths: list[str | Path] = []
    addresses: list[str] = []
    for one in given:
        if isinstance(one, str) and is_address(one):
            addresses.append(one)
        else:
            paths.append(one)
    return paths, addresses


def read_databases(
    store: LogStore | None,
    wanted: Wanted,
    reading: Reading,
    profile: Profile | None,
    folder: StagingFolder,
    *,
    limit: int | None = None,
    progress: Progress = silent,
) -> tuple[Reading, dict[str, Any]]:
    """The reading of the files with that of the databases added, and the marks for the ledger."""
    if not wanted.addresses:
        if wanted.tables or wanted.watermark or wanted.full:
            raise ConnectionFailed(
                "--table, --watermark and --full say how a live database is read, and none was given.",
                fix="Give an address such as postgresql://reader@127.0.0.1:5432/database, or leave them out.",
            )
        return reading, {}
    tables: list[RawTable] = []
    files, marks = list(reading.files), dict[str, Any]()
    for address in wanted.addresses:
        database = parse_address(address)
        since = {} if wanted.full or store is None else marks_of(store)
        request = LiveRequest(wanted.tables, wanted.watermark, since, lambda columns: _kept(columns, profile))
        found = read_live(database, request, folder, limit=limit, progress=progress)
        tables += found.tables
        files += found.files
        marks.update({name: asdict(mark) for name, mark in found.marks.items()})
    return replace(reading, tables=(*reading.tables, *relate(group(tables), folder)), files=tuple(files)), marks


def _kept(columns: Sequence[str], profile: Profile | None) -> set[str] | None:
    """Of a table's columns those a profile uses, when one of its tables fits."""
    have = {fold(name): name for name in columns}
    for one in profile.tables if profile else ():
        used = [fold(name) for name in (*one.columns.values(), *one.extra)]
        if all(fold(name) in have for name in one.columns.values()):
            return {have[name] for name in used if name in have}
    return None


def marks_of(store: LogStore) -> dict[str, Mark]:
    """Up to where each table of each database is in the store without a gap.

    A load read since a mark counts only while the load that left that mark is in the store; when it was taken back,
    its rows are missing, and the table is read whole again.
    """
    rows = store.con.execute(
        "select json_extract(profile, '$.live')::varchar from load where status = 'loaded' "
        "and json_extract(profile, '$.live') is not null order by load_id"
    ).fetchall()
    found: dict[str, Mark] = {}
    for row in rows:
        for name, facts in json.loads(row[0]).items():
            mark, before = Mark(**facts), found.get(name)
            follows = mark.since is None or (
                before is not None and (before.column, before.value) == (mark.column, mark.since)
            )
            if follows and mark.value is not None:
                found[name] = mark
            elif not follows:
                found.pop(name, None)
    return found
