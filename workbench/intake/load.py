"""Files into the store: read, mapped, typed, loaded, with a report of what became of every row."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from workbench.clock import ensure_calendars
from workbench.errors import FormatError, MappingError, SourceError
from workbench.intake.companions import folders_of, install_companions
from workbench.intake.live import Wanted, part, read_databases
from workbench.intake.mapping import map_tables
from workbench.intake.notices import Notice
from workbench.intake.opencps_norm import install_norm
from workbench.intake.options import LoadOptions, options_from
from workbench.intake.personal import Hasher, key_file, load_key
from workbench.intake.stage import stage, unstage
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
    paths, addresses = part(paths)
    kept = _profile(profile, store.path)
    options = options_from({**(kept.constants if kept else {}), **(constants or {})}, date_order)
    given = collect(paths, progress) if paths or not addresses else []
    held = already_loaded(store, [one.file.sha256 for one in given])
    fresh = [one for one in given if one.file.sha256 not in held]
    with StagingFolder() as folder:
        if held and all(may_be_beside(one) for one in fresh):
            fresh = _logs_among(fresh, folder, options)
        if not fresh and not addresses:
            return _already(held)
        reading = read(fresh, folder, options=options.reader, progress=progress) if fresh else Reading((), (), ())
        wanted = Wanted(tuple(addresses), tuple(tables), watermark, full)
        reading, marks = read_databases(store, wanted, reading, kept, folder, progress=progress)
        norm, logs = norm_of(reading.tables)
        if norm and not logs:
            return _norm_alone(store, norm, held)
        with _workplace(store, options, hash_personal=hash_personal) as place:
            beside = [one.file for one in fresh if may_be_beside(one)]
            try:
                mapped, left = map_tables(place, logs, kept, beside)
            except MappingError:
                # The logs of the folder are loaded already, and what else lies there is none.
                if held and len(beside) == len(fresh) and not addresses:
                    return _already(held)
                raise
            used = profile_of([one.mapping for one in mapped], constants or {})
            files = [one for one in reading.files if str(one.path) not in {item.path for item in left}]
            about = {**used.to_dict(), **({"live": marks} if marks else {})}
            staged = stage(place, mapped, files, profile=about, progress=progress)
            install_companions(store, folders_of(paths))
            if norm:
                install_norm(store, norm, [table for table in logs if table.role == "dossier"])
                staged = _as_norm(staged, norm)
            ensure_calendars(store)
            done = load_staged(store, staged, now=now, progress=progress)
    return LoadReport(
        done.load_id, done.status, done.rows_in, done.rows_loaded, done.rows_quarantined, done.rows_duplicate,
        done.dossiers, done.events, already=tuple(sorted({*done.already, *held.values()})),
        reasons=_reasons(store, done.load_id), notices=tuple(place.notices), skipped=(*reading.skipped, *left), profile=used,
    )  # fmt: skip


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
