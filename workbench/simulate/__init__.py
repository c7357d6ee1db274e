"""Synthetic logs: a scenario and a seed to dossiers whose truth is known."""

from workbench.simulate.plan import Order, Plan, make_plan
from workbench.simulate.scenario import DEFAULT_PATH, KINDS, Procedure, Scenario, ScenarioError, Step, load_scenario
from workbench.simulate.synthesise import SynthReport, synthesise

__all__ = [
    "DEFAULT_PATH",
    "KINDS",
    "Order",
    "Plan",
    "Procedure",
    "Scenario",
    "ScenarioError",
    "Step",
    "SynthReport",
    "load_scenario",
    "make_plan",
    "synthesise",
]
