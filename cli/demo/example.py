"""The example network on the real stack: load it, tell one person's story, post openings, count what came of them."""

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cli.demo.load import CONCURRENCY, Account, call, contact_ids, load
from cli.demo.network import CHARACTERS, COLLEAGUE, FRIEND, INSIDER, SEEKER, build
from cli.demo.printer import Printer
from cli.demo.services import Services, suggested, until_book_read, until_read
from cli.demo.story import Story
from shared.testing.wait import until

ORGANISATION = "Example Recruiting"
SETTLE_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Figures:
    """Totals over the whole network; times in milliseconds, from an opening's 2xx answer to the inbox.

    Times are those of openings that were posted once everybody was there.
    """

    openings: int
    suggestions: int
    notified: int
    p50_ms: int
    p99_ms: int

    def line(self) -> str:
        """The last line of the demo's output."""
        return (
            f"demo: openings={self.openings} suggestions={self.suggestions} notified={self.notified} "
            f"p50_ms={self.p50_ms} p99_ms={self.p99_ms}"
        )


async def show(to: Services, printer: Printer, mail: Path) -> tuple[Figures, dict[str, str], dict[str, str]]:
    """Tell the story as soon as its characters are there; then load the other people and post the other openings.

    `mail`: the folder with the stack's e-mails. Gives the figures, the recruiting organisation with its key, and the
    ids of those whom the story is about, by what they are in it.
    """
    network = build(today=datetime.now(UTC).date())
    cast, others = network.members[: len(CHARACTERS)], network.members[len(CHARACTERS) :]
    printer.heading(f"{len(cast)} invented people")
    accounts = await load(to.profiles, cast, printer.progress)
    await _until_they_know_each_other(to, accounts)
    made = await call(to.postings, "POST", "/internal/v1/organisations", json={"name": ORGANISATION})
    key = str(made["api_key"])
    printer.heading(f"One person's story: {accounts[0].member.name}, looking for her next job")
    story = Story(to, accounts, key, printer, mail)
    await story.tell()
    printer.heading(f"{len(others)} more people, and {len(network.openings)} more openings, for everybody")
    accounts += await load(to.profiles, others, printer.progress)
    posted = await _post_one_by_one(to, network.openings, key)
    inboxes = await _settled(to, accounts, story.posted | posted, printer)
    people = {
        f"{accounts[number].member.name}, who {what}": accounts[number].id
        for number, what in ((SEEKER, "looks for a job"), (FRIEND, "can introduce people"))
    }
    return await _figures(to, inboxes, len(story.posted | posted), posted), made, people


async def _until_they_know_each_other(to: Services, cast: list[Account]) -> None:
    """Wait until the story's characters have found each other as members, and the matcher has read it."""

    async def found() -> bool:
        for one, other in ((SEEKER, FRIEND), (SEEKER, COLLEAGUE), (FRIEND, INSIDER)):
            ids = await contact_ids(to.profiles, cast[one])
            if ids[cast[other].member.url] != cast[other].id:
                return False
        return True

    await until(found, timeout=SETTLE_TIMEOUT_S, what="the story's characters find each other")
    for account in cast:
        await until_book_read(to, account.id, lambda *_: None)


async def _post_one_by_one(to: Services, openings: list[dict[str, Any]], key: str) -> dict[str, float]:
    """Post each opening once the matcher has read the previous one. When each was accepted, in Unix seconds, by id."""
    posted = {}
    for opening in openings:
        recruiter = {"Authorization": f"Bearer {key}"}
        posting = (await call(to.postings, "POST", "/v1/postings", json=opening, headers=recruiter))["posting_id"]
        posted[posting] = time.time()
        await until_read(to, posting)
    return posted


async def _settled(
    to: Services, accounts: list[Account], posted: dict[str, float], printer: Printer
) -> list[dict[str, Any]]:
    """All items of all inboxes, once these hold as many as the matcher counts."""

    async def same() -> bool:
        stats = await call(to.notifications, "GET", "/internal/v1/stats")
        return bool(await suggested(to, posted) == stats["suggestions"])

    await until(same, timeout=SETTLE_TIMEOUT_S, every=0.1, what="every inbox holds what the matcher found")
    stats = await call(to.notifications, "GET", "/internal/v1/stats")
    printer.line(f"{stats['suggestions']} suggestions for {stats['members']} people")
    gate = asyncio.Semaphore(CONCURRENCY)

    async def items(account: Account) -> list[dict[str, Any]]:
        async with gate:
            page = await call(
                to.notifications, "GET", "/v1/inbox", params={"member": account.id, "limit": 200, "kind": "suggestion"}
            )
        return list(page["items"])

    seekers = [account for account in accounts if account.member.seeking]
    return [item for found in await asyncio.gather(*map(items, seekers)) for item in found]


async def _figures(to: Services, inboxes: list[dict[str, Any]], openings: int, posted: dict[str, float]) -> Figures:
    stats = await call(to.notifications, "GET", "/internal/v1/stats")
    timed = [item for item in inboxes if item["posting_id"] in posted]
    arrived = [datetime.fromisoformat(item["created_at"]).timestamp() - posted[item["posting_id"]] for item in timed]
    took = sorted(max(0.0, seconds) for seconds in arrived)
    return Figures(
        openings=openings,
        suggestions=stats["suggestions"],
        notified=stats["notified"],
        p50_ms=_percentile(took, 0.50),
        p99_ms=_percentile(took, 0.99),
    )


def _percentile(seconds: list[float], share: float) -> int:
    """The nearest-rank percentile, in whole milliseconds."""
    rank = max(0, -(-int(share * 100) * len(seconds) // 100) - 1)
    return round(1000 * seconds[rank]) if seconds else 0
