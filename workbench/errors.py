"""What can go wrong, as a tree; every error says what is wrong and what to do now.

WorkbenchError
├── SourceError        a file or a database cannot be read as a log
│   ├── FormatError        not the format it claims to be, truncated, wrongly encoded
│   ├── MappingError       a mandatory column is missing or ambiguous
│   └── ConnectionFailed   a live database refused or lacks what was looked for
├── StoreError         the store cannot be opened, written or is of another version
│   └── StoreLocked        another process writes to it
├── SelectionError     a selection names what the store does not have
├── TooFewCases        the question needs more dossiers than the selection holds
├── ModelError         a process model is unsound, unreadable or lacks what is needed
├── SettingError       a setting has a value that is not allowed
└── Cancelled          the user stopped a long step; nothing was changed
"""

from __future__ import annotations

from typing import Any


class WorkbenchError(Exception):
    """Base of all errors the workbench raises for its users.

    `message` says what is wrong and with which value; `fix` says what to do now;
    `facts` are machine-readable details (file, line, column, value, choices).
    `code` is also the key under `errors.` in the catalogues.
    """

    code = "error"

    def __init__(self, message: str, *, fix: str = "", **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix
        self.facts = facts

    def __str__(self) -> str:
        return f"{self.message} {self.fix}".strip()

    def to_dict(self) -> dict[str, Any]:
        """The error as JSON-ready facts: `code`, `message`, `fix` and the details."""
        return {"code": self.code, "message": self.message, "fix": self.fix, **self.facts}


class SourceError(WorkbenchError):
    """A file or a database cannot be read as a log."""

    code = "source"


class FormatError(SourceError):
    """Not the format it claims to be, truncated, or wrongly encoded."""

    code = "source.format"


class MappingError(SourceError):
    """A mandatory column is missing, or two columns claim one place."""

    code = "source.mapping"


class ConnectionFailed(SourceError):
    """A live database refused the connection or lacks what was looked for."""

    code = "source.connection"


class StoreError(WorkbenchError):
    """The store cannot be opened or written, or is of another version."""

    code = "store"


class StoreLocked(StoreError):
    """Another process writes to the store."""

    code = "store.locked"


class SelectionError(WorkbenchError):
    """A selection names something the store does not have."""

    code = "selection"


class TooFewCases(WorkbenchError):
    """The question needs more dossiers than the selection holds."""

    code = "too_few_cases"


class ModelError(WorkbenchError):
    """A process model is unsound, unreadable, or lacks what the step needs."""

    code = "model"


class SettingError(WorkbenchError):
    """A setting has a value that is not allowed."""

    code = "setting"


class Cancelled(WorkbenchError):
    """The user stopped a long step; nothing was changed."""

    code = "cancelled"
