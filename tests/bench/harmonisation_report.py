"""The measured figures of harmonising as a page with their definitions, and the curve of step names over noise."""

from __future__ import annotations

from statistics import mean
from typing import Any

from tests.bench import scores

NAMES_GOAL = 0.95


def report(found: dict[str, list[dict[str, Any]]], machine: str) -> str:
    """The whole page."""
    parts = [
        "# Harmonising, measured\n",
        f"`python -m tests.bench harmonisation` on {machine}. The figures are the same on every machine (budgets are counted, "
        "not timed). Synthetic logs: the national scenario of `datasets/national`; no real dossier.\n",
        _permits(found["permits"]),
        _validation(found["validation"]),
        _names(found),
        _planted(found["planted"], "Recommendations against planted deviations"),
        _planted(found["held_out"], "The same on logs held out (seeds 11 and more, looked at once, at the end)"),
        _null(found["null"]),
    ]
    return "\n".join(part for part in parts if part)


def _number(value: Any, digits: int = 3) -> str:
    if value is None:
        return "–"
    return f"{value:.{digits}f}" if isinstance(value, float) else str(value)


def _table(head: list[str], rows: list[list[Any]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(_number(cell) for cell in row) + " |" for row in rows)]) + "\n"


def _share(one: dict[str, Any]) -> str:
    if one["share"] is None:
        return "–"
    return f"{one['share']:.3f} ({one['hits']}/{one['n']}; 95 %: {one['low']:.3f}–{one['high']:.3f})"


def _permits(found: list[dict[str, Any]]) -> str:
    kept = [one for one in found if one["rows"]]
    if not kept:
        return "## Three municipalities, one procedure\n\nNot measured" + (": logs not present.\n" if found else ".\n")
    one = kept[0]
    goals = {
        "unified model": "F ≥ .83, size ≤ 110",
        "configurable model, configured": f"F ≥ .86, size < {one['separate']}",
    }
    keys = ("f", "fitness", "precision")
    rows = [
        [row["model"], *(row[key] for key in keys), " ".join(f"{v:.3f}" for v in row["fitness_each"]), row["size"],
         {True: "yes", False: "no", None: "unknown"}[row["sound"]], goals.get(row["model"], "")]
        for row in one["rows"]
    ]  # fmt: skip
    head = ["model", "mean F", "fitness", "precision", "fitness per log", "size", "sound", "goal"]
    return (
        "## Three municipalities, one procedure (BPIC15_1f to 3f)\n\n"
        "Fitness: log fitness from alignments, every event counts. Precision: escaping edges over the aligned runs. F: their "
        "harmonic mean. Means count each log once. Size: BPMN nodes; of own models and of configurations the sum of the "
        "own models and the configurable model with all options. Coverage is the fitness per log beside that of the pooled "
        f"model. Seed {one['seed']}, {one['evaluations']} models judged on at most "
        f"{one.get('search_events', 50_000):,} events of distinct variants.\n\n" + _table(head, rows)
    )


def _validation(found: list[dict[str, Any]]) -> str:
    cases = [one for one in found if one.get("unified_unseen") is not None]
    left = [one for one in found if one.get("f_derived") is not None]
    out = ""
    if cases:
        keys = (
            "unified_learnt",
            "unified_unseen",
            "pooled_unseen",
            "configured_learnt",
            "configured_unseen",
            "size",
            "size_pooled",
        )
        rows = [[one["group"], f"{one['fold'] + 1} of {one['folds']}", *(one[key] for key in keys)] for one in cases]
        head = [
            "logs",
            "fold",
            "unified, learnt",
            "unified, unseen",
            "pooled, unseen",
            "configured, learnt",
            "configured, unseen",
            "size",
            "size pooled",
        ]
        out += f"## Cross-validation over dossiers\n\nMean F; {cases[0]['evaluations']} models judged.\n\n" + _table(
            head, rows
        )
    if left:
        keys = (
            "f_unified",
            "f_pooled",
            "f_best_single",
            "f_derived",
            "f_own",
            "size_unified",
            "size_derived",
            "size_own",
        )
        rows = [
            [
                one["group"],
                one["left_out"],
                one["evaluations"],
                *(one[key] for key in keys),
                "yes" if one["derived_sound"] else "no",
            ]
            for one in left
        ]
        head = [
            "logs",
            "left out",
            "models judged",
            "unified of the others",
            "pooled others",
            "best other single",
            "derived configuration",
            "its own model",
            "size unified",
            "size derived",
            "size own",
            "derived sound",
        ]
        out += (
            "\n## Cross-validation over organisations\n\nF on the log of the organisation left out. `Derived`: its configuration chosen "
            "from its log among the options the other organisations left (`configure`).\n\n" + _table(head, rows)
        )
    return out


def _names(found: dict[str, list[dict[str, Any]]]) -> str:
    out = (
        "## Step names before any review\n\nPairwise F1 of a procedure: over all pairs of (organisation, label), put under one "
        f"step or not, against the truth. Goal ≥ {NAMES_GOAL} at default noise (1.0).\n\n"
    )
    rows = []
    for part, title in (("planted", "seeds 1 to 10"), ("held_out", "held out")):
        by_seed: dict[int, list[float]] = {}
        for row in scores.names(found[part]):
            by_seed.setdefault(row["seed"], []).append(row["f1"])
        if by_seed:
            every = [value for values in by_seed.values() for value in values]
            means = [mean(values) for values in by_seed.values()]
            rows.append(
                [
                    title,
                    len(by_seed),
                    len(every),
                    mean(every),
                    min(means),
                    min(every),
                    sum(v < NAMES_GOAL for v in every),
                ]
            )
    head = ["logs", "seeds", "procedures", "mean F1", "worst seed", "worst procedure", "procedures below the goal"]
    out += _table(head, rows) if rows else "Not measured.\n"
    curve = _curve(scores.names(found["names"]))
    if curve:
        seeds = sorted({row["seed"] for row in scores.names(found["names"])})
        n = found["names"][0]["dossiers"]
        out += f"\nOver noise ({len(seeds)} seeds of {n:,} dossiers), drawn in `harmonisation_names.svg`:\n\n"
        out += _table(
            ["noise", "mean F1", "worst procedure", "procedures"], [[str(noise), *row] for noise, row in curve.items()]
        )
    return out


def _curve(rows: list[dict[str, Any]]) -> dict[float, list[Any]]:
    by: dict[float, list[float]] = {}
    for row in rows:
        by.setdefault(float(row["noise"]), []).append(row["f1"])
    return {noise: [mean(values), min(values), len(values)] for noise, values in sorted(by.items())}


def _planted(runs: list[dict[str, Any]], title: str) -> str:
    if not runs:
        return f"## {title}\n\nNot measured.\n"
    got = scores.recovery(runs)
    seeds = ", ".join(str(run["seed"]) for run in runs)
    rows = [
        ["recall", "≥ .9", _share(got["recall"])],
        ["precision", "≥ .9", _share(got["precision"])],
        ["coverage of 95 % effect intervals", "≥ .9", _share(got["coverage"])],
        ["right move", "", _share(got["right_move"])],
        ["recall, too small ones included", "", _share(got["recall_of_all_planted"])],
        ["precision of verdict `recommended` alone", "", _share(got["precision_recommended"])],
        ["recall of verdict `recommended` alone", "", _share(got["recall_recommended"])],
    ]
    kinds = [
        [kind, _share(one["recall"]), _share(one["coverage"]), one["mean_planted_hours"], one["mean_found_hours"]]
        for kind, one in got["by_kind"].items()
        if one["recall"]["n"]
    ]
    return (
        f"## {title}\n\nSeeds {seeds}; {runs[0]['dossiers']:,} dossiers each; one in {runs[0]['part']} procedures of each log, "
        f"others with every seed; step names by unreviewed proposals. {got['planted']} deviations planted, "
        f"{got['planted_too_few']} of them in organisations with fewer than {scores.ENOUGH} closed dossiers of the procedure, which "
        "are named as too few to judge.\n\n"
        "Recovered: a recommendation of the same procedure, organisation and kind, one of whose steps is by the truth a step of "
        "the deviation. Precision: over all recommendations but those that only ask to look at a name. Intervals: exact "
        "(Clopper and Pearson).\n\n"
        + _table(["measure", "goal", "measured"], rows)
        + "\n"
        + _table(["kind", "recall", "coverage", "planted hours", "found hours"], kinds)
        + _misses(got)
    )


def _misses(got: dict[str, Any]) -> str:
    lines = [
        f"- missed: seed {one['seed']}, {one['procedure']}, {one['province']}, {one['kind']}: {one['dossiers_affected']} of "
        f"{one['dossiers']} dossiers show it, {_number(one['effect_working_hours'], 1)} h"
        for one in got["missed"]
    ]
    lines += [
        f"- false: seed {one['seed']}, {one['procedure']}, {one['organisations'][0]}, {one['kind']} {', '.join(one['steps'])} "
        f"({one['verdict']})"
        for one in got["false"]
    ]
    lines += [
        f"- interval misses: seed {one['seed']}, {one['procedure']}, {one['province']}, {one['kind']}: planted "
        f"{_number(one['effect_working_hours'], 1)} h, found {_number(one['found']['effect_working_hours'], 1)} h "
        f"({one['found']['interval'][0]:.1f}–{one['found']['interval'][1]:.1f})"
        for one in got["not_covering"]
    ]
    return "\nEvery miss:\n\n" + "\n".join(lines) + "\n" if lines else ""


def _null(runs: list[dict[str, Any]]) -> str:
    if not runs:
        return "## Logs without planted differences\n\nNot measured.\n"
    got = scores.nulls(runs)
    false = [
        f"- seed {one['seed']}, {one['procedure']}, {one['organisations'][0]}: {one['kind']} {', '.join(one['steps'])} ({one['verdict']}, q {one['q_value']:.3g})"
        for one in got["false"]
    ]
    rows = [
        ["logs with any false discovery", "≤ .05", _share(got["runs_with_false"])],
        ["calls (one procedure each) with any", "≤ .05", _share(got["calls_with_false"])],
    ]
    return (
        f"## Logs without planted differences\n\n{got['runs']} logs of {runs[0]['dossiers']:,} dossiers, one in {runs[0]['part']} procedures "
        f"of each, {got['tests']:,} differences tested at a false-discovery rate of 5 % a call. A false discovery is any "
        "recommendation but those that only ask to look at a name.\n\n"
        + _table(["measure", "goal", "measured"], rows)
        + ("\n" + "\n".join(false) + "\n" if false else "")
    )


def chart(rows: list[dict[str, Any]]) -> str:
    """Mean and worst F1 over noise as an SVG."""
    curve = _curve(rows)
    width, height, left, bottom, top = 640, 320, 56, 44, 16

    def x(noise: float) -> float:
        return left + noise / 2 * (width - left - 24)

    low = min([0.9, *(values[1] for values in curve.values())]) - 0.01

    def y(value: float) -> float:
        return top + (1 - value) / (1 - low) * (height - top - bottom)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
        "<title>Pairwise F1 of step names over noise</title>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<path d="M{left} {top}V{height - bottom}H{width - 24}" fill="none" stroke="#444"/>',
        f'<path d="M{left} {y(NAMES_GOAL):.1f}H{width - 24}" stroke="#b00" stroke-dasharray="4 4"/>',
        f'<text x="{width - 28}" y="{y(NAMES_GOAL) - 5:.1f}" text-anchor="end" fill="#b00">goal {NAMES_GOAL}</text>',
        f'<text x="{(left + width) / 2:.0f}" y="{height - 8}" text-anchor="middle">noise (1 = default)</text>',
    ]
    for noise in curve:
        parts.append(f'<text x="{x(noise):.1f}" y="{height - bottom + 16}" text-anchor="middle">{noise:g}</text>')
    for step in range(5):
        value = low + (1 - low) * step / 4
        parts.append(f'<text x="{left - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value:.3f}</text>')
    for place, colour, name in ((0, "#1864ab", "mean"), (1, "#868e96", "worst procedure")):
        points = " ".join(f"{x(noise):.1f},{y(values[place]):.1f}" for noise, values in curve.items())
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<text x="{left + 12}" y="{height - bottom - 28 + 16 * place}" fill="{colour}">{name}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"
