"""What a matcher holds in memory: the engine, the ledger of what is published, and the intake of records."""

from dataclasses import dataclass, field

from services.matching.engine.engine import Engine
from services.matching.engine.engines import Engine as AnyEngine
from services.matching.engine.engines import PlainEngine
from services.matching.settings import Settings
from services.matching.stream.intake import Intake
from services.matching.stream.ledger import Ledger, Pending
from shared.resolution import Vocabulary


@dataclass(slots=True)
class MatcherMemory:
    """`pending`: what was still to be published when the snapshot was taken that this comes from."""

    engine: AnyEngine
    ledger: Ledger
    intake: Intake
    pending: dict[str, Pending] = field(default_factory=dict)


def empty_memory(settings: Settings, vocabulary: Vocabulary) -> MatcherMemory:
    """With the engine that the settings ask for, and nothing read yet."""
    ledger = Ledger()
    kind = PlainEngine if settings.engine == "plain" else Engine
    engine = kind(vocabulary, answers_for=lambda posting: settings.owns(intake.partitions[posting]))
    intake = Intake(engine, ledger)
    return MatcherMemory(engine, ledger, intake)
