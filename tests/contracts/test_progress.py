"""Every stage a progress bar names has a text."""

from __future__ import annotations

import re
from pathlib import Path

import workbench
from workbench.i18n import catalogue

CALLS = (
    re.compile(r"""\bprogress\(\s*["']([a-z_]+)["']"""),
    re.compile(r"""(?<!def )\btrack\([^"']*["']([a-z_]+)["']"""),
    re.compile(r"""\.at\(["']([a-z_]+)["']"""),
)


def test_stages_have_texts():
    named = set()
    for path in Path(workbench.__file__).parent.rglob("*.py"):
        text = path.read_text("utf-8")
        named |= {stage for call in CALLS for stage in call.findall(text)}
    assert len(named) > 10
    assert sorted(stage for stage in named if f"progress.{stage}" not in catalogue("vi")) == []
