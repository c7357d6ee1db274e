"""One model judged on every organisation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from workbench.errors import ModelError
from workbench.harmonise.conformance import changes as change_room
from workbench.harmonise.conformance.judge import Judge, mean_f, mean_fitness, mean_precision
from workbench.harmonise.conformance.step_times import StepTimes, expected_hours
from workbench.mining.model import Bpmn, PetriNet
from workbench.mining.pm4py_door import to_petri
from workbench.mining.states import Soundness, prove_soundness
from workbench.progress import Progress, silent
from workbench.results import Result, plain


@dataclass(frozen=True, slots=True)
class ModelEvaluation(Result):
    """Fit, simplicity, soundness, time and changes of one model."""

    organisations: pd.DataFrame
    """organisation, dossiers, fitness, precision, f, limited, add, drop, move, changes, expected_working_hours,
    recorded_working_hours (both NaN where no working time is recorded)."""
    size: int
    control_flow_complexity: int
    soundness: Soundness
    fitness: float | None
    """Mean over organisations, each counted once; so are precision and f."""
    precision: float | None
    f: float | None
    changes: pd.DataFrame
    """Steps to drop, move and add per organisation."""

    @property
    def sound(self) -> bool | None:
        """Proved sound, proved unsound, or unknown."""
        return self.soundness.sound

    @property
    def worst_f(self) -> float | None:
        """F of the organisation the model describes worst."""
        values = self.organisations["f"].dropna()
        return float(values.min()) if len(values) else None

    def facts(self) -> dict[str, Any]:
        """The evaluation as written to `evaluation.json`."""
        table = self.organisations
        shown = ["fitness", "precision", "f", "dossiers", "limited", "changes", "expected_working_hours"]
        return {
            "size": self.size,
            "control_flow_complexity": self.control_flow_complexity,
            "sound": self.sound,
            "soundness": {"reason": self.soundness.reason, "markings": self.soundness.markings},
            "organisations": {
                row["organisation"]: {key: plain(row[key]) for key in shown} for row in table.to_dict("records")
            },
            "mean": {
                "fitness": self.fitness,
                "precision": self.precision,
                "f": self.f,
                "changes": plain(table["changes"].mean()),
                "expected_working_hours": plain(table["expected_working_hours"].mean()),
            },
        }


def evaluate_model(
    judge: Judge, model: Bpmn, *, times: StepTimes | None = None, progress: Progress = silent
) -> ModelEvaluation:
    """A BPMN model judged on the logs of a judge; an unsound one is judged as far as it has runs to its end."""
    net = to_petri(model)
    soundness = prove_soundness(net)
    try:
        scores = judge.scores(net, progress)
    except ModelError:
        return _without_runs(judge, model, soundness)
    found = judge.align(net, progress)
    table = pd.DataFrame(
        [(name, s.dossiers, s.fitness, s.precision, s.f, s.limited) for name, s in scores.items()],
        columns=["organisation", "dossiers", "fitness", "precision", "f", "limited"],
    ).astype({"fitness": float, "precision": float, "f": float})
    to_change = change_room.changes(judge.logs, found)
    table = table.merge(change_room.numbers(to_change, judge.logs), on="organisation", how="left")
    if times is None:
        table = table.assign(expected_working_hours=float("nan"), recorded_working_hours=float("nan"))
    else:
        table = table.merge(expected_hours(judge.logs, found, times), on="organisation", how="left")
    return ModelEvaluation(
        organisations=table,
        size=model.size,
        control_flow_complexity=model.control_flow_complexity,
        soundness=soundness,
        fitness=mean_fitness(scores),
        precision=mean_precision(scores),
        f=mean_f(scores),
        changes=to_change,
    )


def _without_runs(judge: Judge, model: Bpmn, soundness: Soundness) -> ModelEvaluation:
    names = judge.logs.names
    empty = {
        key: float("nan")
        for key in ("fitness", "precision", "f", "changes", "expected_working_hours", "recorded_working_hours")
    }
    zeros = dict.fromkeys(("limited", "add", "drop", "move"), 0)
    table = pd.DataFrame([{"organisation": n, "dossiers": judge.logs.dossiers[n], **zeros, **empty} for n in names])
    nothing = pd.DataFrame(columns=list(change_room.COLUMNS)).astype({"listed": bool})
    return ModelEvaluation(table, model.size, model.control_flow_complexity, soundness, None, None, None, nothing)


def require_sound(model: Bpmn, *, name: str = "unified") -> PetriNet:
    """The net of a model; ModelError when it is not proved sound, saying why."""
    net = to_petri(model)
    proof = prove_soundness(net)
    if proof.sound is not True:
        what = "is not sound" if proof.sound is False else "could not be proved sound"
        why = proof.reason.replace("_", " ")
        raise ModelError(
            f"The model {name!r} {what}: {why} after {proof.markings} markings.",
            fix="Correct its gateways, or discover a model from the log.",
            reason=proof.reason,
            markings=proof.markings,
            transitions=list(proof.transitions),
        )
    return net


def means(evaluations: Mapping[str, ModelEvaluation]) -> pd.DataFrame:
    """Evaluations side by side, one row each."""
    rows = [
        {
            "name": name,
            "size": e.size,
            "control_flow_complexity": e.control_flow_complexity,
            "sound": e.sound,
            "fitness": e.fitness,
            "precision": e.precision,
            "f": e.f,
            "worst_f": e.worst_f,
            "changes": float(e.organisations["changes"].mean()),
            "expected_working_hours": float(e.organisations["expected_working_hours"].mean()),
        }
        for name, e in evaluations.items()
    ]
    return pd.DataFrame(rows)
