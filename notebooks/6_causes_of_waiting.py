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
# # Hồ sơ chờ vì sao? · Causes of waiting
#
# Câu hỏi: **hồ sơ đăng ký biến động đất đai chờ ở đâu, chờ vì cái gì, và có đo được đúng sự thật không?**
#
# *Where and why do land dossiers wait, and is the measurement right?*
#
# Mọi số liệu ở đây là **giả lập**: vì thế ta biết sự thật đã gieo và kiểm tra được phép đo.
# *All data are synthetic, so the truth is known and the measurement can be checked.*

# %%
import json
from pathlib import Path
from tempfile import mkdtemp

import pandas as pd

import workbench as wb

folder = Path(mkdtemp())
source = wb.synthesise(folder / "log", dossiers=6_000, seed=7)
log = wb.open(folder / "country.duckdb")
loaded = log.load(source)
procedure = "1.013831"
change = log.accept_vocabulary(
    log.propose_vocabulary(procedure), minimum_confidence=0.5, reviewer="notebook"
)

# %% [markdown]
# ## Năm nguyên nhân · Five causes
# Thời gian chờ giữa hai bước được cắt thành năm phần không chồng nhau, theo Lashkevich, Milani, Chapela-Campa, Suvorau và Dumas (2023):
#
# | nguyên nhân | nghĩa là |
# |---|---|
# | gom lô | người xử lý rảnh nhưng hồ sơ chờ đủ lô, hoặc bị giữ đến ngày hẹn |
# | người xử lý bận hồ sơ đến trước | xếp hàng bình thường |
# | người xử lý ưu tiên hồ sơ đến sau | bị vượt |
# | ngoài giờ làm việc | đêm, nghỉ trưa, cuối tuần, lễ |
# | nguyên nhân bên ngoài | phần còn lại: chờ người dân, cơ quan khác, hoặc lý do không có trong nhật ký |

# %%
waiting = log.waiting(procedure=procedure)
wb.picture(waiting)

# %% [markdown]
# Theo **đồng hồ**, phần lớn là đêm và cuối tuần. Theo **giờ làm việc** mới thấy phần mà cơ quan thay đổi được.
#
# *By the clock most of it is nights and weekends; in working time the rest shows.*

# %%
overall = waiting.overall[waiting.overall["cause"] != "unavailability"]
wb.parts(
    overall.set_index("cause")[["working_seconds"]].T.rename(
        index={"working_seconds": "mọi tỉnh"}
    )
)

# %%
wb.table(waiting.overall, columns=["cause", "seconds", "share", "low", "high"])

# %% [markdown]
# ## Chờ ở đâu? · Where?
# Mười chỗ chuyển bước chờ lâu nhất, tính theo giờ làm việc của mọi hồ sơ. *The ten hand-overs that wait most, in working days.*

# %%
worst = waiting.transitions.nlargest(10, "wait_working_seconds")
places = worst["source"] + " → " + worst["target"]
wb.bars(
    dict(zip(places, worst["wait_working_seconds"] / 8 / 3600, strict=True)),
    unit="ngày làm việc chờ, mọi hồ sơ",
    digits=0,
)

# %%
split = worst.head(6).set_index(places.head(6))
columns = [
    name
    for name in split.columns
    if name.endswith("_working_seconds") and name != "wait_working_seconds"
]
named = split[columns].rename(columns=lambda name: name.removesuffix("_working_seconds"))
wb.parts(named.drop(columns="unavailability"))

# %% [markdown]
# ## Phép đo có đúng không? · Is the measurement right?
# Nhật ký giả lập ghi lại nguyên nhân thật của từng giờ chờ (`truth.json`). Chỉ một phần sự kiện ghi lúc bắt đầu, nên lúc bắt đầu của
# các sự kiện khác được **ước lượng**; đây là nơi phép đo có thể sai.
#
# *Measured shares beside the planted truth, in working time. Most start times are estimated, which is where it can fail.*

# %%
truth = pd.DataFrame(json.loads((source / "truth.json").read_text("utf-8"))["waiting"])
truth = truth[
    (truth["procedure"] == procedure)
    & ~truth["step"].isin(["Tiếp nhận hồ sơ", "Từ chối tiếp nhận hồ sơ"])
]
kinds = ["batching", "contention", "prioritisation", "extraneous"]
planted = truth[kinds].mul(truth["n"], axis=0).sum()
measured = waiting.overall.set_index("cause")["working_seconds"].loc[kinds] / 3600
wb.parts(pd.DataFrame({"sự thật đã gieo": planted, "đo được": measured}).T)

# %%
gap = (measured / measured.sum() - planted / planted.sum()).abs().max() * 100
f"Chênh lệch lớn nhất giữa đo được và sự thật: {wb.number(gap, digits=1)} điểm phần trăm; {wb.number(waiting.method.started_share * 100, digits=0)} % lần chờ có ghi lúc bắt đầu"

# %% [markdown]
# **Đọc cho đúng.** Gom lô đo được **thấp hơn** sự thật, phần thiếu nằm ở "nguyên nhân bên ngoài". Nhật ký nhỏ, hồ sơ thưa: buổi ký chỉ có
# một hồ sơ thì không còn dấu vết của lô, và hồ sơ bị giữ lại trông như đang chờ nơi khác. Vì vậy con số gom lô là **mức ít nhất**.
#
# *Batching is measured too low in a sparse log: a batch of one leaves no trace. Read it as a lower bound.*

# %% [markdown]
# ## Đồng hồ pháp lý có đứng không? · Does the legal clock stand?
# Phần chờ trong lúc chờ người dân bổ sung hoặc nộp thuế không tính vào thời hạn. *Part of the waiting does not count.*

# %%
total = float(waiting.overall["seconds"].sum())
wb.parts(
    pd.DataFrame(
        {
            "đồng hồ pháp lý đứng": [waiting.paused_seconds],
            "đồng hồ pháp lý chạy": [total - waiting.paused_seconds],
        },
        index=["thời gian chờ"],
    )
)

# %% [markdown]
# **Trả lời.** Ngoài giờ làm việc chiếm phần lớn thời gian theo đồng hồ; trong giờ làm việc, phần lớn nhất nằm ở các bước có cơ quan khác hoặc
# người dân. Gom lô (ký theo buổi, giữ đến sát ngày hẹn) là phần cơ quan tự sửa được mà không thêm người.
#
# *Batching is what an office can mend without more staff.*

# %%
log.close()
