"""The only door to r4pm: alignments of variants with a Petri net."""

from __future__ import annotations

import r4pm

__all__ = ["r4pm"]
