"""Online dossiers accepted within eight working hours."""

from __future__ import annotations

from tests.clock.conftest import at
from workbench.clock import check_acceptance


def test_kinds_by_hand(build_store):
    base = {"procedure_code": "1.000001", "channel": "online", "status": 4}
    dossiers = [
        {**base, "dossier_code": "in time", "submitted_at": "8/3 20:00", "accepted_at": "11/3 16:00"},
        {**base, "dossier_code": "late", "submitted_at": "8/3 8:00", "accepted_at": "11/3 9:00"},
        {**base, "dossier_code": "same", "submitted_at": "8/3 8:00", "accepted_at": "8/3 8:00"},
        {**base, "dossier_code": "unknown", "submitted_at": None, "accepted_at": "8/3 8:00"},
        {**base, "dossier_code": "waiting", "submitted_at": "12/3 8:00", "accepted_at": None},
        {**base, "dossier_code": "forgotten", "submitted_at": "8/3 8:00", "accepted_at": None},
        {**base, "dossier_code": "refused", "submitted_at": "8/3 8:00", "accepted_at": None, "status": 3,
         "closed_at": "8/3 10:00"},
        {**base, "dossier_code": "desk", "channel": "desk", "submitted_at": "1/3 8:00", "accepted_at": "8/3 8:00"},
    ]  # fmt: skip
    store = build_store(dossiers)
    check = check_acceptance(store, by="channel", as_of=at("12/3 9:00"))
    row = check.table.set_index("group").loc["online"]
    assert row[["n", "in_time", "late", "waiting", "unknown", "same_instant"]].tolist() == [4, 2, 2, 1, 1, 1]
    assert row.rate == 0.5 and row.too_few
    assert row.median_seconds == 7 * 3600  # 2, 7 and 9 hours
    assert check.basis.end_event == "acceptance"
    assert len(check.table) == 1
