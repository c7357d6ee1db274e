"""Which dossiers changed since something was last kept of every dossier, and where they were counted before.

The verdicts of the clocks are kept beside the store's own tables and brought up to date after loads. For that each
load and each retraction notes the dossiers it is going to change in `clock_change`, before it changes them:

- one line for all new dossiers, whose keys are consecutive, or an empty one (last_key before first_key)
- one line for each dossier the store holds rows of, with the columns it is counted by while it is there

A store without the table keeps nothing, so nothing is noted.
"""

from __future__ import annotations

from workbench.store.running import Runner

COUNTED_BY = ("procedure_code", "province_code", "province_2025", "level", "channel")
"""Columns of the dossier that sums of verdicts are kept by, beside the month of receipt."""
_COLUMNS = ", ".join(f"{name} VARCHAR" for name in COUNTED_BY)


def places(dossier: str) -> str:
    """The columns of COUNTED_BY and `month` of a dossier, as SQL."""
    columns = ", ".join(f"{dossier}.{name}" for name in COUNTED_BY)
    return f"{columns}, date_trunc('month', {dossier}.received_at)::date as month"


def start(run: Runner) -> None:
    """Note changes from here on."""
    run.con.execute(
        "create or replace table clock_change (version INTEGER, first_key BIGINT, last_key BIGINT, was_there BOOLEAN, "
        f"{_COLUMNS}, month DATE)"
    )


def forget(run: Runner) -> None:
    """Note that everything changes: what is kept of the dossiers has to be made anew."""
    run.con.execute("drop table if exists clock_change")


def noted(run: Runner) -> bool:
    """Whether changes are noted."""
    found = "from duckdb_tables() where table_name = 'clock_change' and database_name = current_database()"
    return bool(run.one(f"select exists (select 1 {found} and not temporary)"))


def note(run: Runner, *, with_fresh: bool) -> None:
    """Note the dossiers of `affected`, and of `fresh`, as changed by what comes next."""
    if not noted(run):
        return
    version = int(run.one("select value from meta where key = 'prepared_version'") or 0) + 1
    fresh = "select min(dossier_key) as a, max(dossier_key) as b from fresh" if with_fresh else "select null a, null b"
    run.con.execute(
        "insert into clock_change by name "
        f"select {version} as version, coalesce(a, 0) as first_key, coalesce(b, -1) as last_key, false as was_there "
        f"from ({fresh})"
    )
    run.con.execute(
        f"insert into clock_change by name select {version} as version, a.dossier_key as first_key, "
        f"a.dossier_key as last_key, d.dossier_key is not null as was_there, {places('d')} "
        "from affected a left join dossier d using (dossier_key)"
    )
