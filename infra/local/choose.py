"""Which Kafka a run uses, picked in one order everywhere and said out loud.

1. `KAFKA_BOOTSTRAP_SERVERS` where it is set; 2. Apache Kafka on the JVM where Java 17 is, with Maven or the jars;
3. a container where a Docker engine answers and holds the image; 4. otherwise what to install.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass
from typing import Literal

from infra.local import kafka
from infra.local.process import LocalError, Say

IMAGE = "apache/kafka:4.3.0"
"""The image for containers; docker-compose.yml names the same (a test compares them)."""

Kind = Literal["given", "jvm", "container"]


@dataclass(frozen=True, slots=True)
class Choice:
    """What was picked; `bootstrap` is set for a broker that was given."""

    kind: Kind
    bootstrap: str | None = None


def engine_has_image() -> bool:
    """Whether a Docker engine answers here and holds the image: nothing is pulled on the quiet."""
    docker = shutil.which("docker")
    if docker is None:
        return False
    try:
        command = [docker, "image", "inspect", "--format", "{{.Id}}", IMAGE]
        return subprocess.run(command, capture_output=True, check=False, timeout=10).returncode == 0  # noqa: S603
    except subprocess.TimeoutExpired:
        return False


def choose(say: Say, *, own: bool = False) -> Choice:
    """Picks Kafka and says which. `own`: a broker that was given will not do (a test kills it)."""
    given = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
    if given and not own:
        say(f"Kafka: the brokers of KAFKA_BOOTSTRAP_SERVERS ({given})")
        return Choice("given", given)
    why_no_jvm = kafka.missing()
    if why_no_jvm is None:
        say(f"Kafka: Apache Kafka {kafka.version()} on this machine's Java")
        return Choice("jvm")
    if engine_has_image():
        say(f"Kafka: {IMAGE} in a container")
        return Choice("container")
    raise LocalError(
        f"No Kafka to use. {why_no_jvm}\n"
        f"Or set KAFKA_BOOTSTRAP_SERVERS to brokers you have; or start Docker and `docker pull {IMAGE}`."
    )
