"""What a load has to say beside its counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from workbench.results import Result


@dataclass(frozen=True, slots=True)
class Notice(Result):
    """One remark: `code` is a key under `intake.notice.`, `facts` fill its text."""

    code: str
    facts: dict[str, Any] = field(default_factory=dict)
