"""Files of any kind to raw tables, and what their columns mean.

`collect` and `read` give raw tables (text, with the place of every row); `propose` maps their columns.
"""

from workbench.sources.mapping import Choice, Mapping, propose
from workbench.sources.profiles import Profile, read_profile, write_profile
from workbench.sources.raw import RawTable, Skipped
from workbench.sources.reading import collect, read
from workbench.sources.staging import StagingFolder

__all__ = [
    "Choice",
    "Mapping",
    "Profile",
    "RawTable",
    "Skipped",
    "StagingFolder",
    "collect",
    "propose",
    "read",
    "read_profile",
    "write_profile",
]
