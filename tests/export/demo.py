"""A procedure as offices have it: a supplement loop, a parallel part, seven units."""

from __future__ import annotations

from workbench.export.facts import Option, ProcedureFacts, Statement, StepFacts, messages_by_label
from workbench.mining.model import Bpmn, Flow, Node

LONG = "Thẩm định hồ sơ, kiểm tra thực địa, đối chiếu bản đồ địa chính và hồ sơ lưu tại Chi nhánh Văn phòng Đăng ký đất đai"
NAME = "Cấp đổi Giấy chứng nhận quyền sử dụng đất"

_DESK, _OFFICE = "Bộ phận một cửa", "Phòng chuyên môn"
_STEPS = {
    "a": ("Tiếp nhận hồ sơ", _DESK, 2.0),
    "b": ("Kiểm tra tính đầy đủ, hợp lệ của hồ sơ", _DESK, 4.0),
    "m": ("Yêu cầu bổ sung hồ sơ", _DESK, None),
    "n": ("Tiếp nhận bổ sung hồ sơ", _DESK, None),
    "c": ("Chuyển hồ sơ", _DESK, 4.0),
    "d": ("Phân công thụ lý", _OFFICE, 4.0),
    "e": (LONG, _OFFICE, 40.0),
    "f": ("Lấy ý kiến cơ quan thuế", "Chi cục Thuế", 24.0),
    "g": ("Xác minh tại UBND cấp xã", "UBND cấp xã", 16.0),
    "h": ("Trưởng phòng duyệt", _OFFICE, 8.0),
    "i": ("Lãnh đạo ký", "Lãnh đạo Chi nhánh", 8.0),
    "k": ("Văn thư đóng dấu", "Văn thư", 2.0),
    "l": ("Trả kết quả", _DESK, None),
}
LANES = {label: unit for label, unit, _ in _STEPS.values()}


def procedure() -> Bpmn:
    gates = {"j": "xor", "x": "xor", "p": "and", "q": "and", "y": "xor", "z": "xor"}
    nodes = [Node("s", "start"), *(Node(k, "task", v[0]) for k, v in _STEPS.items())]
    nodes += [*(Node(k, kind) for k, kind in gates.items()), Node("t", "end")]
    pairs = "s-a a-j j-b b-x x-c x-m m-n n-j c-d d-e e-y y-p y-z p-f p-g f-q g-q q-z z-h h-i i-k k-l l-t"
    share = {"x-c": 0.82, "x-m": 0.18, "y-p": 0.34, "y-z": 0.66}
    flows = [Flow(*pair.split("-"), share.get(pair)) for pair in pairs.split()]
    return Bpmn(tuple(nodes), tuple(flows))


def facts() -> ProcedureFacts:
    steps = {
        label: StepFacts(
            limit_hours=hours,
            statistics={"dossiers": 1234, "median_working_seconds": 5400.5},
            message=messages_by_label([label]).get(label, ""),
        )
        for label, _, hours in _STEPS.values()
    }
    steps["Lãnh đạo ký"] = StepFacts(
        limit_hours=8,
        description="Ký duyệt Giấy chứng nhận.",
        form="Giấy chứng nhận",
        legal_basis=(
            Statement("Hồ sơ được yêu cầu bổ sung một lần."),
            Statement("Điều 9", "NĐ 118/2025", verified=True),
        ),
        options=(Option("Hai chữ ký", ("H49", "H56"), "local"),),
    )
    return ProcedureFacts(code="1.012783", description=NAME, limit_hours=80, steps=steps)
