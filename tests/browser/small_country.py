"""A small invented country for the app's tests and pictures: every province, three procedures, planted habits.

Random numbers with a fixed seed; nothing here is a real dossier.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd

from workbench.clock import ensure_calendars, prepare_clocks
from workbench.reference import SWITCH_DAY, provinces, successor
from workbench.store import LogStore, open_store
from workbench.store.loading import Staged, StagedFile, load_staged

PROCEDURES = {
    "1.012783": ("Cấp đổi Giấy chứng nhận quyền sử dụng đất", 10, 1.0),
    "1.009994": ("Cấp giấy phép xây dựng mới đối với nhà ở riêng lẻ", 15, 1.4),
    "2.000815": ("Chứng thực bản sao từ bản chính giấy tờ", 1, 0.1),
}
DESK, LEGAL, HEAD, CLERK, TAX = (
    "Bộ phận một cửa", "Phòng chuyên môn", "Lãnh đạo", "Văn thư", "Cơ quan thuế",
)  # fmt: skip


def steps_of(procedure: str, province: str, rng: random.Random) -> list[tuple[str, str, float]]:
    """(label, unit, mean working days) of one dossier's way."""
    if procedure == "2.000815":
        return [("Tiếp nhận hồ sơ", DESK, 0.1), ("Đối chiếu bản chính", LEGAL, 0.4), ("Ký chứng thực", HEAD, 0.3),
                ("Trả kết quả", DESK, 0.2)]  # fmt: skip
    way = [("Tiếp nhận hồ sơ", DESK, 0.2), ("Phân công thụ lý", LEGAL, 0.5), ("Thẩm định hồ sơ", LEGAL, 3.0)]
    number = int(province[1:])
    if rng.random() < 0.12 + 0.1 * (number % 5 == 0):
        way += [
            ("Yêu cầu bổ sung hồ sơ", LEGAL, 0.6),
            ("Tiếp nhận bổ sung", DESK, 3.5),
            ("Thẩm định hồ sơ", LEGAL, 1.6),
        ]
    if procedure == "1.012783":
        way.append(("Xác định nghĩa vụ tài chính", TAX, 3.2 if number % 4 == 0 else 1.4))
    if number % 3 == 0:
        way.append(("Trưởng phòng duyệt", LEGAL, 0.8))
    if number % 7 == 0:
        way.append(("Phó giám đốc duyệt", HEAD, 1.1))
    way += [("Lãnh đạo ký", HEAD, 1.0), ("Văn thư đóng dấu", CLERK, 0.4), ("Trả kết quả", DESK, 0.5)]
    return way


def make_frames(dossiers: int = 4000, seed: int = 7) -> dict[str, pd.DataFrame]:
    """Dossier, event and pause rows in canonical columns."""
    rng = random.Random(seed)
    codes = [p.h_code for p in provinces()]
    heads, events, pauses = [], [], []
    for number in range(dossiers):
        procedure = rng.choices(list(PROCEDURES), weights=(5, 3, 4))[0]
        name, days, slow = PROCEDURES[procedure]
        day = datetime(2024, 1, 2, 8) + timedelta(days=int(rng.betavariate(1.4, 1.1) * 700))
        province = rng.choices(codes, weights=[1 + (int(c[1:]) * 7) % 11 for c in codes])[0]
        if day.date() >= SWITCH_DAY:
            province = successor(province)
        accepted = day + timedelta(minutes=rng.randrange(0, 480))
        code = f"{province}.{rng.randrange(1, 40)}-{accepted:%y%m%d}-{number:05d}"
        at, asked = accepted, None
        habit = 0.75 + (int(province[1:]) * 13 % 10) / 16
        for order, (label, unit, mean) in enumerate(steps_of(procedure, province, rng)):
            if order:
                at += timedelta(days=rng.lognormvariate(0, 0.55) * mean * slow * habit * 1.25)
            events.append((province, code, label, at, unit, order))
            if label == "Yêu cầu bổ sung hồ sơ":
                asked = at
            elif label == "Tiếp nhận bổ sung" and asked is not None:
                pauses.append((province, code, asked, at, "supplement"))
        closed = at if at < datetime(2025, 12, 20) else None
        heads.append(
            {
                "province_code": province,
                "dossier_code": code,
                "procedure_code": procedure,
                "procedure_name": name,
                "channel": "online" if rng.random() < 0.3 + 0.5 * (day.year - 2024 + day.month / 12) / 2 else "desk",
                "level": "province" if procedure != "2.000815" else "commune",
                "applicant_type": "citizen" if rng.random() < 0.85 else "business",
                "submitted_at": accepted - timedelta(hours=2),
                "accepted_at": accepted,
                "due_at": accepted + timedelta(days=days * 1.9),
                "closed_at": closed,
                "outcome": "done" if closed else "open",
                "status": 9 if closed else 4,
            }
        )
    columns = ["province_code", "dossier_code", "label", "completed_at", "unit", "source_order"]
    event = pd.DataFrame(events, columns=columns)
    event = event[event["completed_at"] < datetime(2025, 12, 20)]
    pause = pd.DataFrame(pauses, columns=["province_code", "dossier_code", "paused_from", "paused_to", "reason"])
    return {"dossier": pd.DataFrame(heads), "event": event, "pause": pause}


def make_store(path: Path, dossiers: int = 4000, seed: int = 7) -> LogStore:
    """A store of the invented country at `path`, open for writing."""
    return store_of(path, make_frames(dossiers, seed), "synthetic country")


def store_of(path: Path, frames: dict[str, pd.DataFrame], name: str) -> LogStore:
    """A store of such rows at `path`, open for writing, with all that a load through the app or a command keeps."""
    store = open_store(path)
    ensure_calendars(store)
    names = {}
    for table, frame in frames.items():
        store.con.register(f"given_{table}", frame)
        store.con.execute(f"create or replace temp table staged_{table} as select * from given_{table}")
        names[table] = f"staged_{table}"
    file = StagedFile(name, "0" * 64, 0, "log", len(frames["event"]))
    load_staged(store, Staged(files=(file,), format="synthetic", **names), now=datetime(2026, 1, 5, 9))
    prepare_clocks(store)
    return store


if __name__ == "__main__":
    import sys

    make_store(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 4000).close()
