"""Progress bars on stderr for steps over two seconds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress
from rich.text import Text

from workbench.i18n import Language, catalogue, format_number
from workbench.progress import Progress, silent

PATIENCE_SECONDS = 2.0


@contextmanager
def bars(language: Language, *, quiet: bool = False) -> Iterator[Progress]:
    """A progress that draws one bar a stage once the work has taken over two seconds."""
    if quiet:
        yield silent
        return
    console = Console(stderr=True)
    drawing = RichProgress(
        TextColumn("{task.description}"),
        BarColumn(),
        _DoneColumn(language),
        _SpeedColumn(language),
        TimeRemainingColumn(),
        console=console,
    )
    painter = _Painter(drawing, language)
    try:
        yield painter
        painter.fill()
    finally:
        painter.stop()


class _DoneColumn(ProgressColumn):
    """Done of all, with the language's separators; done alone while nobody knows how much there is."""

    def __init__(self, language: Language) -> None:
        super().__init__()
        self._language = language

    def render(self, task: Task) -> Text:
        """The two numbers."""
        done = format_number(int(task.completed), self._language)
        return Text(f"{done}/{format_number(int(task.total), self._language)}" if task.total else done)


class _SpeedColumn(ProgressColumn):
    """Units a second, once some were done."""

    def __init__(self, language: Language) -> None:
        super().__init__()
        self._language = language

    def render(self, task: Task) -> Text:
        """The throughput."""
        speed = task.finished_speed or task.speed
        return Text(f"{format_number(round(speed), self._language)}/s" if speed and speed >= 1 else "")


class _Painter:
    def __init__(self, drawing: RichProgress, language: Language) -> None:
        self._drawing = drawing
        self._texts = catalogue(language)
        self._tasks: dict[str, TaskID] = {}
        self._since = time.monotonic()
        self._started = False

    def __call__(self, stage: str, done: float, total: float) -> None:
        if not self._started:
            if time.monotonic() - self._since < PATIENCE_SECONDS:
                return
            self._drawing.start()
            self._started = True
        if stage not in self._tasks:
            text = self._texts.get(f"progress.{stage}", stage)
            self._tasks[stage] = self._drawing.add_task(text, total=total or None)
        self._drawing.update(self._tasks[stage], completed=done, total=total or None)

    def fill(self) -> None:
        """Show every stage as finished: one that another followed may never have told its end."""
        for task in self._drawing.tasks:
            if task.total is not None:
                self._drawing.update(task.id, completed=task.total)

    def stop(self) -> None:
        if self._started:
            self._drawing.stop()
