"""What a report was asked for, and the harmonisation behind it: searched now, or read from its folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path

from workbench.errors import StoreError, WorkbenchError
from workbench.export.harmonisation import Decided, decided, read_harmonisation
from workbench.harmonise.recommendation.cost import CostParameters
from workbench.harmonise.recommendation.recommend import Recommendations, recommend
from workbench.harmonise.unification.unify import harmonise_procedure
from workbench.harmonise.vocabulary.canonical_steps import State, canonical_steps
from workbench.i18n import Language
from workbench.progress import Progress, silent
from workbench.selection import Selection
from workbench.store import LogStore

EVALUATIONS = 400
"""Models the search judges. A report bounds the search by this and not by time: it must come out alike again."""
NO_TIME_LIMIT = 86_400.0


@dataclass(frozen=True)
class Asked:
    """A store, the dossiers, and everything else a report depends on."""

    store: LogStore
    selection: Selection
    language: Language = "vi"
    as_of: datetime | None = None
    models: tuple[Path, ...] = ()
    """Folders of `workbench harmonise --out`; without them a report searches itself."""
    portal: Path | None = None
    """File with the scores of the national portal."""
    units: Mapping[str, str] = field(default_factory=dict)
    """Names of units in that file to groups of ours."""
    cost: Mapping[str, float] = field(default_factory=dict)
    """Confirmed parameters of the compliance cost."""
    progress: Progress = silent

    @cached_property
    def parameters(self) -> CostParameters:
        """The parameters of the compliance cost; those not given stay marked as unverified."""
        return CostParameters().confirmed(**self.cost) if self.cost else CostParameters()

    @cached_property
    def harmonisations(self) -> tuple[Decided, ...]:
        """What the folders hold. Raises FormatError for a folder that holds none."""
        return tuple(read_harmonisation(folder) for folder in self.models)

    @contextmanager
    def steps(self) -> Iterator[State]:
        """Inside, steps are the canonical ones; the state says who decided them."""
        with canonical_steps(self.store, self.selection) as state:
            yield state

    def each(self) -> list[Asked]:
        """One question a folder, about the dossiers that were harmonised; without folders this one alone."""
        if not self.models:
            return [self]
        pairs = zip(self.models, self.harmonisations, strict=True)
        return [
            replace(self, models=(folder,), selection=Selection.from_dict(found.basis.selection))
            for folder, found in pairs
        ]

    def kept(self) -> Decided | None:
        """The one harmonisation given, None when none is; to be called inside `steps`.

        Raises WorkbenchError when it is of other dossiers, StoreError when it is of another state of the store.
        """
        if not self.models:
            return None
        if len(self.models) > 1:
            raise WorkbenchError(
                "This report is about one harmonisation.", fix="Give --model once, or make the annex of several."
            )
        found, folder = self.harmonisations[0], self.models[0]
        if found.basis.selection != self.selection.to_dict():
            raise WorkbenchError(
                f"The harmonisation in {folder} is of other dossiers than the report.",
                fix="Give the report the selection that was harmonised.",
                harmonised=found.basis.selection,
                asked=self.selection.to_dict(),
            )
        here = self.store.basis(self.selection)
        if (found.basis.store_version, found.basis.n_events) != (here.store_version, here.n_events):
            raise StoreError(
                f"The harmonisation in {folder} was made from another state of the store.",
                fix="Harmonise again, then make the report.",
                harmonised=found.basis.store_version,
                store=here.store_version,
            )
        return found

    def harmonised(self) -> Decided:
        """The harmonisation of the asked dossiers; to be called inside `steps`.

        Raises TooFewCases and ModelError as `harmonise_procedure` does.
        """
        kept = self.kept()
        if kept is not None:
            return kept
        return decided(
            harmonise_procedure(
                self.store, self.selection, seconds=NO_TIME_LIMIT, evaluations=EVALUATIONS, progress=self.progress
            )
        )

    def moves(self, state: State) -> Recommendations:
        """The recommendations kept with the harmonisation, else found now; to be called inside `steps`."""
        kept = self.kept()
        if kept is not None and kept.recommendations is not None and not self.cost:
            return kept.recommendations
        return recommend(
            self.store, self.selection, vocabulary=state, parameters=self.parameters, progress=self.progress
        )
