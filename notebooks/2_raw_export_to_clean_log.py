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
# # Từ tệp xuất thô đến nhật ký sạch · From raw export to clean log
#
# Câu hỏi: **một tệp xuất từ phần mềm một cửa có vào được kho không, dòng nào bị từ chối, và phần đã vào tin được đến đâu?**
#
# *Can an export of a one-stop system be loaded, which rows are refused, and how far can the rest be trusted?*
#
# Mọi số liệu ở đây là **giả lập** · all data here are **synthetic**.

# %%
from pathlib import Path
from tempfile import mkdtemp

import pandas as pd

import workbench as wb

folder = Path(mkdtemp())
source = wb.synthesise(folder / "log", dossiers=3_000, seed=11)

# %% [markdown]
# ## Một tệp như ngoài đời · A file as it comes
# Một tỉnh gửi một tệp CSV: tiêu đề tiếng Việt, dấu chấm phẩy, ngày kiểu `dd/MM/yyyy`, có tên và số định danh của người nộp.
# Ta cố ý làm hỏng bốn dòng, như vẫn gặp khi có người sửa tay trong Excel.
#
# *Vietnamese headings, semicolons, dates as dd/MM/yyyy, personal fields, and four rows damaged on purpose.*

# %%
events = pd.read_parquet(source / "events.parquet")
dossiers = pd.read_parquet(source / "dossiers.parquet")
both = events.merge(dossiers, on=["province_code", "dossier_code"], suffixes=("", "_dossier"))
both = both[both["province_code"] == "H29"].reset_index(drop=True)


def written(times: pd.Series) -> pd.Series:
    return times.dt.strftime("%d/%m/%Y %H:%M:%S")


raw = pd.DataFrame(
    {
        "Mã hồ sơ": both["dossier_code"],
        "Mã TTHC": both["procedure_code"] + ".000.00.00.H29",
        "Tên TTHC": both["procedure_name"],
        "Chủ hồ sơ": both["applicant"],
        "Số định danh": both["applicant_id"],
        "Ngày tiếp nhận": written(both["accepted_at"]),
        "Ngày hẹn trả": written(both["due_at"]),
        "Ngày kết thúc xử lý": written(both["closed_at"]),
        "Ngày trả kết quả": written(both["returned_at"]),
        "Nội dung xử lý": both["label"],
        "Thời điểm xử lý": written(both["completed_at"]),
        "Phòng ban xử lý": both["unit"],
        "Người xử lý": both["officer"],
    }
)
good = raw.copy()
raw.loc[10, "Mã hồ sơ"] = None
raw.loc[20, "Thời điểm xử lý"] = "31/02/2025 09:00:00"
raw.loc[30, "Nội dung xử lý"] = None
raw.loc[40, "Thời điểm xử lý"] = "chưa nhập"
file = folder / "xuat_mot_cua.csv"
raw.to_csv(file, sep=";", index=False, encoding="utf-8-sig")
raw[
    [
        "Mã hồ sơ",
        "Mã TTHC",
        "Chủ hồ sơ",
        "Ngày tiếp nhận",
        "Nội dung xử lý",
        "Thời điểm xử lý",
        "Người xử lý",
    ]
].head(4)

# %% [markdown]
# ## Cột nào là gì? · What is each column?
# Chưa nạp gì cả. Mỗi cột có một đề xuất kèm độ tin cậy và lý do; người dùng sửa được từng dòng.
#
# *Nothing is loaded yet: a proposal for each column, with its reason.*

# %%
seen = wb.preview(file, set={"province": "H29"})
wb.table(seen.choices(), columns=["source_column", "canonical", "confidence", "why"], limit=20)

# %% [markdown]
# Cột `Chủ hồ sơ`, `Số định danh` và `Người xử lý` được **băm có khóa ngay tại cửa**: trong kho không có tên ai.
# *Personal fields are keyed-hashed at the door.*
#
# ## Nạp: được cả hoặc không gì cả · Load: all or nothing

# %%
log = wb.open(folder / "one_province.duckdb")
loaded = log.load(file, set={"province": "H29"})
wb.bars(
    {
        "nạp": loaded.rows_loaded,
        "cách ly": loaded.rows_quarantined,
        "trùng": loaded.rows_duplicate,
    },
    unit=f"{wb.number(loaded.rows_in)} dòng vào",
)

# %% [markdown]
# Phép cộng phải khớp: dòng vào = nạp + cách ly + trùng. *The counts must add up.*

# %%
assert loaded.rows_in == loaded.rows_loaded + loaded.rows_quarantined + loaded.rows_duplicate

# %% [markdown]
# ## Vì sao bị từ chối? · Why were rows refused?
# Dòng bị từ chối không mất: nó nằm trong khu cách ly với tệp, số dòng, giá trị và lý do.
# *Refused rows wait in quarantine with file, line, value and reason.*

# %%
wb.table(log.quarantine(), columns=["line", "column_name", "value", "reason"])

# %% [markdown]
# ## Sửa rồi nạp lại · Correct and load again
# Nạp lại tệp đã sửa: dòng cũ được nhận ra là trùng, chỉ bốn dòng mới đi vào. Nạp hai lần không làm số liệu tăng gấp đôi.
#
# *Old rows are recognised; only the four corrected ones are new.*

# %%
corrected = folder / "xuat_mot_cua_da_sua.csv"
good.to_csv(corrected, sep=";", index=False, encoding="utf-8-sig")
again = log.load(corrected, profile=loaded.profile)
wb.bars(
    {"nạp": again.rows_loaded, "cách ly": again.rows_quarantined, "trùng": again.rows_duplicate}
)

# %% [markdown]
# ## Phần đã vào tin được đến đâu? · How far can the rest be trusted?
# Phần mềm gửi dữ liệu tự thêm bước, thay tên, chép ngày. Mỗi dấu vết được đếm trên số hồ sơ **có thể thấy được** nó;
# cách nhận ra từng dấu vết lấy từ mã nguồn công khai của hai hệ thống đang chạy.
#
# *Traces of synchronisation, each over the dossiers on which it can be seen.*

# %%
report = log.quality()
wb.picture(report)

# %%
wb.table(
    report.checks[report.checks["count"] > 0],
    columns=["check", "count", "of", "share", "evidence"],
)

# %% [markdown]
# Con số nào cũng mở ra được thành hồ sơ. *Every count opens into its dossiers.*

# %%
wb.table(
    log.dossiers_behind("synthetic_first", limit=5),
    columns=["dossier_code", "procedure_code", "accepted_at", "first_at", "event_count"],
)

# %% [markdown]
# ## Kết quả · The result
# Bước do hệ thống tự sinh được **để ngoài chuỗi**, nên không làm sai thời gian chờ; hồ sơ thật vẫn còn nguyên.
# *Invented events are left out of the chain.*

# %%
log

# %%
wb.table(log.variants(limit=5).table, columns=["variant", "count", "share", "median_seconds"])

# %% [markdown]
# **Trả lời.** Tệp vào được với một câu lệnh; bốn dòng hỏng được chỉ đúng chỗ và sửa được; các dấu vết đồng bộ được đếm
# trước khi bất kỳ con số nào khác được đọc. Nạp nhầm thì `log.retract(số lần nạp)` đưa kho về như chưa từng nạp.

# %%
log.close()
