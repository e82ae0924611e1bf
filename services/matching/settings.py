"""Settings of matching: those every service has, and which openings this process answers for."""

from pathlib import Path
from typing import Literal, Self

from pydantic import AliasChoices, Field, model_validator

from shared.config import ServiceSettings
from shared.services import SERVICES


class Settings(ServiceSettings):
    """Read from the environment once, at start."""

    port: int = Field(default=SERVICES["matching"].port, ge=0, le=65535)
    shard: str = Field(
        default="0/1",
        pattern=r"^\d{1,3}/[1-9]\d{0,2}$",
        validation_alias=AliasChoices("MATCHER_SHARD", "WARMPATH_SHARD"),
    )
    """`i/n`: answers for the openings in the partitions whose number is i modulo n."""

    engine: Literal["fast", "plain"] = Field(
        default="fast", validation_alias=AliasChoices("MATCHER_ENGINE", "WARMPATH_ENGINE")
    )
    """`plain`: the rules as written, for small networks and first starts, without kernels and snapshots."""

    vocabulary: Path | None = None
    """A vocabulary file instead of our own."""

    snapshot: Path | None = None
    """A folder for snapshots, on a local disk; without one every start reads all topics."""

    snapshot_seconds: float = Field(default=300, gt=0)
    """Seconds between two snapshots."""

    check_seconds: float = Field(default=300, gt=0)
    """Seconds between two comparisons of a sample of the engine with the plain rules."""

    paths_a_day: int = Field(default=30, ge=0)
    """Different companies a day (UTC) that a member may ask for paths into; 0 for no limit."""

    @model_validator(mode="after")
    def _one_of(self) -> Self:
        if self.shard_index >= self.shard_count:
            raise ValueError("MATCHER_SHARD i/n: i must be below n")
        return self

    @property
    def shard_index(self) -> int:
        """The i of i/n."""
        return int(self.shard.partition("/")[0])

    @property
    def shard_count(self) -> int:
        """The n of i/n."""
        return int(self.shard.partition("/")[2])

    @property
    def group(self) -> str:
        """The group under which positions are committed, for lag tools."""
        return "matching" if self.shard_count == 1 else f"matching-{self.shard_index}-of-{self.shard_count}"

    def owns(self, partition: int) -> bool:
        """Whether this process answers for a partition of postings.v1."""
        return partition % self.shard_count == self.shard_index
