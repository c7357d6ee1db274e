"""`workbench`: the command line. Parse, call one step, write."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

import click

from workbench import __version__
from workbench.cli.exit_codes import ExitCode, exit_code
from workbench.cli.output import say
from workbench.cli.texts import help_text, language
from workbench.errors import WorkbenchError
from workbench.i18n import t

COMMANDS: dict[str, str] = {
    "demo": "workbench.cli.demo:demo",
    "synth": "workbench.cli.synth:synth",
    "load": "workbench.cli.load:load",
    "dataset": "workbench.cli.dataset:dataset",
    "loads": "workbench.cli.load:loads",
    "retract": "workbench.cli.load:retract",
    "quality": "workbench.cli.quality:quality",
    "clocks": "workbench.cli.clocks:clocks",
    "mine": "workbench.cli.mine:mine",
    "compare": "workbench.cli.compare:compare",
    "vocabulary": "workbench.cli.vocabulary:vocabulary",
    "harmonise": "workbench.cli.harmonise:harmonise",
    "recommend": "workbench.cli.recommend:recommend",
    "report": "workbench.cli.report:report",
    "export": "workbench.cli.export:export",
    "serve": "workbench.cli.serve:serve",
}
"""Command name to `module:function`, imported only when called so that `--help` is quick."""


class Commands(click.Group):
    """The commands of the table, imported on demand."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name."""
        if cmd_name not in COMMANDS:
            return None
        module, function = COMMANDS[cmd_name].split(":")
        return getattr(importlib.import_module(module), function)  # type: ignore[no-any-return]


@click.group(cls=Commands, help=help_text("help"), context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="workbench")
def group() -> None:
    """The group all commands hang on."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with a code of `ExitCode`."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code, never an exception for what a user can mend."""
    try:
        result = group.main(args=arguments, standalone_mode=False)
        return int(result) if isinstance(result, int) else ExitCode.OK
    except click.exceptions.Exit as exc:
        return exc.exit_code
    except click.ClickException as exc:
        exc.show()
        return ExitCode.USAGE
    except (click.Abort, KeyboardInterrupt):
        say(t(language(), "cli.cancelled"))
        return ExitCode.CANCELLED
    except BrokenPipeError:
        return ExitCode.OK
    except WorkbenchError as exc:
        say(t(language(), "cli.error", message=exc.message, fix=exc.fix).strip())
        return exit_code(exc)
