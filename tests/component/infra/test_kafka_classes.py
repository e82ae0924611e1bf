"""The archive of Kafka's classes, for quick starts."""

import pytest

from infra.local import kafka

pytestmark = [pytest.mark.kafka, pytest.mark.long]  # the archive itself is used by every broker that a test starts


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
