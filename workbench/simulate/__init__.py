"""Dossiers that did not happen: synthetic logs whose truth is known, and today's practice with changes."""

from workbench.simulate.plan import Order, Plan, make_plan
from workbench.simulate.practice import Practice, StepTime, observe
from workbench.simulate.scenario import DEFAULT_PATH, KINDS, Procedure, Scenario, ScenarioError, Step, load_scenario
from workbench.simulate.synthesise import SynthReport, synthesise
from workbench.simulate.whatif import Change, Remove, Scale, Staff, Together, WhatIf, what_if

__all__ = [
    "DEFAULT_PATH",
    "KINDS",
    "Change",
    "Order",
    "Plan",
    "Practice",
    "Procedure",
    "Remove",
    "Scale",
    "Scenario",
    "ScenarioError",
    "Staff",
    "Step",
    "StepTime",
    "SynthReport",
    "Together",
    "WhatIf",
    "load_scenario",
    "make_plan",
    "observe",
    "synthesise",
    "what_if",
]
