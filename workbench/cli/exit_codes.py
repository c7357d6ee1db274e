"""How a command ended, for scripts."""

from __future__ import annotations

from enum import IntEnum

from workbench import errors


class ExitCode(IntEnum):
    """Exit codes of every command; documented in docs/commands.md."""

    OK = 0
    UNEXPECTED = 1
    USAGE = 2
    SOURCE = 3
    STORE = 4
    SELECTION = 5
    TOO_FEW_CASES = 6
    MODEL = 7
    SETTING = 8
    NOT_VERIFIED = 9
    CANCELLED = 130


_BY_ERROR: tuple[tuple[type[errors.WorkbenchError], ExitCode], ...] = (
    (errors.SourceError, ExitCode.SOURCE),
    (errors.StoreError, ExitCode.STORE),
    (errors.SelectionError, ExitCode.SELECTION),
    (errors.TooFewCases, ExitCode.TOO_FEW_CASES),
    (errors.ModelError, ExitCode.MODEL),
    (errors.SettingError, ExitCode.SETTING),
    (errors.Cancelled, ExitCode.CANCELLED),
)


def exit_code(error: errors.WorkbenchError) -> ExitCode:
    """The exit code of an error."""
    return next((code for kind, code in _BY_ERROR if isinstance(error, kind)), ExitCode.UNEXPECTED)
