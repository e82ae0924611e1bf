"""Who the engine is compared with: every peer whose package is installed here."""

from collections.abc import Sequence
from importlib import import_module
from typing import Final

from benchmarks.engine.subject import Subject

Named = tuple[str, str]
"""Module and class."""

WHOLE_JOB: Final[Sequence[Named]] = (
    ("whole_job.with_duckdb", "DuckDB"),
    ("whole_job.with_postgres", "PostgreSQL"),
    ("whole_job.with_ladybug", "Ladybug"),
)
"""Databases on which one would build the whole job."""

PATHS: Final[Sequence[Named]] = (
    ("paths.with_plain", "Plain"),
    ("paths.with_scipy", "Scipy"),
    ("paths.with_graphblas", "Graphblas"),
    ("paths.with_igraph", "Igraph"),
    ("paths.with_networkit", "Networkit"),
    ("paths.with_rustworkx", "Rustworkx"),
    ("paths.with_networkx", "NetworkX"),
)
"""Array and graph libraries, and the plain rules: they find paths alone."""


def peer(module: str, name: str) -> type[Subject]:
    """One peer's class.

    Raises:
        ImportError: its package is not installed (requirements-bench.txt has all of them).
    """
    found: type[Subject] = getattr(import_module(f"benchmarks.engine.{module}"), name)
    return found


def peers(named: Sequence[Named]) -> tuple[list[type[Subject]], list[str]]:
    """Those who can take part, and the names of those whose package is missing."""
    found, missing = list[type[Subject]](), list[str]()
    for module, name in named:
        try:
            found.append(peer(module, name))
        except ImportError:
            missing.append(name)
    return found, missing
