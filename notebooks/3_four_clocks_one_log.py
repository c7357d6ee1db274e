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
# # Bốn đồng hồ, một nhật ký · Four clocks, one log
#
# Câu hỏi: **cùng những hồ sơ ấy, vì sao nơi này nói 99 % đúng hạn, nơi kia nói 90 %?**
#
# *Why do offices publish different on-time rates for the same dossiers?*
#
# Mọi số liệu ở đây là **giả lập** · all data here are **synthetic**.

# %%
from pathlib import Path
from tempfile import mkdtemp

import workbench as wb

folder = Path(mkdtemp())
wb.synthesise(folder / "log", dossiers=6_000, seed=7)
log = wb.open(folder / "country.duckdb")
log.load(folder / "log")
log

# %% [markdown]
# ## Bốn cách tính đang được dùng · Four ways in use
#
# | đồng hồ | khi phải bổ sung hồ sơ | nguồn |
# |---|---|---|
# | Quy định | tính lại trọn thời hạn sau khi bổ sung | kiến thức chung, **chưa kiểm chứng** |
# | Cổng 766 | trừ thời gian bổ sung; bổ sung quá một lần là trễ | công thức chỉ số của QĐ 766 trong mã nguồn công khai |
# | Tạm dừng | dời hạn đúng bằng thời gian làm việc đã chờ | OpenCPS, mã nguồn công khai |
# | Địa phương | lấy hạn đã dời, chỉ so **ngày** | một hệ thống một cửa đang chạy, mã nguồn công khai |
#
# *The first is general knowledge and unverified; the others come from public source code.*

# %%
rates = log.on_time()
wb.picture(rates)

# %%
wb.table(
    rates.table, columns=["clock", "n", "on_time", "late", "unknown", "rate", "low", "high"]
)

# %% [markdown]
# ## Vì sao khác nhau? · Why do they differ?
# Đếm hồ sơ mà ít nhất hai đồng hồ kết luận khác nhau, theo nguyên nhân (một hồ sơ có thể có nhiều nguyên nhân).
#
# *Dossiers on which two clocks disagree, by cause.*

# %%
differences = log.clock_differences()
f"{wb.number(differences.n_differing)} trên {wb.number(rates.basis.n_dossiers)} hồ sơ có kết luận khác nhau"

# %%
wb.picture(differences)

# %% [markdown]
# ## Một hồ sơ, bốn kết luận · One dossier, four verdicts
# Hồ sơ này phải bổ sung hai lần. Đồng hồ dừng trong khoảng màu vàng; chấm tròn là hạn theo từng đồng hồ; nét đứt là lúc xong.
#
# *A dossier with two supplements: the clock stands in the yellow stretches, dots are due dates, the dashed line is its end.*

# %%
cases = differences.table
twice = cases[
    (cases["supplements"] > 1) & (cases["law"] == "on_time") & (cases["portal"] == "late")
]
margin = twice["law_due"] - twice["ended_at"]
log.timeline(twice.loc[margin.idxmax(), "dossier_code"])

# %% [markdown]
# Hồ sơ thứ hai xong **trong ngày hẹn nhưng sau giờ hẹn**: ai so theo ngày thì thấy đúng hạn.
# *Finished on the day but after the hour.*

# %%
same_day = cases[(cases["cause"] == "same_day") & (cases["supplements"] == 0)]
beyond = same_day["ended_at"] - same_day["local_due"]
log.timeline(same_day.loc[beyond.idxmax(), "dossier_code"])

# %% [markdown]
# ## Thứ hạng có đổi không? · Does the ranking change?
# Hiệu số giữa hai đồng hồ (điểm phần trăm) cho các tỉnh nhiều hồ sơ nhất. Tỉnh nào hay yêu cầu bổ sung thì chênh nhiều.
#
# *Local rate minus portal rate, in percentage points, for the provinces with the most dossiers.*

# %%
by_province = log.on_time(by="province_code").table
wide = by_province.pivot(index="group", columns="clock", values="rate") * 100
largest = by_province[by_province["clock"] == "portal"].nlargest(10, "n")["group"]
gap = (wide["local"] - wide["portal"]).loc[largest].sort_values(ascending=False)
wb.bars(gap.to_dict(), unit="điểm phần trăm (địa phương − Cổng 766)", digits=1)

# %%
portal = by_province[
    (by_province["clock"] == "portal") & by_province["group"].isin(largest)
].sort_values("rate")
portal[["rate", "low", "high"]] *= 100
country = float(rates.table.set_index("clock").loc["portal", "rate"] * 100)
unit = "% đúng hạn theo Cổng 766, khoảng tin cậy 95 % (Wilson)"
wb.intervals(portal, name="group", value="rate", unit=unit, reference=country)

# %% [markdown]
# Nét đứt là tỷ lệ cả nước. Khoảng tin cậy chồng lên nhau: phần lớn thứ hạng **không có ý nghĩa thống kê**.
# *Overlapping intervals: most of the ranking says nothing.*
#
# **Trả lời.** Bốn con số đều "đúng" theo đồng hồ của mình. Vì thế mọi số liệu của bàn làm việc ghi rõ đồng hồ, sự kiện kết thúc
# và lịch làm việc đã dùng; không ghi đồng hồ thì không so sánh được hai nơi.

# %%
log.close()
