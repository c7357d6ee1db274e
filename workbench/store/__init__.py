"""The log store: one DuckDB file, loaded atomically, prepared once, asked often."""

from workbench.store.log_store import LogStore, open_store

__all__ = ["LogStore", "open_store"]
