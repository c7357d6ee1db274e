# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # So sánh các địa phương · Comparing municipalities
#
# Câu hỏi: **ba địa phương cùng cấp một loại giấy phép; ai làm giống ai, và khác nhau ở bước nào?**
#
# *Three municipalities grant the same permit: who works like whom, and at which steps do they differ?*
#
# Dữ liệu: nhật ký cấp phép xây dựng của ba đô thị Hà Lan (BPI Challenge 2015, DOI 10.4121/uuid:31a308ef-c844-48da-948c-305d167a0ec1),
# đã lọc như trong so sánh các thuật toán khám phá của Augusto và cộng sự. Tệp không đi kèm dự án: tải về rồi đặt
# `WORKBENCH_LOGS` là thư mục chứa chúng. Không có tệp thì cùng những bước này chạy trên một nhật ký **giả lập** nhỏ.
#
# *The files are not shipped: set `WORKBENCH_LOGS` to the folder that has them; without them a small synthetic log is used.*

# %%
import os
from pathlib import Path
from tempfile import mkdtemp

import workbench as wb

known = [
    one
    for name, one in wb.datasets().items()
    if name in ("bpic15-1f", "bpic15-2f", "bpic15-3f")
]
logs = Path(os.environ.get("WORKBENCH_LOGS", "logs"))
real = all((logs / one.file).exists() for one in known)
"Nhật ký thật của ba đô thị" if real else "Chưa có tệp nhật ký: dùng nhật ký GIẢ LẬP nhỏ"

# %% [markdown]
# ## Nạp · Load
# Mã kiểm tra (SHA-256) của từng tệp được so với sổ đăng ký trước khi nạp. *Checksums are verified first.*

# %%
folder = Path(mkdtemp())
log = wb.open(folder / "permits.duckdb")
if real:
    for one in known:
        log.add_dataset(one.name, logs / one.file)
    procedure, organisations = "WABO", ("M1", "M2", "M3")
else:
    log.load(wb.synthesise(folder / "log", dossiers=3_000, seed=3))
    procedure = "1.012783"
    counts = log.fetch(log.dossiers(procedure=procedure).province_code.value_counts(name="n"))
    organisations = tuple(counts.nlargest(3, "n")["province_code"])
log

# %% [markdown]
# ## Mỗi nơi một quy trình · Every place has its own way
# Số hồ sơ, số biến thể và độ khớp của mô hình của chính nơi đó. Cứ hai, ba hồ sơ lại có một đường đi mới.
#
# *Every second or third dossier goes a way of its own.*

# %%
comparison = log.compare(procedure, provinces=organisations)
columns = [
    "organisation",
    "dossiers",
    "variants",
    "size",
    "fitness",
    "precision",
    "f",
    "mean_distance",
]
wb.table(comparison.organisations, columns=columns)

# %% [markdown]
# ## Mô hình của người này trên nhật ký của người kia · One's model on another's log
# Ô càng đậm, mô hình (dòng) càng mô tả đúng nhật ký (cột). Đường chéo là mô hình trên chính nơi sinh ra nó.
# F là trung bình điều hòa của độ khớp (căn chỉnh, mọi sự kiện đều tính) và độ chính xác.
#
# *F of the model (row) on the log (column), from alignments in which every event counts.*

# %%
wb.square(comparison.square("f"), rows="mô hình của", columns="trên nhật ký của")

# %%
off = comparison.matrix[comparison.matrix["model"] != comparison.matrix["log"]]
own = comparison.matrix[comparison.matrix["model"] == comparison.matrix["log"]]
wb.bars(
    {"trên chính mình": own["f"].mean(), "trên nơi khác": off["f"].mean()},
    unit="F trung bình",
    digits=3,
)

# %% [markdown]
# ## Khác nhau ở bước nào? · At which steps?
# Bước và cặp bước phân biệt một nơi với các nơi khác; đã kiểm soát tỷ lệ phát hiện sai (Benjamini–Hochberg, q ≤ 0,05).
#
# *Differences with false-discovery control.*

# %%
different = comparison.differences
f"{wb.number(len(different))} khác biệt có ý nghĩa trong {wb.number(comparison.tests)} phép thử"

# %%
steps = different[different["kind"] == "step"].rename(columns={"source": "step"})
wb.table(
    steps,
    columns=["organisation", "step", "share", "share_others", "dossiers", "q_value"],
    limit=10,
)

# %% [markdown]
# ## Nhanh hay chậm? · Fast or slow?
# Thời gian từ lúc nhận đến bước cuối: trung vị, vạch ngang là từ tứ phân vị thứ nhất đến thứ ba. Nhật ký thật này không ghi lúc
# kết thúc xử lý, nên đây **không phải** tỷ lệ đúng hạn.
#
# *Median time to the last step with quartiles; the log has no end of processing, so nothing is said about on time.*

# %%
chosen = log.dossiers(procedure=procedure, provinces=organisations)
days = chosen.throughput_seconds / 86_400
spread = log.fetch(
    chosen.group_by("province_code").aggregate(
        median=days.quantile(0.5), low=days.quantile(0.25), high=days.quantile(0.75)
    )
).sort_values("median")
wb.intervals(
    spread, name="province_code", value="median", unit="ngày theo lịch (trung vị và tứ phân vị)"
)

# %% [markdown]
# **Trả lời.** Địa phương đại diện là nơi có khoảng cách trung bình nhỏ nhất tới các nơi còn lại; mô hình của nó mô tả nơi khác kém
# hơn chính mình, và phần hụt ấy là chỗ phải bàn khi hài hòa (sổ tay 5).
#
# *The medoid is nearest to all others; what its model loses elsewhere is what harmonising must settle.*

# %%
wb.province_name(comparison.medoid)

# %%
log.close()
