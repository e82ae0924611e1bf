"""`python -m infra.local.setup`: what `make setup` does once the virtual environment exists."""

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
    """Writes the checksums of the jars that infra/kafka/pom.xml resolves to."""
    with tempfile.TemporaryDirectory(prefix="warmpath-jars-") as folder:
        jars = Path(folder) / "jars"
        kafka.fetch(jars, print)
        lines = [f"{hashlib.sha256(jar.read_bytes()).hexdigest()}  {jar.name}\n" for jar in sorted(jars.glob("*.jar"))]
    kafka.CHECKSUMS.write_text("".join(lines))
    sys.stdout.write(f"{len(lines)} checksums written to {kafka.CHECKSUMS}\n")


def prepare_kafka() -> None:
    """Installs Apache Kafka and prepares it for quick starts, if it is the Kafka that will be used."""
    if choose(print).kind == "jvm":
        asyncio.run(kafka.prepare(print))


def prepare() -> None:
    """Compiles the matching kernels, and prepares Kafka at the same time; does nothing where both are done.

    Raises:
        LocalError: one of the two failed.
    """
    # In a process of its own: it imports the whole engine.
    kernels = subprocess.Popen([sys.executable, "-m", "services.matching.kernels"])
    try:
        prepare_kafka()
    finally:
        failed = kernels.wait()
    if failed:
        raise LocalError("The matching kernels could not be compiled.")


def main() -> int:
    """Prepares kernels and Kafka (`--kafka`: Kafka only), or locks the jars (`--lock-jars`); gives the exit code."""
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
