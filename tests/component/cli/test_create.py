"""`warmpath topics create` on an empty broker."""

import subprocess
import sys
from dataclasses import replace

from cli import findings
from infra.local.process import ROOT
from shared.messaging.topics import cluster
from shared.messaging.topics.catalogue import TIES, all_topics
from shared.messaging.topics.cluster import differences

NAMES = {topic.name for topic in all_topics()}


async def test_missing_topics_are_created_and_existing_ones_are_left_alone(clean_kafka, warmpath):
    bootstrap = clean_kafka.bootstrap
    env = {"KAFKA_BOOTSTRAP_SERVERS": bootstrap}
    await cluster.ensure(bootstrap, [replace(TIES, partitions=2, configs={})])

    said = {(each.name, each.state): each.remedy for each in await findings.topics(bootstrap)}
    assert {name for name, state in said if state == "error"} == NAMES, "as the doctor sees it"
    assert "create a new topic instead" in said[TIES.name, "error"]
    assert "kafka-configs.sh" in said[TIES.name, "warning"]
    assert all("warmpath topics create" in said[name, "error"] for name in NAMES - {TIES.name})

    dry = await warmpath("topics", "create", env=env)
    assert dry.exit_code == 0
    assert {line.split()[1] for line in dry.stdout.splitlines() if line.startswith("missing")} == NAMES - {TIES.name}
    assert "differs  ties.v1: 2 partitions, the catalogue says 12" in dry.stdout
    assert "with replication factor 1" in dry.stdout
    assert set((await differences(bootstrap))[0]) == NAMES - {TIES.name}, "nothing was changed"

    too_many = await warmpath("topics", "create", "--yes", "--replication", "3", env=env)
    assert too_many.exit_code == 1
    assert "--replication" in too_many.stderr

    done = await warmpath("topics", "create", "--yes", env=env)
    assert done.exit_code == 0
    assert "created  postings.v1" in done.stdout
    missing, differing = await differences(bootstrap)
    assert missing == []
    assert differing, "of a topic that is there nothing is altered"
    assert {line.partition(":")[0] for line in differing} == {TIES.name}
    assert "All topics of the catalogue exist" in (await warmpath("topics", "create", "--yes", env=env)).stdout


def test_a_container_needs_no_secret_for_it(topics):
    command = [sys.executable, "-m", "cli.create", "--yes"]
    env = {"KAFKA_BOOTSTRAP_SERVERS": topics.bootstrap}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603 - our own module
    assert done.returncode == 0, done.stderr
    assert "All topics of the catalogue exist" in done.stdout


async def test_an_unreachable_broker_is_reported(warmpath):
    said = await warmpath("topics", "create", env={"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9"})
    assert said.exit_code == 1
    assert "KAFKA_BOOTSTRAP_SERVERS" in said.stderr
