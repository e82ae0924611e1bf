"""What every subject of a comparison can do: hold a graph, and answer requests about it."""

from abc import ABC, abstractmethod
from importlib.metadata import version
from typing import Any, ClassVar

from benchmarks.graphs.generated import Data


class Subject(ABC):
    """The engine, a library or a database.

    `most_arcs`: more than this it cannot hold in the memory or time there is, as measured; `limit` says which.
    `refuses`: the kinds of requests that it does not take, and why.
    """

    name: ClassVar[str]
    package: ClassVar[str]
    most_arcs: ClassVar[int | None] = None
    limit: ClassVar[str] = ""
    refuses: ClassVar[dict[type[Any], str]] = {}

    def version(self) -> str:
        """Of the package that does the work."""
        return version(self.package)

    @abstractmethod
    def load(self, data: Data, *, live: bool) -> None:
        """Hold this graph, and forget any other; with `live`, also all suggestions that its openings have."""

    @abstractmethod
    def prepare(self, request: Any) -> Any:
        """The request as it arrives, and what has to be so when it does; not timed."""

    @abstractmethod
    def answer(self, prepared: Any) -> Any:
        """The answer, or a function that turns the subject's own form of it into one; that is not timed."""

    def close(self) -> None:  # noqa: B027 - for most, dropping the object is enough
        """Give memory, files and processes back."""


def ask(subject: Subject, request: Any) -> Any:
    """A request and its answer."""
    return completed(subject.answer(subject.prepare(request)))


def completed(reply: Any) -> Any:
    """The answer, in the form that is compared."""
    return reply() if callable(reply) else reply
