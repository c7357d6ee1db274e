"""`workbench`: the command line. Parse, call one step, write."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

import click

from workbench import __version__
from workbench.cli.exit_codes import ExitCode, exit_code
from workbench.cli.texts import error_sentence, help_text, language, speak, usage_sentence
from workbench.errors import WorkbenchError
from workbench.i18n import t

COMMANDS: dict[str, str] = {
    "demo": "workbench.cli.demo:demo",
    "synth": "workbench.cli.synth:synth",
    "glance": "workbench.cli.glance:glance",
    "load": "workbench.cli.load:load",
    "prepare": "workbench.cli.prepare:prepare",
    "dataset": "workbench.cli.dataset:dataset",
    "loads": "workbench.cli.load:loads",
    "retract": "workbench.cli.load:retract",
    "quality": "workbench.cli.quality:quality",
    "clocks": "workbench.cli.clocks:clocks",
    "indicators": "workbench.cli.indicators:indicators",
    "mine": "workbench.cli.mine:mine",
    "compare": "workbench.cli.compare:compare",
    "vocabulary": "workbench.cli.vocabulary:vocabulary",
    "harmonise": "workbench.cli.harmonise:harmonise",
    "configure": "workbench.cli.configure:configure",
    "recommend": "workbench.cli.recommend:recommend",
    "cost": "workbench.cli.cost:cost",
    "online": "workbench.cli.online:online",
    "migrate": "workbench.cli.migrate:migrate",
    "track": "workbench.cli.migrate:track",
    "report": "workbench.cli.report:report",
    "export": "workbench.cli.export:export",
    "serve": "workbench.cli.serve:serve",
}
"""Command name to `module:function`, imported only when called so that `--help` is quick."""

_HELP = {"report": "export.command.help", "export": "export.log_command.help"}
"""Commands whose help text lies in another catalogue than `cli`."""


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

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands from the catalogue, without importing one of them."""
        with formatter.section(t(language(), "cli.commands")):
            formatter.write_dl([(name, t(language(), _HELP.get(name, f"cli.{name}.help"))) for name in COMMANDS])


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
    speak(None)
    try:
        result = group.main(args=arguments, prog_name="workbench", standalone_mode=False)
        return int(result) if isinstance(result, int) else ExitCode.OK
    except click.exceptions.Exit as exc:
        return exc.exit_code
    except click.ClickException as exc:
        _say(usage_sentence(exc, language()))
        return ExitCode.USAGE
    except BrokenPipeError:
        # The reader has gone; what Python still holds for stdout must not fail at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.OK
    except WorkbenchError as exc:
        _say(error_sentence(exc, language()))
        return exit_code(exc)
    except (KeyboardInterrupt, RuntimeError) as exc:
        # DuckDB makes "Query interrupted" of Ctrl-C during a statement.
        if not isinstance(exc, KeyboardInterrupt | click.Abort) and str(exc) != "Query interrupted":
            raise
        _say(t(language(), "cli.cancelled"))
        return ExitCode.CANCELLED


def _say(text: str) -> None:
    click.echo(text, err=True)
