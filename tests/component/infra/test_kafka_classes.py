"""What is prepared for quick starts: the archive of Kafka's classes, and the beginning of a data folder."""

import re

import pytest

from infra.local import kafka

pytestmark = pytest.mark.kafka


def properties(broker):
    lines = (broker.folder / "records" / "meta.properties").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if not line.startswith("#"))


def levels(broker):
    """Each feature and its version, and how long the file is; it also holds when it was written."""
    content = (broker.folder / "records" / kafka.LEVELS).read_bytes()
    return re.findall(rb"([a-z.]+version)\x00(.)", content, re.DOTALL), len(content)


async def test_a_folder_begins_as_kafkas_own_tool_makes_it(tmp_path, monkeypatch):
    await kafka.prepare()
    jars = kafka.install()
    ours, theirs = (kafka.Kafka(tmp_path / name, log=tmp_path / "log", cluster_id="one") for name in ("ours", "theirs"))
    for broker in (ours, theirs):
        broker.folder.mkdir()
        await broker._format(jars, broker._write_properties())
        monkeypatch.setattr(kafka, "_feature_levels", lambda _: tmp_path / "not prepared")
    made, wanted = ({path.name for path in (each.folder / "records").iterdir()} for each in (ours, theirs))
    assert made == wanted
    assert properties(ours).keys() == properties(theirs).keys()
    for name in ("version", "node.id", "cluster.id"):
        assert properties(ours)[name] == properties(theirs)[name]
    assert levels(ours) == levels(theirs)
    assert len(levels(ours)[0]) > 4


@pytest.mark.long  # the archive itself is used by every broker that a test starts
async def test_the_class_archive_is_made_once_and_used_by_the_next_start(tmp_path, monkeypatch):
    jars = kafka.install()
    beside = tmp_path / jars.name
    beside.symlink_to(jars)
    monkeypatch.setattr(kafka, "_jars_folder", lambda: beside)
    said = []
    await kafka.prepare(said.append)
    archive = kafka._class_archive(beside)
    assert archive.stat().st_size > 1_000_000, said
    made = archive.stat().st_mtime_ns
    await kafka.prepare(said.append)
    assert archive.stat().st_mtime_ns == made
    assert [entry.name for entry in tmp_path.iterdir() if entry.name.startswith("kafka-part-")] == []

    broker = kafka.Kafka(tmp_path / "data", log=tmp_path / "log", flags=["-Xshare:on"])  # "on": without it, no start
    assert f"-XX:SharedArchiveFile={archive}" in broker._jvm(beside, "64m")
    await broker.start()
    await broker.stop()
