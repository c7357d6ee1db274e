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
# # Phương pháp của bạn trên kho nhật ký · Your own method on the store
#
# Câu hỏi: **ngay lúc tiếp nhận, có đoán được hồ sơ nào sẽ trễ không?** Trả lời bằng bốn công cụ quen thuộc trên cùng một kho:
# DuckDB, Ibis, pandas và scikit-learn.
#
# *Can lateness be told at acceptance? Answered with DuckDB, Ibis, pandas and scikit-learn on one store.*
#
# Mọi số liệu ở đây là **giả lập** · all data here are **synthetic**.

# %%
from pathlib import Path
from tempfile import mkdtemp

import ibis
import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import workbench as wb

folder = Path(mkdtemp())
log = wb.open(folder / "country.duckdb")
loaded = log.load(wb.synthesise(folder / "log", dossiers=10_000, seed=7))
loaded.dossiers

# %% [markdown]
# ## DuckDB: một câu SQL · One query
# Bảng `dossier` và `event` là bảng thường; tên cột ở [docs/tables.md](../docs/tables.md). Giá trị đi vào bằng tham số.

# %%
by_hour = log.sql(
    """
    select hour(accepted_at) as hour, count(*) as dossiers
    from dossier where channel = $channel and accepted_at is not null group by 1 order by 1
    """,
    {"channel": "desk"},
)
wb.bars(
    {f"{row.hour} giờ": row.dossiers for row in by_hour.itertuples()},
    unit="hồ sơ nộp trực tiếp, theo giờ tiếp nhận",
)

# %% [markdown]
# ## Ibis: biểu thức, chạy được cả trên cụm · Expressions that also run on a cluster
# `log.dossiers()` và `log.events()` nhận đúng những lựa chọn như mọi bước khác. Khối lượng đang chờ của cơ quan lúc hồ sơ đến là một yếu tố
# không có sẵn trong bảng: ta tự tính.
#
# *The load of the agency when a dossier arrives: accepted in the fourteen days before.*

# %%
dossiers = log.dossiers()
fortnight = ibis.range_window(
    group_by=dossiers.agency_code,
    order_by=dossiers.received_at.epoch_seconds(),
    preceding=14 * 86_400,
    following=0,
)
recent = dossiers.mutate(load=dossiers.dossier_key.count().over(fortnight))
load = log.fetch(recent.select("dossier_key", "load"))
load["load"].describe()[["mean", "50%", "max"]].round(1)

# %% [markdown]
# ## pandas: bảng dữ liệu · The table
# Nhãn: trễ theo **Cổng 766**. Chỉ dùng điều đã biết **lúc tiếp nhận**: ngày hẹn trả **đầu tiên**, không phải ngày hẹn đã dời, vì việc dời
# xảy ra sau; dùng gì đến sau là tự lừa mình.
#
# *Only what is known at acceptance: the first due date, not the one moved later.*

# %%
verdicts = log.clocks().table[["dossier_key", "portal", "first_due_at"]]
facts = log.fetch(
    log.dossiers().select(
        "dossier_key", "procedure_code", "level", "channel", "applicant_type", "received_at"
    )
)
data = facts.merge(verdicts, on="dossier_key").merge(load, on="dossier_key")
data = (
    data[data["portal"].isin(["on_time", "late"])]
    .dropna(subset=["received_at", "first_due_at"])
    .sort_values("received_at")
)
data["late"] = (data["portal"] == "late").astype(int)
data["days_allowed"] = (data["first_due_at"] - data["received_at"]).dt.total_seconds() / 86_400
data["weekday"] = data["received_at"].dt.day_name()
data["hour"] = data["received_at"].dt.hour
late_by = data.groupby("procedure_code")["late"].mean().sort_values(ascending=False) * 100
short = log.procedures().set_index("procedure_code")["procedure_name"]
wb.bars(
    late_by.rename(index=short).to_dict(),
    unit="% trễ hạn theo Cổng 766, theo thủ tục",
    digits=1,
)

# %% [markdown]
# ## scikit-learn: học trên quá khứ, chấm trên tương lai · Learn on the past, judge on the future
# Chia theo **thời gian**, không chia ngẫu nhiên: hồ sơ của tháng sau không được dạy cho mô hình của tháng trước.

# %%
cut = data["received_at"].quantile(0.7)
past, future = data[data["received_at"] < cut], data[data["received_at"] >= cut]
known_then = ["procedure_code", "level", "channel", "applicant_type", "weekday"]
numbers = ["days_allowed", "hour", "load"]
model = make_pipeline(
    make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore", min_frequency=20), known_then),
        (StandardScaler(), numbers),
    ),
    LogisticRegression(max_iter=2_000, C=0.3),
)
model.fit(past[known_then + numbers].fillna({name: "?" for name in known_then}), past["late"])
chance = model.predict_proba(
    future[known_then + numbers].fillna({name: "?" for name in known_then})
)[:, 1]

# %% [markdown]
# Một con số không có khoảng tin cậy thì chưa phải kết quả: lấy mẫu lặp theo hồ sơ, có hạt giống cố định. Hai mốc so sánh: đoán theo tỷ lệ
# trễ của từng thủ tục trong quá khứ, và đoán bừa (0,5).
#
# *AUC with bootstrap intervals, beside the past rate of each procedure and pure chance.*

# %%
random = np.random.default_rng(1)
truth = future["late"].to_numpy()
simple = (
    future["procedure_code"]
    .map(past.groupby("procedure_code")["late"].mean())
    .fillna(past["late"].mean())
    .to_numpy()
)


def auc(name: str, guess: np.ndarray) -> dict[str, object]:
    draws = []
    for _ in range(200):
        chosen = random.integers(0, len(truth), len(truth))
        if truth[chosen].any():
            draws.append(roc_auc_score(truth[chosen], guess[chosen]))
    low, high = np.quantile(draws, [0.025, 0.975])
    return {"name": name, "value": roc_auc_score(truth, guess), "low": low, "high": high}


scores = pd.DataFrame([auc("hồi quy logistic", chance), auc("tỷ lệ trễ của thủ tục", simple)])
wb.intervals(
    scores,
    name="name",
    value="value",
    unit="AUC trên 30 % hồ sơ sau cùng (95 %)",
    reference=0.5,
    digits=3,
)

# %% [markdown]
# ## Có ích không? · Is it useful?
# Nếu mỗi tuần chỉ theo dõi được một phần mười số hồ sơ, chọn theo mô hình thì gặp bao nhiêu phần trăm hồ sơ sẽ trễ?
#
# *Of all late dossiers, how many are among the tenth the model would watch?*

# %%
tenth = len(future) // 10
caught = {
    "theo mô hình": truth[np.argsort(-chance)[:tenth]].sum() / truth.sum() * 100,
    "theo tỷ lệ của thủ tục": truth[np.argsort(-simple, kind="stable")[:tenth]].sum()
    / truth.sum()
    * 100,
    "chọn bừa": 10.0,
}
wb.bars(caught, unit="% hồ sơ trễ nằm trong một phần mười được theo dõi", digits=1)

# %% [markdown]
# ## Nói rõ dựa trên cái gì · Say what it rests on
# Mọi kết quả của bàn làm việc mang theo `basis`; phương pháp của bạn cũng nên như vậy.

# %%
basis = log.on_time().basis
pd.Series(
    {
        "hồ sơ": basis.n_dossiers,
        "dùng để học": len(past),
        "dùng để chấm": len(future),
        "trễ trong phần chấm": int(truth.sum()),
        "tiếp nhận": " – ".join(basis.period),
        "giả lập": basis.synthetic,
    },
    name="basis",
).to_frame()

# %% [markdown]
# **Trả lời.** Biết trước được một phần, chủ yếu vì thủ tục khác nhau; mô hình chỉ đáng dùng nếu khoảng tin cậy của nó nằm trên mốc đơn giản.
# Mô hình này không chứa tên người, và không nên dùng để xếp hạng cán bộ.
#
# *No person is ranked by it.*

# %%
log.close()
