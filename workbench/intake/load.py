"""Files into the store: read, mapped, typed, loaded, with a report of what became of every row."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from workbench.clock import ensure_calendars
from workbench.errors import FormatError, MappingError, SourceError
from workbench.intake.companions import folders_of, install_companions
from workbench.intake.live import Wanted, part, read_databases
from workbench.intake.mapping import map_tables
from workbench.intake.notices import Notice
from workbench.intake.opencps_norm import install_norm
from workbench.intake.options import LoadOptions, options_from
from workbench.intake.personal import Hasher, key_file, load_key
from workbench.intake.stage import Mapped, stage, unstage
from workbench.intake.variables import Variables
from workbench.intake.workplace import Workplace
from workbench.progress import Progress, silent
from workbench.sources.opencps import norm_of
from workbench.sources.profiles import Profile, find_profile, profile_of, read_profile
from workbench.sources.raw import RawTable, Skipped
from workbench.sources.reading import Given, Reading, collect, may_be_beside, read
from workbench.sources.staging import StagingFolder
from workbench.store import LogStore
from workbench.store.ledger import LedgerReport
from workbench.store.loading import Staged, already_loaded, load_staged


@dataclass(frozen=True, slots=True)
class LoadReport(LedgerReport):
    """What a load did; rows_in = rows_loaded + rows_quarantined + rows_duplicate."""

    reasons: dict[str, int] = field(default_factory=dict)
    """Refused rows by reason; keys under `quarantine.` in the catalogues."""
    notices: tuple[Notice, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    """Files of a folder that are no logs."""
    profile: Profile | None = None
    """The mapping used, ready to be saved and used again."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What one load is asked to do."""

    folders: tuple[Path, ...]
    """The folders given, and those of the files given."""
    held: Mapping[str, int]
    """Files given that active loads hold already, with the load."""
    live: Wanted
    profile: Profile | None
    constants: Mapping[str, str]
    options: LoadOptions
    hash_personal: bool


@dataclass(frozen=True, slots=True)
class _Found:
    """What the files and databases hold that is new."""

    fresh: tuple[Given, ...]
    reading: Reading
    marks: dict[str, Any]
    """How far each database was read, for the ledger."""
    norm: dict[str, list[RawTable]]
    logs: list[RawTable]


def load(
    store: LogStore,
    paths: Iterable[str | Path],
    *,
    profile: str | Path | Profile | None = None,
    constants: Mapping[str, str] | None = None,
    date_order: str | None = None,
    tables: Sequence[str] = (),
    watermark: str | None = None,
    full: bool = False,
    now: datetime,
    hash_personal: bool = True,
    progress: Progress = silent,
) -> LoadReport:
    """Load files, folders, globs or live databases into the store; a set of dossier, event and pause files is one load.

    `constants` is what `--set` says: province, procedure, date_order, encoding, …; `profile` a saved mapping.
    Files an active load already holds are passed over. Of a database (`postgresql://…`, `mysql://…`) `tables` are read,
    or those of a form that is known; with a `watermark` column only the rows since the last load, unless `full`.
    On any error the store is as before: FormatError (not a log, damaged, wrongly encoded), ConnectionFailed,
    MappingError (a mandatory column is missing, dates are ambiguous), StoreError.
    """
    files, addresses = part(paths)
    kept, said = _profile(profile, store.path), dict(constants or {})
    options = options_from({**(kept.constants if kept else {}), **said}, date_order)
    given = collect(files, progress) if files or not addresses else []
    held = already_loaded(store, [one.file.sha256 for one in given])
    fresh = [one for one in given if one.file.sha256 not in held]
    live = Wanted(tuple(addresses), tuple(tables), watermark, full)
    asked = _Asked(folders_of(files), held, live, kept, said, options, hash_personal=hash_personal)
    with StagingFolder() as folder:
        found = _read(store, asked, fresh, folder, progress)
        if found is None:
            return _already(held)
        if found.norm and not found.logs:
            return _norm_alone(store, found.norm, held)
        return _load_found(store, asked, found, now=now, progress=progress)


def _read(
    store: LogStore, asked: _Asked, fresh: list[Given], folder: StagingFolder, progress: Progress
) -> _Found | None:
    """The tables of the new files and of the databases; None when nothing given is new."""
    if asked.held and all(may_be_beside(one) for one in fresh):
        fresh = _logs_among(fresh, folder, asked.options)
    if not fresh and not asked.live.addresses:
        return None
    reading = read(fresh, folder, options=asked.options.reader, progress=progress) if fresh else Reading((), (), ())
    reading, marks = read_databases(store, asked.live, reading, asked.profile, folder, progress=progress)
    norm, logs = norm_of(reading.tables)
    return _Found(tuple(fresh), reading, marks, norm, logs)


def _load_found(store: LogStore, asked: _Asked, found: _Found, *, now: datetime, progress: Progress) -> LoadReport:
    """The tables mapped, typed and loaded, with the companions, the norm and the calendar they came with."""
    with _workplace(store, asked.options, hash_personal=asked.hash_personal) as place:
        mapping = _mapped(place, asked, found)
        if mapping is None:
            return _already(asked.held)
        mapped, left = mapping
        used = profile_of([one.mapping for one in mapped], asked.constants)
        files = [one for one in found.reading.files if str(one.path) not in {item.path for item in left}]
        about = {**used.to_dict(), **({"live": found.marks} if found.marks else {})}
        staged = stage(place, mapped, files, profile=about, progress=progress)
        install_companions(store, asked.folders)
        if found.norm:
            install_norm(store, found.norm, [table for table in found.logs if table.role == "dossier"])
            staged = _as_norm(staged, found.norm)
        ensure_calendars(store)
        done = load_staged(store, staged, now=now, progress=progress)
    return LoadReport(
        done.load_id, done.status, done.rows_in, done.rows_loaded, done.rows_quarantined, done.rows_duplicate,
        done.dossiers, done.events, already=tuple(sorted({*done.already, *asked.held.values()})),
        reasons=_reasons(store, done.load_id), notices=tuple(place.notices), skipped=(*found.reading.skipped, *left), profile=used,
    )  # fmt: skip


def _mapped(place: Workplace, asked: _Asked, found: _Found) -> tuple[list[Mapped], list[Skipped]] | None:
    """The logs with their mappings, and the files that are none; None when all that is new lies beside loaded logs."""
    beside = [one.file for one in found.fresh if may_be_beside(one)]
    try:
        return map_tables(place, found.logs, asked.profile, beside)
    except MappingError:
        # The logs of the folder are loaded already, and what else lies there is none.
        if asked.held and len(beside) == len(found.fresh) and not asked.live.addresses:
            return None
        raise


def _norm_alone(store: LogStore, norm: Mapping[str, Sequence[RawTable]], held: Mapping[str, int]) -> LoadReport:
    """A calendar can be given to a log that is loaded already; processes need the dossiers that follow them."""
    calendar_alone = set(norm) <= {"opencps_worktime", "opencps_holiday"} and store.scalar(
        "select exists (select 1 from dossier)"
    )
    if not held and not calendar_alone:
        names = ", ".join(norm)
        raise FormatError(
            f"What was given holds no dossiers and no actions, only {names}.",
            fix="Load these tables together with opencps_dossier and opencps_dossieraction.",
            tables=list(norm),
        )
    install_norm(store, norm, [])
    return _already(held)


def _as_norm(staged: Staged, norm: Mapping[str, Sequence[RawTable]]) -> Staged:
    """The staged rows, whose ledger says which files held the norm and not the log."""
    names = {part.file.shown: kind for kind, found in norm.items() for table in found for part in table.parts}
    files = tuple(replace(file, table_name=names.get(file.path, file.table_name)) for file in staged.files)
    return replace(staged, files=files)


def _already(held: Mapping[str, int]) -> LoadReport:
    return LoadReport(None, "already", 0, 0, 0, 0, 0, 0, tuple(sorted(set(held.values()))))


def _profile(profile: str | Path | Profile | None, store: Path) -> Profile | None:
    if profile is None or isinstance(profile, Profile):
        return profile
    return read_profile(find_profile(profile, store))


def _logs_among(given: list[Given], folder: StagingFolder, options: LoadOptions) -> list[Given]:
    """Of files that may just lie beside logs, those that are logs."""
    found = []
    for one in given:
        with contextlib.suppress(SourceError):
            read([one], folder, options=options.reader, limit=1)
            found.append(one)
    return found


@contextlib.contextmanager
def _workplace(store: LogStore, options: LoadOptions, *, hash_personal: bool) -> Iterator[Workplace]:
    """The workplace of one load; what it made on the connection is dropped, and a key nobody uses is removed."""
    variables = Variables(store.con)
    key, made = load_key(store.path) if hash_personal else (None, False)
    place = Workplace(store.con, options, Hasher(variables, key), variables)
    if made and place.count("select count(*) from load"):
        place.say("key_made_anew")
    if not hash_personal:
        place.say("personal_in_clear")
    try:
        yield place
    except BaseException:
        if made:
            key_file(store.path).unlink(missing_ok=True)
        raise
    finally:
        unstage(place)


def _reasons(store: LogStore, load_id: int | None) -> dict[str, int]:
    rows = store.con.execute(
        "select reason, count(distinct (source, line)) filter (line is not null) + count(*) filter (line is null) "
        "from quarantine where load_id = ? group by 1 order by 2 desc, 1",
        [load_id],
    ).fetchall()
    return {str(reason): int(count) for reason, count in rows}
