"""Puts the views of introductions together: names from profiles, the ledger, the seeker's record."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from services.introductions import balance, disclosure, store
from services.introductions.balance import LAST, Incoming, Record
from services.introductions.dependencies import Dependencies
from services.introductions.disclosure import Shown
from services.introductions.introduction import Introduction
from services.introductions.transitions import Who
from services.introductions.views import NEW_HERE, Facts, IntroductionView
from services.introductions.views import view as make_view
from shared.storage.pool import Connection, Pool

NAMED = {Shown.SEEKER: Who.SEEKER, Shown.INTRODUCER: Who.INTRODUCER, Shown.TARGET: Who.TARGET}


async def view(deps: Dependencies, one: Introduction, who: Who, conn: Connection | None = None) -> IntroductionView:
    """The view of one introduction. `conn`: where a transaction is open; two connections at once could be none."""
    [made] = await views(deps, [one], who, conn)
    return made


async def views(
    deps: Dependencies, found: Sequence[Introduction], who: Who, conn: Connection | None = None
) -> list[IntroductionView]:
    """The views of several introductions, for the same part in each. Only what is shown is looked up."""
    names = await _names(deps, found, who)
    place = conn or deps.pool
    return [make_view(one, who, await _facts(deps, place, one, who, names), deps.now()) for one in found]


async def in_order(deps: Dependencies, incoming: Sequence[Introduction], introducer_id: str) -> list[Introduction]:
    """Asks that came in, those first that give most to both sides."""
    by_id = {one.id: one for one in incoming}
    seekers = {one.seeker_id for one in incoming}
    could = await store.could_introduce(deps.pool, introducer_id, seekers)
    gains = [
        Incoming(
            id=one.id,
            value=one.path.value,
            gave=await store.given(deps.pool, one.seeker_id, introducer_id) > 0,
            closes_well=balance.record(await store.asks(deps.pool, one.seeker_id, LAST)).closes_well,
            could_introduce=one.seeker_id in could,
            due_at=one.due_at or deps.now(),
        )
        for one in incoming
    ]
    return [by_id[each.id] for each in balance.in_order(gains)]


def _knows(one: Introduction, part: Who) -> str:
    """In whose words somebody is named: a contact stands in one address book only.

    The introducer is the seeker's contact, and the target the introducer's.
    """
    return one.path.introducer_id if part == Who.TARGET and not one.path.direct else one.seeker_id


async def _names(deps: Dependencies, found: Iterable[Introduction], who: Who) -> dict[str, str]:
    wanted: defaultdict[str, set[str]] = defaultdict(set)
    for one in found:
        for what in disclosure.shown(one, who) & NAMED.keys():
            wanted[_knows(one, NAMED[what])].add(one.person(NAMED[what]))
        if Shown.NEXT in disclosure.shown(one, who):
            wanted[one.seeker_id].update(one.to_ask_next(deps.now()))
    names: dict[str, str] = {}
    for viewer, ids in wanted.items():
        names |= await deps.profiles.names(viewer, ids)
    return names


async def _facts(
    deps: Dependencies, place: Connection | Pool, one: Introduction, who: Who, names: dict[str, str]
) -> Facts:
    shown = disclosure.shown(one, who)
    record: Record = NEW_HERE
    given = (0, 0)
    if Shown.RECORD in shown:
        record = balance.record(await store.asks(place, one.seeker_id, LAST))
    if Shown.GIVEN in shown:
        pair = (one.path.introducer_id, one.seeker_id)
        given = (await store.given(place, *pair), await store.given(place, *reversed(pair)))
    address = await deps.profiles.address(one.seeker_id) if Shown.ADDRESS in shown else None
    return Facts(names, given, record, address)
