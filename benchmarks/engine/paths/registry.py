"""Who takes part: every peer whose package is installed here."""

from importlib import import_module
from typing import Final

from benchmarks.engine.paths.protocol import Peer

PEERS: Final = (
    ("with_plain", "Plain"),
    ("with_scipy", "Scipy"),
    ("with_graphblas", "Graphblas"),
    ("with_duckdb", "DuckDB"),
    ("with_duckdb", "IndexedDuckDB"),
    ("with_ladybug", "Ladybug"),
    ("with_igraph", "Igraph"),
    ("with_networkit", "Networkit"),
    ("with_rustworkx", "Rustworkx"),
    ("with_networkx", "NetworkX"),
)
"""Module and class; the packages are those of requirements-bench.txt."""


def peer(module: str, name: str) -> type[Peer]:
    """One peer's class.

    Raises:
        ImportError: its package is not installed.
    """
    found: type[Peer] = getattr(import_module(f"benchmarks.engine.paths.{module}"), name)
    return found


def peers() -> tuple[list[type[Peer]], list[str]]:
    """Those who can take part, and the modules of those whose package is missing."""
    found, missing = [], []
    for module, name in PEERS:
        try:
            found.append(peer(module, name))
        except ImportError:
            missing.append(module)
    return found, missing
