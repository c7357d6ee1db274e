"""The generated pages are what the code says today."""

from __future__ import annotations

import subprocess
import sys


def test_generated_pages_are_up_to_date():
    done = subprocess.run(
        [sys.executable, "-m", "workbench.cli.reference", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
