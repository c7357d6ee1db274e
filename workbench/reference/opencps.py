"""Columns of the OpenCPS v2 tables a log is read from."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from workbench.reference.files import read_json


@cache
def opencps_schema() -> Mapping[str, Mapping[str, str]]:
    """Table name to {column: Liferay type}; a Liferay DATE is a timestamp. Spelling as in the source."""
    tables = read_json("opencps_schema.json")["tables"]
    return MappingProxyType({name: MappingProxyType(dict(columns)) for name, columns in tables.items()})
