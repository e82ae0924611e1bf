"""The demo's output: progress, steps with their milliseconds, and suggestions."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress

from cli.inbox import show_path


class Printer:
    """Prints the story. Times are milliseconds from a request until its effect was visible."""

    def __init__(self) -> None:
        self.console = Console(highlight=False, soft_wrap=True)
        self._step = 0
        self._began = time.perf_counter()
        self._progress: dict[str, int] = {}

    def line(self, text: str) -> None:
        """A line of progress, with the seconds since the start."""
        self.console.print(f"[dim]{time.perf_counter() - self._began:5.1f} s[/dim]  {escape(text)}")

    def progress(self, what: str, done: int, of: int) -> None:
        """Progress of a long task: a line at each quarter."""
        quarter = 4 * done // max(of, 1)
        if quarter > self._progress.get(what, 0):
            self._progress[what] = quarter
            self.line(f"{what}: {done:,} of {of:,}")

    @contextmanager
    def bar(self, what: str) -> Iterator[Callable[[int, int], None]]:
        """A bar while a long task goes on, told how much is done of how much; without a terminal a line a quarter."""
        if not self.console.is_terminal:
            yield lambda done, of: self.progress(what, done, of)
            return
        with Progress(console=self.console, transient=True) as shown:
            task = shown.add_task(what, total=None)
            yield lambda done, of: shown.update(task, completed=done, total=of)

    def heading(self, title: str) -> None:
        """A heading."""
        self.console.print(f"\n[bold]{escape(title)}[/bold]\n")

    def step(self, text: str, seconds: float | None = None) -> None:
        """A step of the story, and how long it took."""
        self._step += 1
        took = "" if seconds is None else f"  [cyan]{1000 * seconds:.0f} ms[/cyan]"
        self.console.print(f"[bold]{self._step}.[/bold] {escape(text)}{took}")

    def note(self, text: str) -> None:
        """A line under a step."""
        self.console.print(f"   {escape(text)}")

    def introducers(self, item: dict[str, Any]) -> None:
        """Who can introduce the seeker, best first, and why."""
        for number, path in enumerate(item["paths"], start=1):
            show_path(self.console, number, path)
