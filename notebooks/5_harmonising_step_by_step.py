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
# # Hài hòa từng bước · Harmonising step by step
#
# Câu hỏi: **từ nhật ký của nhiều tỉnh, đi đến một quy trình thống nhất như thế nào, và vì sao là quy trình ấy?**
#
# *How do the logs of many provinces become one procedure, and why that one?*
#
# Mọi số liệu ở đây là **giả lập** · all data here are **synthetic**.

# %%
from pathlib import Path
from tempfile import mkdtemp

import workbench as wb

folder = Path(mkdtemp())
log = wb.open(folder / "country.duckdb")
loaded = log.load(wb.synthesise(folder / "log", dossiers=6_000, seed=7))
procedure = "1.012783"
log

# %% [markdown]
# ## 1. Cùng một việc, trăm cách gọi · One step, a hundred names
# Chưa thống nhất tên thì không so sánh được gì. Mỗi đề xuất dựa trên **chữ** (tên viết giống nhau) và **hành vi** (đứng giữa những
# bước nào, do ai làm).
#
# *Names are proposed from text and from behaviour.*

# %%
vocabulary = log.propose_vocabulary(procedure)
proposals = vocabulary.proposals
wb.bars(
    {
        "tên đang dùng": proposals["label"].nunique(),
        "bước chuẩn được đề xuất": proposals["step"].nunique(),
    },
    unit="số tên khác nhau",
)

# %%
appraisal = proposals[proposals["step"] == "Thẩm định hồ sơ"].drop_duplicates("label")
shown = ["organisation", "label", "step", "confidence", "dossiers"]
wb.table(appraisal.sort_values("confidence"), columns=shown, limit=10)

# %% [markdown]
# Đề xuất yếu nhất đứng đầu: đó là chỗ cần **người** quyết định. Ở đây ta nhận các đề xuất từ 0,5; trong thực tế, mỗi dòng có
# người duyệt và thời điểm duyệt, và hoàn tác được.
#
# *The weakest first: that is where a person decides. Here everything from 0.5 is accepted.*

# %%
before = len(log.variants(procedure=procedure).table)
change = log.accept_vocabulary(vocabulary, minimum_confidence=0.5, reviewer="notebook")
after = len(log.variants(procedure=procedure).table)
wb.bars(
    {"trước khi thống nhất tên": before, "sau khi thống nhất tên": after}, unit="số biến thể"
)

# %% [markdown]
# ## 2. Điều cả nước đang làm · What the country does

# %%
wb.picture(log.dfg(procedure=procedure))

# %% [markdown]
# ## 3. Ai giống ai? · Who is like whom?
# Sáu tỉnh nhiều hồ sơ nhất. Khoảng cách luồng công việc: 0 là như nhau, 1 là không có gì chung.
#
# *Control-flow distance among the six provinces with the most dossiers.*

# %%
rates = log.on_time(by="province_code", procedure=procedure).table
provinces = tuple(rates[rates["clock"] == "portal"].nlargest(6, "n")["group"])
comparison = log.compare(procedure, provinces=provinces)
pairs = comparison.distances
both_ways = pairs.rename(columns={"a": "b", "b": "a"})
distance = pairs.pivot(index="a", columns="b", values="control_flow").combine_first(
    both_ways.pivot(index="a", columns="b", values="control_flow")
)
wb.square(distance)

# %% [markdown]
# ## 4. Nhiều ứng viên, một thước đo · Many candidates, one yardstick
# Mô hình của tỉnh điển hình, mô hình gộp, phần chung, quy trình đã công bố, và một mô hình **tìm kiếm** bằng chỉnh sửa. Tất cả
# được chấm trên **mọi** tỉnh, mỗi tỉnh một phiếu.
#
# *Every candidate is judged on every province, each counted once; the dotted line is the Pareto front.*

# %%
unified = log.harmonise(procedure, provinces=provinces, seconds=5)
wb.candidates(unified)

# %%
names = unified.candidates.rename(columns={"kind": "candidate"})
wb.table(
    names,
    columns=[
        "candidate",
        "size",
        "fitness",
        "precision",
        "f",
        "worst_f",
        "changes",
        "on_front",
        "recommended",
    ],
)

# %% [markdown]
# ## 5. Vì sao là mô hình này? · Why this one?

# %%
for sentence in wb.reasons(unified):
    print("•", sentence)

# %% [markdown]
# ## 6. Quy trình thống nhất · The unified procedure
# Mỗi làn là một đơn vị; tỷ lệ trên nhánh là số liệu quan sát được.

# %%
wb.picture(unified)

# %% [markdown]
# ## 7. Hợp với từng tỉnh đến đâu? · How well does it fit each province?
# Tỉnh có F thấp nhất là nơi phải bàn trước. *The lowest F is where to talk first.*

# %%
fits = unified.evaluation()["unified"]["organisations"]
wb.bars(
    {code: one["f"] for code, one in sorted(fits.items(), key=lambda item: item[1]["f"])},
    unit="F",
    digits=3,
)

# %% [markdown]
# ## 8. Mỗi tỉnh phải đổi gì? · What must each province change?
# Chỉ liệt kê việc chạm đến đủ nhiều hồ sơ; dưới 30 hồ sơ thì chưa nói lên điều gì chắc chắn.

# %%
listed = unified.migration[unified.migration["listed"]]
wb.table(
    listed,
    columns=["organisation", "action", "step", "after", "share", "dossiers", "of_dossiers"],
)

# %% [markdown]
# ## 9. Được gì? · What is gained?
# Mô phỏng: nếu thời gian của bước thẩm định giảm một nửa (ví dụ nhờ bỏ chờ đến sát hạn), một hồ sơ nhanh hơn bao nhiêu giờ làm việc?
#
# *A what-if: appraisal takes half its time.*

# %%
from workbench.simulate import Scale

what_if = log.what_if(Scale("Thẩm định hồ sơ", 0.5), procedure=procedure, dossiers=1_000)
low, high = what_if.interval
wb.bars(
    dict(zip(["hiện nay", "sau thay đổi"], what_if.table["mean"], strict=True)),
    unit="giờ làm việc một hồ sơ",
    digits=1,
)

# %%
f"Tiết kiệm {wb.number(what_if.saved_hours, digits=1)} giờ làm việc một hồ sơ (95 %: {wb.number(low, digits=1)} – {wb.number(high, digits=1)})"

# %% [markdown]
# **Trả lời.** Tên bước được người duyệt thống nhất, mọi ứng viên được chấm trên mọi tỉnh, và mô hình được khuyến nghị đi cùng lý do, mức
# khớp từng tỉnh và danh sách việc phải đổi. Căn cứ pháp lý không nằm trong nhật ký: người soạn thảo phải kiểm tra.
#
# *Legal grounds are not in the log: a person must check them.*

# %%
log.close()
