"""`python -m infra.local.setup`: what `make setup` does after the virtual environment is there."""

import asyncio
import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

from infra.local import kafka
from infra.local.choose import choose
from infra.local.process import LocalError


def lock_jars() -> None:
    """Writes down which jars infra/kafka/pom.xml brings today."""
    with tempfile.TemporaryDirectory(prefix="warmpath-jars-") as folder:
        jars = Path(folder) / "jars"
        kafka.fetch(jars, print)
        lines = [f"{hashlib.sha256(jar.read_bytes()).hexdigest()}  {jar.name}\n" for jar in sorted(jars.glob("*.jar"))]
    kafka.CHECKSUMS.write_text("".join(lines))
    sys.stdout.write(f"{len(lines)} jars written down in {kafka.CHECKSUMS}\n")


def prepare_kafka() -> None:
    """Has Kafka made ready where it is what will be used."""
    if choose(print).kind == "jvm":
        asyncio.run(kafka.prepare(print))


def prepare() -> None:
    """Has the matching kernels compiled where they are not, so that no start has to; beside that, Kafka made ready.

    Raises:
        LocalError: one of them failed.
    """
    # In a process of its own: it reads the whole engine.
    kernels = subprocess.Popen([sys.executable, "-m", "services.matching.kernels"])
    try:
        prepare_kafka()
    finally:
        failed = kernels.wait()
    if failed:
        raise LocalError("The matching kernels could not be compiled.")


def main() -> int:
    """Prepares what is not there yet (`--kafka`: without the kernels), or writes the jars down; gives the exit code."""
    try:
        if "--lock-jars" in sys.argv[1:]:
            lock_jars()
        elif "--kafka" in sys.argv[1:]:
            prepare_kafka()
        else:
            prepare()
    except LocalError as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
