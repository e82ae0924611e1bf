"""The engine."""

from services.matching.events import INPUTS, Cause, Change, Event, misfit
from services.matching.plain.engine import Engine

__all__ = ["INPUTS", "Cause", "Change", "Engine", "Event", "misfit"]
