"""Which Kafka is chosen, with fake programs on the PATH."""

import pytest

from infra.local import choose as module
from infra.local.choose import choose
from infra.local.process import LocalError


@pytest.fixture
def programs(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)

    def make(name, script):
        path = tmp_path / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    return make


def _java(programs, version):
    programs("java", f"echo 'openjdk version \"{version}\" 2025-01-01' >&2")


def test_given_brokers_come_first_and_are_reported(programs, monkeypatch):
    _java(programs, "17.0.1")
    programs("mvn", "exit 0")
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "broker.example:9092")
    said = []
    chosen = choose(said.append)
    assert (chosen.kind, chosen.bootstrap) == ("given", "broker.example:9092")
    assert "KAFKA_BOOTSTRAP_SERVERS" in said[0]


def test_a_broker_of_ones_own_is_never_the_given_one(programs, monkeypatch):
    _java(programs, "21.0.1")
    programs("mvn", "exit 0")
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "broker.example:9092")
    assert choose(lambda _line: None, own=True).kind == "jvm"


def test_java_and_maven_come_before_a_container(programs):
    _java(programs, "17.0.1")
    programs("mvn", "exit 0")
    programs("docker", "exit 0")
    said = []
    assert choose(said.append).kind == "jvm"
    assert "on the local JVM" in said[0]


def test_a_container_is_used_without_java_if_docker_has_the_image(programs):
    programs("docker", "exit 0")
    said = []
    assert choose(said.append).kind == "container"
    assert module.IMAGE in said[0]


@pytest.mark.parametrize(
    ("java", "maven", "needed"),
    [
        (None, True, "apt-get install openjdk-17-jre-headless"),
        ("11.0.2", True, 'too old (openjdk version "11.0.2"'),
        ("1.8.0_402", True, "too old"),
        ("17.0.1", False, "apt-get install maven"),
    ],
)
def test_otherwise_the_error_says_what_to_install(programs, java, maven, needed):
    if java:
        _java(programs, java)
    if maven:
        programs("mvn", "exit 0")
    programs("docker", "exit 1")  # an engine that does not answer, or has no image
    with pytest.raises(LocalError) as told:
        choose(lambda _line: None)
    assert needed in str(told.value)
    assert "KAFKA_BOOTSTRAP_SERVERS" in str(told.value)
    assert f"docker pull {module.IMAGE}" in str(told.value)
