"""What was found against what was planted, counted from the outcomes of `tests.bench.synthetic`.

- A recommendation *speaks of* a planted deviation when it names the same procedure and organisation, is of the same kind
  (added step, step left out, supplements) and one of its steps is, by the truth, a step of the deviation.
- Recall: planted deviations some recommendation speaks of, among those in organisations with at least `ENOUGH` closed
  dossiers of the procedure (fewer are said to be too few to judge). Precision: recommendations that speak of a planted
  deviation, among all but those that only ask to look at a step's name (verdict `vocabulary`).
- Coverage: effect intervals that hold the planted effect, among matched recommendations with an interval.
- A false discovery of a log without planted differences is any recommendation but those of verdict `vocabulary`.
"""

from __future__ import annotations

from typing import Any

from scipy.stats import beta

ENOUGH = 30
SILENT = ("vocabulary", "too_few_cases")
"""Verdicts that claim no difference in the way of working."""
OF_KIND = {
    "extra_signature": ("extra_step", "repeated_step"),
    "ward_prestep": ("extra_step",),
    "extra_handover": ("extra_step",),
    "tax_inside": ("extra_step",),
    "double_appraisal": ("extra_step", "repeated_step"),
    "tax_outside": ("missing_step",),
    "repeated_supplements": ("repeated_supplements",),
}
MOVE_OF = {
    "extra_signature": "cut_signature",
    "ward_prestep": "remove",
    "extra_handover": "cut_handover",
    "tax_inside": "parallelise",
    "double_appraisal": "merge",
    "tax_outside": "delegate",
    "repeated_supplements": "cut_repeated_supplement",
}


def names(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Pairwise precision, recall and F1 of every procedure of every run."""
    out = []
    for run in runs:
        for entry in run["procedures"]:
            facts = {"seed": run["seed"], "noise": run["noise"], "procedure": entry["procedure"]}
            out.append({**facts, "labels": entry["names"]["labels"], **pairwise(entry["names"])})
    return out


def pairwise(counted: dict[str, Any]) -> dict[str, float]:
    """Precision, recall and F1 over pairs; 1 where there are none to find."""
    precision = counted["both"] / counted["proposed"] if counted["proposed"] else 1.0
    recall = counted["both"] / counted["true"] if counted["true"] else 1.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return {"precision": precision, "recall": recall, "f1": f1}


def speaks_of(item: dict[str, Any], planted: dict[str, Any]) -> bool:
    """Whether a recommendation is about a planted deviation of the same procedure."""
    if planted["province"] not in item["organisations"] or item["kind"] not in OF_KIND[planted["kind"]]:
        return False
    if planted["kind"] == "repeated_supplements":
        return True
    known = set(item["true_steps"]) or set(item["steps"])
    if planted["kind"] == "double_appraisal" and item["kind"] == "repeated_step":
        return any(step.startswith("Thẩm định") for step in known)
    return bool(known & set(planted["steps"]))


def judged(run: dict[str, Any]) -> list[dict[str, Any]]:
    """The procedures of a run whose recommendations were asked for."""
    return [entry for entry in run["procedures"] if "items" in entry]


def recovered(run: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The planted deviations and the recommendations of a run, each with what it was matched to."""
    planted, items = [], []
    for entry in judged(run):
        claims = [item for item in entry["items"] if item["verdict"] not in SILENT]
        for one in entry["planted"]:
            matched = [item for item in claims if speaks_of(item, one)]
            few = one["province"] in entry["too_few"] or one["dossiers"] == 0
            best = max(matched, key=lambda item: len(item["steps"]), default=None)
            planted.append({**one, "seed": run["seed"], "too_few": few, "found": best})
        for item in claims:
            about = next((one for one in entry["planted"] if speaks_of(item, one)), None)
            items.append({**item, "seed": run["seed"], "about": about})
    return {"planted": planted, "items": items}


def recovery(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Recall, precision, share of right moves and interval coverage over some runs, with exact 95 % intervals."""
    both = [recovered(run) for run in runs]
    planted = [one for run in both for one in run["planted"]]
    items = [one for run in both for one in run["items"]]
    large = [one for one in planted if not one["too_few"]]
    found = [one for one in large if one["found"]]
    sound = [one for one in items if one["about"]]
    timed = [one for one in found if one["found"]["interval"] and one["effect_working_hours"] is not None]
    inside = [one for one in timed if _inside(one)]
    acted = [one for one in items if one["verdict"] == "recommended"]
    return {
        "runs": len(runs),
        "planted": len(planted),
        "planted_too_few": len(planted) - len(large),
        "recall": share(len(found), len(large)),
        "recall_of_all_planted": share(sum(bool(one["found"]) for one in planted), len(planted)),
        "precision": share(len(sound), len(items)),
        "precision_recommended": share(sum(bool(one["about"]) for one in acted), len(acted)),
        "recall_recommended": share(sum(one["found"]["verdict"] == "recommended" for one in found), len(large)),
        "right_move": share(sum(one["found"]["move"] == MOVE_OF[one["kind"]] for one in found), len(found)),
        "coverage": share(len(inside), len(timed)),
        "missed": [_short(one) for one in large if not one["found"]],
        "false": [_claim(one) for one in items if not one["about"]],
        "not_covering": [_short(one) for one in timed if not _inside(one)],
        "by_kind": {kind: _kind(large, timed, kind) for kind in OF_KIND},
    }


def nulls(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """False discoveries in logs without planted differences, by log and by call (one procedure)."""
    claims = [recovered(run)["items"] for run in runs]
    calls = [entry for run in runs for entry in judged(run)]
    false_calls = sum(any(item["verdict"] not in SILENT for item in entry["items"]) for entry in calls)
    return {
        "runs": len(runs),
        "tests": sum(entry["tests"] for entry in calls),
        "runs_with_false": share(sum(bool(one) for one in claims), len(runs)),
        "calls_with_false": share(false_calls, len(calls)),
        "false": [_claim(item) for one in claims for item in one],
    }


def share(hits: int, n: int) -> dict[str, Any]:
    """A share with its exact (Clopper and Pearson) 95 % interval."""
    if not n:
        return {"hits": hits, "n": n, "share": None, "low": None, "high": None}
    low = float(beta.ppf(0.025, hits, n - hits + 1)) if hits else 0.0
    high = float(beta.ppf(0.975, hits + 1, n - hits)) if hits < n else 1.0
    return {"hits": hits, "n": n, "share": hits / n, "low": low, "high": high}


def _inside(one: dict[str, Any]) -> bool:
    low, high = one["found"]["interval"]
    return bool(low <= one["effect_working_hours"] <= high)


def _kind(large: list[dict[str, Any]], timed: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    planted = [one for one in large if one["kind"] == kind]
    with_time = [one for one in timed if one["kind"] == kind]
    found = sum(bool(one["found"]) for one in planted)
    return {
        "recall": share(found, len(planted)),
        "coverage": share(sum(_inside(one) for one in with_time), len(with_time)),
        "mean_planted_hours": _mean([one["effect_working_hours"] for one in with_time]),
        "mean_found_hours": _mean([one["found"]["effect_working_hours"] for one in with_time]),
    }


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _short(one: dict[str, Any]) -> dict[str, Any]:
    kept = ("seed", "procedure", "province", "kind", "dossiers", "dossiers_affected", "effect_working_hours")
    found = one["found"] or {}
    return {**{key: one[key] for key in kept}, "found": {k: found.get(k) for k in ("effect_working_hours", "interval")}}


def _claim(item: dict[str, Any]) -> dict[str, Any]:
    kept = (
        "seed",
        "procedure",
        "organisations",
        "kind",
        "move",
        "steps",
        "share",
        "usual",
        "dossiers",
        "q_value",
        "verdict",
    )
    return {key: item[key] for key in kept}
