"""Which Kafka a run uses: chosen in the same order everywhere, and reported.

1. `KAFKA_BOOTSTRAP_SERVERS` if it is set; 2. Apache Kafka on the JVM if Java 17 is installed, with Maven or the jars;
3. a container if a Docker engine answers and has the image; 4. otherwise an error that says what to install.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass
from typing import Literal

from infra.local import kafka
from infra.local.process import LocalError, Progress

IMAGE = "apache/kafka:4.3.0"
"""The container image; docker-compose.yml uses the same one (a test compares them)."""

Kind = Literal["given", "jvm", "container"]


@dataclass(frozen=True, slots=True)
class Choice:
    """The choice; `bootstrap` is set for a given broker."""

    kind: Kind
    bootstrap: str | None = None


def docker_has_image() -> bool:
    """Whether a Docker engine answers and has the image. Nothing is pulled without asking."""
    docker = shutil.which("docker")
    if docker is None:
        return False
    try:
        command = [docker, "image", "inspect", "--format", "{{.Id}}", IMAGE]
        return subprocess.run(command, capture_output=True, check=False, timeout=10).returncode == 0  # noqa: S603
    except subprocess.TimeoutExpired:
        return False


def choose(progress: Progress, *, own: bool = False) -> Choice:
    """Chooses Kafka and reports which. `own`: a given broker will not do, because a test kills it."""
    given = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
    if given and not own:
        progress(f"Kafka: brokers from KAFKA_BOOTSTRAP_SERVERS ({given})")
        return Choice("given", given)
    problem = kafka.missing()
    if problem is None:
        progress(f"Kafka: Apache Kafka {kafka.version()} on the local JVM")
        return Choice("jvm")
    if docker_has_image():
        progress(f"Kafka: {IMAGE} in a container")
        return Choice("container")
    raise LocalError(
        f"No Kafka available. {problem}\n"
        f"Or set KAFKA_BOOTSTRAP_SERVERS to brokers of your own, or start Docker and run `docker pull {IMAGE}`."
    )
