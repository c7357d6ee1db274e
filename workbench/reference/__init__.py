"""Facts that ship with the workbench: provinces, statuses, holidays, codes, published processes, indicators.

Every file here and its source is named in README.md of this folder; what is only general knowledge is marked
(`verified` False) and must not be printed as law.
"""

from workbench.reference.codes import (
    DOSSIER_CODE_PATTERN,
    PROCEDURE_CODE_PATTERN,
    DossierCode,
    ProcedureCode,
    normalise_procedure_code,
    parse_dossier_code,
    parse_procedure_code,
    procedure_name,
)
from workbench.reference.holidays import Holiday, HolidayKind, covered_years, holidays
from workbench.reference.indicators import Indicator, indicators_766
from workbench.reference.opencps import opencps_schema
from workbench.reference.processes import (
    InternalProcess,
    ProcessStep,
    check_limits,
    onestop_workflows,
    reference_processes,
)
from workbench.reference.provinces import (
    SWITCH_DAY,
    Province,
    Province2025,
    all_2025,
    is_province,
    province_name,
    province_of_gso,
    provinces,
    successor,
)
from workbench.reference.statuses import REPORT_GROUPS, Status, report_group, statuses

__all__ = [
    "DOSSIER_CODE_PATTERN",
    "PROCEDURE_CODE_PATTERN",
    "REPORT_GROUPS",
    "SWITCH_DAY",
    "DossierCode",
    "Holiday",
    "HolidayKind",
    "Indicator",
    "InternalProcess",
    "ProcedureCode",
    "ProcessStep",
    "Province",
    "Province2025",
    "Status",
    "all_2025",
    "check_limits",
    "covered_years",
    "holidays",
    "indicators_766",
    "is_province",
    "normalise_procedure_code",
    "onestop_workflows",
    "opencps_schema",
    "parse_dossier_code",
    "parse_procedure_code",
    "procedure_name",
    "province_name",
    "province_of_gso",
    "provinces",
    "reference_processes",
    "report_group",
    "statuses",
    "successor",
]
