"""A list of connections from the file to the matcher's graph: rate, processor time and memory of each process.

`python -m benchmarks.imports` brings 20,000 contacts, then 200,000 of somebody else, into a whole stack as
`warmpath up` runs it, and writes `imports.json`; `--rows N` brings other numbers and writes nothing.
"""

import argparse
import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2

from benchmarks.graphs.generated import CACHE
from benchmarks.machine import facts
from benchmarks.processor_time import busy_seconds
from cli.demo.load import call
from cli.demo.services import Services, connected
from infra.local.supervisor import Stack
from shared.testing.wait import until

Json = dict[str, Any]
RESULTS = Path("benchmarks/results/imports.json")
ROWS = (20_000, 200_000)
SETTLED_S = 1800.0
_READ = 'warmpath_matcher_records_total{topic="ties.v1"}'
_HEADER = "First Name,Last Name,URL,Email Address,Company,Position,Connected On\n"
_GIVEN = ("Ana", "Bo", "Chidi", "Dana", "Emre", "Fatima", "Goran", "Hanne", "Ivo", "Jun")
_AT_ONCE = 1000


def main(arguments: Sequence[str] | None = None) -> None:
    """Run, print as it goes, and write the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.imports", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", help="how many contacts each member brings")
    chosen = parser.parse_args(arguments).rows
    made = asyncio.run(_run(chosen or ROWS))
    if not chosen:
        RESULTS.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")


async def _run(counts: Sequence[int]) -> Json:
    made: Json = {"made": datetime.now(UTC).date().isoformat(), "machine": facts(), "imports": []}
    async with Stack.start(CACHE / "imports", fresh=True) as stack, connected(stack) as to:
        made["memory_mib_before"] = _peaks(stack)
        for rows in counts:
            found = await _import(stack, to, rows)
            made["imports"].append(found)
            print(json.dumps(found), flush=True)
    return made


async def _import(stack: Stack, to: Services, rows: int) -> Json:
    person = {"name": "Dana", "email": f"dana-{rows}@people.example"}
    account = await call(to.profiles, "POST", "/internal/v1/members", json=person)
    headers = {"Authorization": f"Bearer {account['token']}"}
    read, busy, began = await _ties_read(to), _busy(stack), time.monotonic()
    await call(
        to.profiles, "POST", "/v1/contacts/import", content=_file(rows), headers=headers, timeout=httpx2.Timeout(None)
    )
    answered = time.monotonic() - began

    async def all_read() -> bool:
        return await _ties_read(to) >= read + rows

    await until(all_read, timeout=SETTLED_S, every=0.2)
    took = time.monotonic() - began
    spent = {name: at - busy[name] for name, at in _busy(stack).items()}
    return {
        "rows": rows,
        "seconds_to_the_answer": round(answered, 1),
        "seconds_to_the_graph": round(took, 1),
        "rows_a_second_to_the_graph": round(rows / took),
        "processor_microseconds_a_row": {name: round(1e6 * each / rows) for name, each in spent.items()},
        "peak_memory_mib": _peaks(stack),
    }


async def _file(rows: int) -> AsyncIterator[bytes]:
    """The file a piece at a time; links, companies and titles repeat as they do in such files."""
    yield _HEADER.encode()
    for first in range(0, rows, _AT_ONCE):
        yield "".join(_row(number) for number in range(first, min(rows, first + _AT_ONCE))).encode()


def _row(number: int) -> str:
    given, link = _GIVEN[number % len(_GIVEN)], f"https://www.linkedin.com/in/someone-{number}-example"
    day = f"{number % 28 + 1:02} Mar {2010 + number % 15}"
    return f"{given},Family{number},{link},,Company {number % 5000},Data Engineer {number % 500},{day}\n"


async def _ties_read(to: Services) -> int:
    lines = (await to.matching.get("/metrics")).text.splitlines()
    return int(sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(_READ)))


def _busy(stack: Stack) -> dict[str, float]:
    return busy_seconds({name: pid for name, pid in stack.pids.items() if pid is not None})


def _peaks(stack: Stack) -> dict[str, int]:
    """The most memory that each process ever held; of PostgreSQL, which is many, nothing."""
    return {name: _peak(pid) for name, pid in stack.pids.items() if pid is not None and name != "postgres"}


def _peak(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return round(int(next(line.split()[1] for line in lines if line.startswith("VmHWM"))) / 1024)


if __name__ == "__main__":
    main()
