"""The whole demo as a user runs it; afterwards its logs, which must not name anybody in the network."""

import asyncio
import json
import os
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.demo.network import build

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

ROOT = Path(__file__).parents[2]
LAST_LINE = re.compile(r"demo: openings=(\d+) suggestions=(\d+) notified=(\d+) p50_ms=(\d+) p99_ms=(\d+)")


async def demo(folder: Path, *arguments: str, **more: str) -> tuple[int, str]:
    """Exit code and everything it printed, run in `folder`; `more` is added to its environment."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "from cli.main import main; main()", "demo", "--once", *arguments,
        cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT), **more},
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    printed, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, printed.decode()


async def test_the_demo_tells_its_story_and_its_logs_name_nobody(data_folder):
    code, printed = await demo(data_folder)
    assert code == 0, printed
    figures = LAST_LINE.fullmatch(printed.strip().splitlines()[-1])
    assert figures, printed
    openings, suggestions, notified, p50, p99 = map(int, figures.groups())
    assert openings > 10
    assert suggestions > 10
    assert 0 < notified <= suggestions
    assert 0 < p50 <= p99

    logs = {path.name: path.read_text(errors="replace") for path in (data_folder / ".warmpath/demo/logs").iterdir()}
    assert {"postings.log", "profiles.log", "matching.log", "notifications.log", "kafka.log"} <= logs.keys()
    for name in ("postings", "profiles", "matching", "introductions", "notifications"):
        assert all("event" in json.loads(line) for line in logs[f"{name}.log"].splitlines()), f"{name}: not all JSON"
    people = build(today=datetime.now(UTC).date()).members
    known = {person.name for person in people} | {person.email for person in people}
    known |= {f"{contact.first} {contact.last}" for person in people for contact in person.book}
    known |= {contact.url for person in people for contact in person.book}
    named = [(log, who) for log, text in logs.items() for who in known if who in text]
    assert named == []


@pytest.mark.long  # by day `test_up` starts on the plain engine
async def test_without_compiled_kernels_the_plain_engine_tells_the_story_and_nothing_is_compiled(data_folder):
    kept = data_folder / "kernels"
    code, printed = await demo(data_folder, WARMPATH_KERNELS=str(kept))
    assert code == 0, printed
    assert LAST_LINE.fullmatch(printed.strip().splitlines()[-1]), printed
    assert "starting on the plain engine" in printed
    assert "`make setup` does it" in printed
    assert [path for path in kept.rglob("*") if path.is_file()] == []


@pytest.mark.long
async def test_the_demo_on_ones_own_contacts_shows_the_map_the_paths_and_a_draft(data_folder):
    rows = [
        f"Given{n},Family{n},https://www.linkedin.com/in/warmpath-own-{n},,{company},{title},01 Feb 2021"
        for n, (company, title) in enumerate(
            [("Lumenforge", "Backend Engineer"), ("Lumenforge", "Recruiter"), ("Blaupause GmbH", "Accountant")] * 4
        )
    ]
    header = "First Name,Last Name,URL,Email Address,Company,Position,Connected On"
    file = data_folder / "Connections.csv"
    file.write_text("\n".join([header, *rows]))
    wanted = (
        "--title",
        "Backend Engineer",
        "--skills",
        "Python; SQL",
        "--name",
        "Alex Rivera",
        "--headline",
        "Engineer",
    )
    code, printed = await demo(data_folder, "--contacts", str(file), *wanted)
    assert code == 0, printed
    assert "12 contacts at 2 companies" in printed
    assert len(re.findall(r"^Backend Engineer at ", printed, re.MULTILINE)) == 2
    assert re.search(
        r"1\. Given(\d+) Family\1, Backend Engineer at Lumenforge, connected since 2021-02-01\n"
        r"\s+https://www.linkedin.com/in/warmpath-own-\1\n\s+you know Given\1 Family\1 yourself",
        printed,
    )
    assert re.search(
        r"  Hi Given, I'm Alex Rivera \(Engineer\)\. Lumenforge has an opening that fits me: Backend Engineer\. "
        r"You work there, so I thought of you: do you know who is hiring for it\? https://\S+$",
        printed,
        re.MULTILINE,
    )
    assert "The same as a mail: A question about an opening at Lumenforge" in printed
    assert "EXAMPLE" not in printed
    assert "Nobody to ask" not in printed


async def test_the_demo_says_what_is_missing_without_a_terminal(data_folder):
    file = data_folder / "Connections.csv"
    file.write_text("First Name,Last Name,Company\nA,B,C\n")
    code, printed = await demo(data_folder, "--contacts", str(file))
    assert code == 1
    assert "--title" in printed


async def test_the_demo_says_what_is_wrong_with_a_file_it_cannot_use(data_folder):
    file = data_folder / "Connections.csv"
    file.write_text("nothing here")
    code, printed = await demo(data_folder, "--contacts", str(file), "--title", "Engineer", "--skills", "Python")
    assert code == 1
    assert "warmpath:" in printed
