"""`workbench report`: reports and documents from a store, and whether one still holds."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workbench.cli.bars import bars
from workbench.cli.exit_codes import ExitCode
from workbench.cli.options import Talk, named_values, open_for_reading, selection_options, store_option, talk
from workbench.cli.output import say, write_json
from workbench.cli.texts import language
from workbench.errors import WorkbenchError
from workbench.i18n import t
from workbench.selection import Selection

if TYPE_CHECKING:
    from workbench.export.reports import Verification

NAMES = ("national", "province", "procedure", "decision", "indicators", "internal_process", "simplification", "annex")


def _text(key: str) -> str:
    return t(language(), f"export.command.{key}")


@click.command(help=_text("help"))
@click.argument("name", required=False, type=click.Choice(NAMES))
@store_option
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help=_text("out"))
@click.option("--verify", type=click.Path(path_type=Path, exists=True, dir_okay=False), help=_text("verify"))
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d", "%d/%m/%Y"]), help=_text("as_of"))
@click.option("--model", "models", multiple=True, type=click.Path(path_type=Path, file_okay=False), help=_text("model"))
@click.option("--portal", type=click.Path(path_type=Path, dir_okay=False), help=_text("portal"))
@click.option("--unit-is", "unit_is", multiple=True, metavar="NAME=CODE", help=_text("unit_is"))
@click.option("--cost", multiple=True, metavar="NAME=VALUE", help=_text("cost"))
@selection_options()
@talk
def report(
    *,
    store_path: Path,
    name: str | None,
    out: Path | None,
    verify: Path | None,
    as_of: datetime | None,
    models: tuple[Path, ...],
    portal: Path | None,
    unit_is: tuple[str, ...],
    cost: tuple[str, ...],
    selection: Selection,
    talk: Talk,
) -> ExitCode:
    """Write a report, or check a file."""
    from workbench.export.reports import verify_report, write_report

    if (verify is None) == (name is None):
        raise WorkbenchError("Name one report, or one file to verify.", fix=f"Reports: {', '.join(NAMES)}.")
    with open_for_reading(store_path) as store, bars(talk.language, quiet=talk.quiet) as progress:
        inputs: dict[str, Any] = {"models": models, "portal": portal, "progress": progress}
        if verify is not None:
            found = verify_report(store, verify, **inputs)
        elif out is None or name is None:
            raise WorkbenchError("A report needs a file.", fix="Give --out FILE.html, FILE.docx or FILE.pdf.")
        else:
            path = write_report(
                store,
                name,
                out,
                selection,
                language=talk.language,
                as_of=_end_of(as_of),
                units=named_values(unit_is, "--unit-is"),
                cost=_numbers(cost),
                **inputs,
            )
            write_json({"report": name, "path": str(path)}) if talk.json else say(str(path))
            return ExitCode.OK
    return _verdict(found, talk)


def _verdict(found: Verification, talk: Talk) -> ExitCode:
    """Whether a file still holds, and why not."""
    if talk.json:
        write_json(found.to_dict())
    else:
        texts = [t(talk.language, f"export.command.reason.{code}") for code in found.reasons]
        say(t(talk.language, f"export.command.{'same' if found.same else 'differs'}") + " " + " ".join(texts))
    return ExitCode.OK if found.same else ExitCode.NOT_VERIFIED


def _end_of(day: datetime | None) -> datetime | None:
    """The last second of a day: dossiers are judged when it is over."""
    return None if day is None else datetime.combine(day, time()) + timedelta(days=1, seconds=-1)


def _numbers(pairs: tuple[str, ...]) -> dict[str, float]:
    try:
        return {name: float(value) for name, value in named_values(pairs, "--cost").items()}
    except ValueError as exc:
        raise WorkbenchError(f"--cost has a value that is no number: {exc}.", fix="Write NAME=NUMBER.") from exc
