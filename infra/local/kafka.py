"""Apache Kafka on the JVM: jars fetched once by Maven into a cache, one KRaft process per data folder.

Only jars whose checksums are in `infra/kafka/jars.sha256` are started. Several processes may install at the same time.
"""

import asyncio
import base64
import fcntl
import hashlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from string import Template

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from infra.local.ports import accepts_connections, held_port
from infra.local.process import ROOT, LocalError, Progress, run, silent, spawn, stop, stop_leftover, tail, wait_exit

HOME = ROOT / "infra" / "kafka"
CHECKSUMS = HOME / "jars.sha256"
PID_FILE = "kafka.pid"
LEVELS = "bootstrap.checkpoint"
"""The file in a new data folder that says with which versions of its features a cluster begins."""

START_LIMIT = 90.0
JVM_FLAGS = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
"""For a quick start and little memory; a local broker does not need the optimising compiler's throughput."""

NEEDS_JAVA = "Apache Kafka needs Java 17 or newer. On Debian: apt-get install openjdk-17-jre-headless"
NEEDS_MAVEN = "Maven is missing; it fetches the jars of Apache Kafka, once. On Debian: apt-get install maven"


def version() -> str:
    """The Apache Kafka version that infra/kafka/pom.xml pins."""
    found = re.search(r"<kafka\.version>([^<]+)<", (HOME / "pom.xml").read_text())
    if found is None:
        raise LocalError("infra/kafka/pom.xml has no kafka.version")
    return found[1]


def java() -> str:
    """The path of a Java that can run Kafka 4 (17 or newer)."""
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=f"{home}/bin") if home else shutil.which("java")
    if found is None:
        raise LocalError(f"Java is missing. {NEEDS_JAVA}")
    output = _about(found)
    number = re.search(r'version "(\d+)', output)
    if number is None or int(number[1]) < 17:  # noqa: PLR2004 - what Kafka 4 requires
        raise LocalError(f"Java is too old ({output.splitlines()[0] if output else 'no version found'}). {NEEDS_JAVA}")
    return found


@cache
def _about(java: str) -> str:
    """What this Java says of itself: asked once, since it starts a JVM to answer."""
    return subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr  # noqa: S603 - no shell


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "warmpath"


def _jars_folder() -> Path:
    # Named after the checksums: another list of jars is another folder, and a folder that exists is complete.
    return _cache() / f"kafka-{version()}-{hashlib.sha256(CHECKSUMS.read_bytes()).hexdigest()[:12]}"


def missing() -> str | None:
    """Why Kafka cannot run on the JVM here; None if it can."""
    try:
        java()
    except LocalError as problem:
        return str(problem)
    if not _jars_folder().is_dir() and shutil.which("mvn") is None:
        return NEEDS_MAVEN
    return None


def install(progress: Progress = silent) -> Path:
    """The folder with Kafka's jars, fetched on the first call. Safe to call from several processes at once."""
    folder = _jars_folder()
    if folder.is_dir():
        return folder
    if shutil.which("mvn") is None:
        raise LocalError(NEEDS_MAVEN)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "kafka.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # waits while another process fetches them
        if not folder.is_dir():
            with tempfile.TemporaryDirectory(dir=folder.parent, prefix="kafka-part-") as part:
                fetch(Path(part) / "jars", progress)
                _verify(Path(part) / "jars")
                (Path(part) / "jars").rename(folder)
            progress(f"Apache Kafka {version()} is installed in {folder}")
    return folder


def _class_archive(jars: Path) -> Path:
    """The file for Kafka's classes as this Java loads them (class data sharing); another Java ignores it."""
    return jars.with_name(f"{jars.name}-java-{hashlib.sha256(_about(java()).encode()).hexdigest()[:12]}.jsa")


def _feature_levels(jars: Path) -> Path:
    """What Kafka's own tool writes into a new data folder, whatever the cluster."""
    return jars.with_name(f"{jars.name}-{LEVELS}")


async def prepare(progress: Progress = silent) -> None:
    """Archives Kafka's classes as the JVM loads them, and what a new data folder begins with.

    Every later start is a second faster and takes half the CPU time, the first one on a folder two seconds. It starts a
    broker once to do so. Everything works without, so a failure is only reported.
    """
    jars = install(progress)
    archive, levels = _class_archive(jars), _feature_levels(jars)
    if archive.exists() and levels.exists():
        return
    progress("Preparing Apache Kafka for quick starts, once")
    with tempfile.TemporaryDirectory(dir=jars.parent, prefix="kafka-part-") as part:
        dump = Path(part) / "classes.jsa"
        flags = [] if archive.exists() else [f"-XX:ArchiveClassesAtExit={dump}"]
        broker = Kafka(Path(part) / "broker", log=Path(part) / "log", flags=flags)
        try:
            await broker.start()
            await broker.stop()
            for made, kept in ((dump, archive), (broker.folder / "records" / LEVELS, levels)):
                if not kept.exists():
                    made.rename(kept)
        except (LocalError, OSError) as problem:
            progress(f"That failed, so Kafka will start a little slower: {problem}")
        finally:
            await broker.stop()


def fetch(target: Path, progress: Progress) -> None:
    """Has Maven copy the jars of infra/kafka/pom.xml into a folder. They are not verified here: see `_verify`."""
    total = len(CHECKSUMS.read_text().splitlines())
    progress(f"Fetching Apache Kafka {version()}: {total} jars, about 54 MB, once")
    command = [
        "mvn",
        "-B",
        "-C",
        "-f",
        str(HOME / "pom.xml"),
        "dependency:copy-dependencies",
        f"-DoutputDirectory={target}",
    ]
    output: list[str] = []
    fetched = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as maven:  # noqa: S603
        assert maven.stdout is not None  # noqa: S101 - it is a pipe
        for line in maven.stdout:
            output.append(line)
            if "Downloaded from" in line and ".jar" in line:
                fetched += 1
                if fetched % 20 == 0:
                    progress(f"  {fetched} files fetched")
    if maven.returncode != 0:
        raise LocalError("Maven could not fetch Apache Kafka. The end of its output:\n" + "".join(output[-15:]))


def _verify(folder: Path) -> None:
    """Compares the jars with the committed list: the same names, the same checksums."""
    wanted = {name: digest for digest, name in (line.split() for line in CHECKSUMS.read_text().splitlines())}
    found = {jar.name: hashlib.sha256(jar.read_bytes()).hexdigest() for jar in folder.glob("*.jar")}
    wrong = sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
    if wrong:
        raise LocalError(f"These jars differ from infra/kafka/jars.sha256; nothing was started: {', '.join(wrong)}")


def properties(port: int, controller_port: int, folder: str, more: Mapping[str, str]) -> dict[str, str]:
    """The broker's settings: infra/kafka/server.properties with its placeholders filled in, overridden by `more`."""
    text = Template((HOME / "server.properties").read_text()).substitute(
        port=port, controller_port=controller_port, folder=folder
    )
    lines = (line.partition("=") for line in text.splitlines() if line and not line.startswith("#"))
    return {name: value for name, _, value in lines} | dict(more)


def new_id() -> str:
    """A random id of a cluster or a folder in Kafka's format."""
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")


class Kafka:
    """One broker on one folder. The folder keeps its records across restarts; the port may change."""

    def __init__(
        self,
        folder: Path,
        *,
        log: Path,
        heap: str = "512m",
        settings: Mapping[str, str] | None = None,
        flags: Sequence[str] = (),
        orphan: signal.Signals = signal.SIGTERM,
        progress: Progress = silent,
        cluster_id: str | None = None,
    ) -> None:
        """`settings` override infra/kafka/server.properties; brokers of one cluster share `cluster_id`."""
        self.folder = folder
        self.log = log
        self.port = 0
        self._controller_port = 0
        self._heap = heap
        self._settings = dict(settings or {})
        self._flags = list(flags)
        self._orphan = orphan
        self._progress = progress
        self._cluster_id = cluster_id or new_id()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """Host and port for clients."""
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        """The JVM's process id while it runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    async def start(self, port: int | None = None, controller_port: int | None = None) -> None:
        """Installs and formats if needed, starts the broker and waits until its cluster counts it in.

        Ports are free ones unless given.
        """
        jars = install(self._progress)
        await stop_leftover(self.folder / PID_FILE, self.folder, signal.SIGTERM)
        self.folder.mkdir(parents=True, exist_ok=True)
        with ExitStack() as held:
            self.port = port or held.enter_context(held_port())
            self._controller_port = controller_port or held.enter_context(held_port())
            written = self._write_properties()
            if not self._records_are_of.exists():
                await self._format(jars, written)
            await self._launch(jars, written)

    async def stop(self) -> None:
        """Stops the broker gracefully (SIGTERM), so that the next start need not recover its logs."""
        if self._process is not None:
            await stop(self._process, timeout=30)
            self._process = None

    async def kill(self) -> None:
        """SIGKILL, as in a crash."""
        if self._process is not None:
            os.kill(self._process.pid, signal.SIGKILL)
            await wait_exit(self._process, 10)
            self._process = None

    async def restart(self) -> None:
        """Starts it again on the same port and folder, after stopping it if it is running."""
        await self.stop()
        await self._launch(install(self._progress), self.folder / "server.properties")

    def _write_properties(self) -> Path:
        wanted = properties(self.port, self._controller_port, str(self.folder / "records"), self._settings)
        path = self.folder / "server.properties"
        path.write_text("".join(f"{name}={value}\n" for name, value in wanted.items()))
        return path

    @property
    def _records_are_of(self) -> Path:
        """The file that says to which cluster and node a data folder belongs; it makes a folder one."""
        return self.folder / "records" / "meta.properties"

    async def _format(self, jars: Path, written: Path) -> None:
        if (levels := _feature_levels(jars)).exists():
            self._format_as_prepared(levels, written)
            return
        # One argument, not two: an id may start with a dash.
        cluster = f"--cluster-id={self._cluster_id}"
        command = [*self._jvm(jars, "128m"), "kafka.tools.StorageTool", "format", cluster, "-c", written]
        if (output := await run(command, log=self.log)) is not None:
            raise LocalError(f"Kafka's data folder {self.folder} could not be created:\n{output}")

    def _format_as_prepared(self, levels: Path, written: Path) -> None:
        """As Kafka's tool does it (read in 4.3.0), which would start a JVM for it.

        Each file is there whole or not at all, and last the one that makes it a data folder.
        """
        node = next(line for line in written.read_text().splitlines() if line.startswith("node.id="))
        ids = f"cluster.id={self._cluster_id}\ndirectory.id={new_id()}\n"
        self._records_are_of.parent.mkdir(exist_ok=True)
        _write_whole(self._records_are_of.with_name(LEVELS), levels.read_bytes())
        _write_whole(self._records_are_of, f"version=1\n{node}\n{ids}".encode())

    def _formatted_cluster_id(self) -> str:
        lines = self._records_are_of.read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)["cluster.id"]

    def _jvm(self, jars: Path, heap: str) -> list[str]:
        logging = f"-Dlog4j2.configurationFile={HOME / 'log4j2.properties'}"
        archive = _class_archive(jars)
        shared = [f"-XX:SharedArchiveFile={archive}"] if archive.exists() else []
        return [java(), f"-Xmx{heap}", *JVM_FLAGS, *shared, logging, "-cp", f"{jars}/*"]

    async def _launch(self, jars: Path, written: Path) -> None:
        command = [*self._jvm(jars, self._heap), *self._flags, "kafka.Kafka", written]
        self._process = spawn(command, log=self.log, cwd=self.folder, orphan=self._orphan)
        (self.folder / PID_FILE).write_text(f"{self._process.pid}\n")
        limit = time.monotonic() + START_LIMIT
        ours = self._formatted_cluster_id()
        while not (await accepts_connections(self.port) and await answering_cluster(self.bootstrap) == ours):
            if self._process.poll() is not None:
                raise LocalError(f"Apache Kafka ended while starting. {self._log_end()}")
            if time.monotonic() > limit:
                await self.stop()
                raise LocalError(f"Apache Kafka did not answer in {START_LIMIT:.0f} s. {self._log_end()}")
            await asyncio.sleep(0.1)

    def _log_end(self) -> str:
        return f"The end of {self.log}:\n{tail(self.log)}"


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file under another name first: whoever is killed meanwhile leaves nothing half written under its own."""
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(content)
    part.replace(path)


async def answering_cluster(bootstrap: str) -> str | None:
    """The id of the cluster that the broker there has joined; None while there is none."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=5000)
    try:
        await admin.start()
        described = await admin.describe_cluster()
        return str(described["cluster_id"]) if described["brokers"] else None
    except (KafkaError, OSError):
        return None
    finally:
        await admin.close()
