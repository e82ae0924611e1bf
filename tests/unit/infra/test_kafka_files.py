"""What is committed under infra/ hangs together."""

import re
from contextlib import nullcontext
from pathlib import Path

import pytest
import yaml

from infra.local import kafka
from infra.local.choose import IMAGE
from infra.local.postgres import ROLES, ROLES_SQL
from infra.local.process import ROOT, LocalError

COMPOSE = (ROOT / "docker-compose.yml").read_text()


def test_the_pinned_jars_are_those_of_the_pinned_version():
    names = kafka.CHECKSUMS.read_text()
    for jar in ("kafka_2.13", "kafka-tools", "kafka-server", "kafka-clients"):
        assert f" {jar}-{kafka.version()}.jar\n" in names
    assert " log4j-slf4j-impl-" in names


@pytest.mark.parametrize("wrong", ["changed", "extra", "missing"])
def test_jars_other_than_the_pinned_ones_are_refused(tmp_path, monkeypatch, wrong):
    (tmp_path / "a.jar").write_bytes(b"a")
    (tmp_path / "b.jar").write_bytes(b"b")
    known = {
        "a.jar": "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
        "b.jar": "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d",
    }
    sums = tmp_path / "jars.sha256"
    sums.write_text("".join(f"{digest}  {name}\n" for name, digest in known.items()))
    monkeypatch.setattr(kafka, "CHECKSUMS", sums)
    kafka._verify(tmp_path)
    if wrong == "changed":
        (tmp_path / "b.jar").write_bytes(b"c")
    elif wrong == "extra":
        (tmp_path / "c.jar").write_bytes(b"c")
    else:
        (tmp_path / "b.jar").unlink()
    with pytest.raises(LocalError, match=r"[bc]\.jar"):
        kafka._verify(tmp_path)


def test_the_template_is_filled_in_and_can_be_extended():
    wanted = kafka.properties(1111, 2222, "/data", {"log.cleaner.backoff.ms": "500"})
    assert wanted["listeners"] == "PLAINTEXT://127.0.0.1:1111,CONTROLLER://127.0.0.1:2222"
    assert wanted["log.dirs"] == "/data"
    assert wanted["auto.create.topics.enable"] == "false"
    assert wanted["log.cleaner.backoff.ms"] == "500"


@pytest.mark.parametrize("killed_at", [0, 1, 2, 3])
def test_a_data_folder_is_whole_whenever_its_making_was_cut_off(tmp_path, monkeypatch, killed_at):
    levels, written = tmp_path / "levels", tmp_path / "server.properties"
    levels.write_bytes(b"levels" * 1000)
    written.write_text("node.id=7\n")
    folder = tmp_path / "broker" / "records"
    folder.parent.mkdir()
    seen, write = 0, Path.write_bytes

    def cut_off(path: Path, content: bytes) -> int:
        nonlocal seen
        seen += 1
        if killed_at in (2 * seen - 1, 2 * seen):  # nothing, or half of it, is written
            write(path, content[: len(content) // 2 * (killed_at % 2)])
            raise KeyboardInterrupt
        return write(path, content)

    broker = kafka.Kafka(folder.parent, log=tmp_path / "log")
    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", cut_off)
        with pytest.raises(KeyboardInterrupt) if killed_at else nullcontext():
            broker._format_as_prepared(levels, written)
    assert broker._records_are_of.exists() == (not killed_at)
    assert not killed_at or (folder / kafka.LEVELS).exists() == (killed_at > 2)
    broker._format_as_prepared(levels, written)
    assert (folder / kafka.LEVELS).read_bytes() == levels.read_bytes()
    assert broker._formatted_cluster_id() == broker._cluster_id
    assert {each.name for each in folder.iterdir()} == {kafka.LEVELS, "meta.properties"}


def test_containers_and_tests_use_the_same_kafka():
    assert f"apache/kafka:{kafka.version()}" == IMAGE
    assert f"image: {IMAGE}\n" in COMPOSE


def test_every_role_has_its_secret_everywhere():
    for role in ROLES:
        name = f"WARMPATH_{role.upper()}_PASSWORD"
        assert f"\\getenv {role}_password {name}" in ROLES_SQL.read_text()
        assert f"{name}: ${{{name}}}" in COMPOSE
        assert f"\n{name}=" in (ROOT / ".env.example").read_text()


def test_every_published_port_is_on_loopback_and_every_image_pinned():
    ports = re.findall(r"ports: \[(.*)\]", COMPOSE)
    assert len(ports) == 11
    assert all(port.startswith('"127.0.0.1:') for port in ports)
    images = re.findall(r"image: (\S+)", COMPOSE)
    assert all(":" in image and not image.endswith(":latest") for image in images)
    services = yaml.safe_load(COMPOSE)["services"]
    assert all(service["deploy"]["resources"]["limits"].keys() == {"cpus", "memory"} for service in services.values())
