"""Whoever may write to a topic ends no consumer: damaged batches in a process of their own, since it may die of one."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from shared.testing.record_batches import Record, batch, encoded, framed, varint

TRIALS = {"quick": 2_000, "day": 6_000, "long": 1_000_000}
"""By tier. A trial follows from its number, so that those by day are the first ones of the long tier."""
READ = """
import sys
from aiokafka.consumer import fetcher
from aiokafka.structs import TopicPartition
from shared.messaging.kafka import settings

records = fetcher.MemoryRecords(bytes.fromhex(sys.argv[1]))
reading = fetcher.PartitionRecords(TopicPartition("t", 0), records, [], 0, None, None, True, fetcher.READ_COMMITTED)
for each in reading:
    print(each.offset, each.headers, getattr(each, "problem", ""))
"""


def run(*arguments: str, output: Path) -> int:
    with output.open("wb") as file:
        command = [sys.executable, *arguments]
        return subprocess.run(command, stdout=file, stderr=file, check=False).returncode  # noqa: S603 - our own


def ending(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit {code}"


@pytest.mark.timeout(60)
def test_a_length_of_terabytes_beside_a_name_that_is_not_utf8(tmp_path: Path):
    first = encoded([Record(0, b"k", b"v", ((b"\xff\xfe", b"x"),))])
    second = framed(b"\0" + varint(0) + varint(1) + varint(2**45) + b"k")
    data = batch(b"".join((*first, second)), count=2)
    code = run("-c", READ, data.hex(), output=tmp_path / "out")
    assert ending(code) == "exit 0"
    assert (tmp_path / "out").read_text().splitlines() == [
        r"0 (('\\xff\\xfe', b'x'),) ",
        "1 () a length in a record exceeds the record",
    ]


@pytest.mark.scaled
@pytest.mark.timeout(360)  # ten times that in the long tier
@pytest.mark.parametrize(
    ("module", "share"), [("tests.unit.messaging.damage", 1), ("tests.unit.matching.stream.damaged_ties", 4)]
)
def test_damaged_batches(module: str, share: int, tmp_path: Path, request: pytest.FixtureRequest):
    trials = TRIALS[request.config.getoption("tier")] // share
    output = tmp_path / "out"
    code = run("-m", module, "0", str(trials), output=output)
    told = output.read_text(errors="replace")
    assert code == 0, f"{ending(code)}; repeat it with `python -m {module} {int(told[:20])} 1`\n{told}"
