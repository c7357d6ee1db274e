"""Traces of the synchronisation that only the clear values show, found before the names become hashes.

Sources of the thirteen habits: the sender code of two live systems (see the reference room's README).
"""

from __future__ import annotations

from workbench.intake import values
from workbench.intake.fields import Fields
from workbench.intake.personal import PLACEHOLDER_IDS
from workbench.store.schema import quote

DEFAULT_OFFICER = "chuyên viên"
DESK_OFFICER = "cán bộ một cửa"
FIRST_LABEL = "tiếp nhận hồ sơ"
LAST_LABEL = "kết thúc xử lý hồ sơ"
CUT_LENGTH = 49
"""A name cut to 46 characters with three dots behind."""
_CONTRADICTS_IN_PROGRESS = "traketqua|ketthuc|yeucaubosung|tuchoi"


def event_flags(fields: Fields) -> dict[str, str]:
    """`__flags` (codes of one event), and `__first`, `__last`: it may be the invented first or last event.

    Whether such an event is invented depends on the dossier's dates too; a real acceptance by a named officer is
    never one.
    """
    officer, label = fields.text_or_null("officer"), fields.text_or_null("label")
    flags = []
    if fields.has("officer"):
        flags.append(f"case when lower({officer}) = '{DEFAULT_OFFICER}' then 'default_officer' end")
        flags.append(
            f"case when length({officer}) = {CUT_LENGTH} and ends_with({officer}, '...') then 'cut_officer' end"
        )
    if fields.has("officer") and fields.has("status") and fields.has("label"):
        says = f"regexp_matches({values.folded(label)}, '{_CONTRADICTS_IN_PROGRESS}')"
        flags.append(f"case when status = 4 and {says} then 'default_status' end")
    empty = [name for name in ("started_at", "unit", "role") if fields.has(name)]
    if fields.has("officer") and (len(empty) == 3 or fields.table.format == "portal"):
        nothing = " and ".join(f"{quote(f'c_{name}')} is null" for name in empty) or "true"
        flags.append(f"case when {nothing} then 'empty_step_fields' end")
    if not flags:
        return {}
    return {
        "__flags": f"nullif(concat_ws(',', {', '.join(flags)}), '')",
        "__first": f"coalesce(lower({label}) = '{FIRST_LABEL}' and lower({officer}) = '{DESK_OFFICER}', false)",
        "__last": f"coalesce(lower({label}) = '{LAST_LABEL}' "
        f"and coalesce(lower({officer}), '{DESK_OFFICER}') in ('{DEFAULT_OFFICER}', '{DESK_OFFICER}'), false)",
    }


def dossier_flags(fields: Fields) -> str | None:
    """SQL for the codes of what is invented about a dossier, or None when nothing could show it."""
    flags = []
    if fields.has("applicant_id"):
        digits = f"regexp_replace({fields.text('applicant_id')}, '[ .-]', '', 'g')"
        matches = f"regexp_matches({digits}, {values.literal(PLACEHOLDER_IDS)})"
        flags.append(f"case when {matches} then 'placeholder_identity' end")
    if fields.has("summary"):
        same = f" or c_summary = {fields.text('procedure_name')}" if fields.has("procedure_name") else ""
        empty = f"{values.folded(fields.text('summary'))} in ('', 'trichyeu', 'trichyeuhoso', 'khong', 'test')"
        flags.append(f"case when c_summary is not null and ({empty}{same}) then 'placeholder_summary' end")
    return f"nullif(concat_ws(',', {', '.join(flags)}), '')" if flags else None
