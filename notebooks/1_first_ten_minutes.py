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
# # Mười phút đầu tiên · First ten minutes
#
# Câu hỏi: **cùng một thủ tục, các tỉnh làm khác nhau ở đâu, và một quy trình thống nhất trông như thế nào?**
#
# *Where do provinces differ on the same procedure, and what would one unified procedure look like?*
#
# Mọi số liệu ở đây là **giả lập** · all data here are **synthetic**.

# %%
from pathlib import Path
from tempfile import mkdtemp

import workbench as wb

folder = Path(mkdtemp())
wb.synthesise(folder / "log", dossiers=6_000, seed=7)
log = wb.open(folder / "country.duckdb")
loaded = log.load(folder / "log")
f"{loaded.rows_in} dòng vào = {loaded.rows_loaded} nạp + {loaded.rows_quarantined} cách ly + {loaded.rows_duplicate} trùng"

# %% [markdown]
# ## Nhật ký có gì? · What is in the log?

# %%
log

# %% [markdown]
# ## Có tin được không? · Can it be trusted?
# Các dấu vết đồng bộ được đếm theo tỉnh; bảng dưới là cả nước. *Synchronisation artefacts, whole country.*

# %%
wb.picture(log.quality())

# %% [markdown]
# ## Đúng hạn theo đồng hồ nào? · On time by which clock?
# Bốn cách tính đang được dùng cho ra bốn tỷ lệ khác nhau. *Four clocks in use, four rates for one log.*

# %%
wb.picture(log.on_time())

# %% [markdown]
# ## Điều thực sự xảy ra · What really happens

# %%
procedure = "1.012783"
graph = log.dfg(procedure=procedure)
wb.table(graph.edges, columns=["source", "target", "count", "median_working_seconds"], limit=8)

# %% [markdown]
# ## Tên bước · Step names
# Mỗi tỉnh gọi tên bước một kiểu; người duyệt quyết định, ở đây ta nhận mọi đề xuất từ 0,5 trở lên.
# *Every province has its own names; a person decides. Here every proposal of at least 0.5 is accepted.*

# %%
vocabulary = log.propose_vocabulary(procedure)
wb.table(vocabulary.proposals, columns=["organisation", "label", "step", "confidence"], limit=6)

# %%
before = len(log.variants(procedure=procedure).table)
log.accept_vocabulary(vocabulary, minimum_confidence=0.5, reviewer="notebook")
after = len(log.variants(procedure=procedure).table)
f"{before} biến thể trước, {after} biến thể sau khi thống nhất tên bước"

# %% [markdown]
# ## Các tỉnh cạnh nhau · Provinces side by side
# Sáu tỉnh có nhiều hồ sơ nhất; mỗi tỉnh được đo bằng mô hình của chính mình. Tỉnh đại diện được tô màu khác.
# *The six provinces with the most dossiers, each measured by its own model; the medoid has another colour.*

# %%
rates = log.on_time(by="province_code", procedure=procedure).table
provinces = tuple(rates[rates["clock"] == "portal"].nlargest(6, "n")["group"])
comparison = log.compare(procedure, provinces=provinces)
columns = ["organisation", "dossiers", "variants", "fitness", "precision", "f", "mean_distance"]
wb.table(comparison.organisations, columns=columns)

# %%
wb.picture(comparison)

# %% [markdown]
# ## Một quy trình thống nhất · One unified procedure
# Mỗi ứng viên được đo trên mọi tỉnh, rồi một ứng viên được khuyến nghị.
# *Every candidate is judged on every province; one is recommended.*

# %%
unified = log.harmonise(procedure, provinces=provinces, seconds=10)
names = unified.candidates.rename(columns={"kind": "candidate"})
wb.table(
    names, columns=["candidate", "size", "fitness", "precision", "f", "changes", "recommended"]
)

# %%
wb.picture(unified)

# %% [markdown]
# ## Mỗi tỉnh phải đổi gì? · What must each province change?

# %%
wb.table(
    unified.migration,
    columns=["organisation", "action", "step", "after", "share", "dossiers"],
    limit=8,
)

# %% [markdown]
# Dưới 30 hồ sơ thì chưa nói lên điều gì chắc chắn. *Below 30 dossiers nothing is certain.*

# %%
log.close()
