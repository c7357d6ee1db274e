"""The only door to pm4py: its models and miners in, our results out."""

from __future__ import annotations

import contextlib
import io

with contextlib.redirect_stdout(io.StringIO()):  # the import prints a banner; standard output is data
    import pm4py

__all__ = ["pm4py"]
