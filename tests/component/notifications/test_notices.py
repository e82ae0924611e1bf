"""Messages about introductions: asked for before each delivery, told once, taken back when they are no longer so."""

import asyncio
from datetime import UTC, datetime, time, timedelta

import pytest

from services.notifications import preferences, timers
from services.notifications.kinds import KINDS, NOTICES
from services.notifications.preferences import Preferences
from services.notifications.telling import OLD_NEWS, Teller
from shared.events.envelope import seal, unseal
from shared.events.introductions import IntroductionV1, Legs, Step
from shared.messaging.consume.decoding import Record
from shared.messaging.topics.catalogue import INTRODUCTIONS

from .conftest import VERSIONS, erasure, listening, suggestion, token
from .conftest import record as suggested
from .test_restored import restored

ASKED = ("requested", "asked")
INTRODUCED = (*ASKED, "accepted", "introduced")
MESSAGE = {
    "role": "introducer", "state": "asked", "title": "Engineer", "company": "Initech",
    "seeker": {"id": "bob", "name": "Bob Lind"}, "target": {"id": "ines", "name": "Ines Sider"},
    "note": "I built their rival.\r\nBcc: x@evil.example", "why": ["you both worked at Globex"],
}  # fmt: skip
PATH = "/answer/" + "t" * 43
LINK = f"https://warmpath.example{PATH}"


def introduction(*statuses, seeker="bob", introducer="ada", age=timedelta(0), key="i1"):
    """bob asks ada to introduce him to ines; the last step is `age` old."""
    now = datetime.now(UTC)
    steps = [_step(each, now - age - timedelta(seconds=len(statuses) - n)) for n, each in enumerate(statuses, 1)]
    return IntroductionV1(
        introduction_id=key, version=next(VERSIONS), seeker_id=seeker, introducer_id=introducer, insider_id="ines",
        legs=Legs(introducer="app", target="app"), history=tuple(steps),
    )  # fmt: skip


def _step(status, at):
    name, _, outcome = status.partition("/")
    return Step(status=name, at=at, outcome=outcome or None)


def record(value, key=None):
    key, version = (key, next(VERSIONS)) if value is None else (value.introduction_id, value.version)
    sealed = unseal(seal(INTRODUCTIONS.name, key, version, "introductions"))
    return Record(INTRODUCTIONS.name, 0, 0, key, value, version, sealed, 0)


def teller(world):
    return Teller(world.pool, world.app.state.dependencies.introductions, email=True)


async def tell(world, *values):
    """Takes records, and tells what is due."""
    await world.apply(*map(record, values))
    await teller(world).tell_due()


async def drain(world):
    sender = world.sender()
    while await sender.send_one():
        pass


async def hurry(world, kind):
    """A notice that was planned for later is due now."""
    await world.pool.execute("UPDATE items SET due_at = clock_timestamp() WHERE kind = $1 AND due_at IS NOT NULL", kind)
    await teller(world).tell_due()


def says(world, *kinds, member="ada", **changed):
    for kind in kinds:
        world.introductions.says[member, kind] = MESSAGE | changed


async def test_an_ask_stands_in_the_inbox_on_the_stream_and_in_one_e_mail(world):
    says(world, "introduction_asked")
    async with listening(world, "ada") as stream:
        await stream.next()
        await tell(world, introduction(*ASKED))
        kind, _, data = await stream.next()
    assert (kind, data["item"]["kind"]) == ("introduction_asked", "introduction_asked")
    [item] = await world.inbox("ada", kind="introduction_asked")
    assert item == data["item"]
    assert item["sentence"] == KINDS["introduction_asked"].sentence
    assert item["says"][0] == "Bob Lind asks whether you would introduce them to Ines Sider."
    assert (item["note"], item["page"]) == ("I built their rival. Bcc: x@evil.example", "/introductions/i1")
    await drain(world)
    await drain(world)
    [mail] = world.mail.tries
    assert (mail["X-Envelope-To"], mail["Subject"]) == ("ada@mail.example", KINDS["introduction_asked"].sentence)
    assert mail["Bcc"] is None
    for form in ("plain", "html"):
        body = mail.get_body((form,)).get_content().replace("\u200b", "")
        assert "Bob Lind asks whether you would introduce them to Ines Sider." in body
        assert "you both worked at Globex" in body
    assert set(world.introductions.asked) == {("i1", "ada", "introduction_asked")}


@pytest.mark.parametrize(
    ("link", "place"),
    [(LINK, PATH), (None, "/introductions/i1"), ("//evil", "/introductions/i1"), ("http://evil.example/x", "/x")],
)
async def test_an_e_mail_leads_to_the_console_and_a_link_is_kept_nowhere(world, monkeypatch, link, place):
    monkeypatch.setattr(type(world.settings), "console", property(lambda _: "https://warmpath.example"))
    says(world, "introduction_asked")
    world.introductions.link = link
    await tell(world, introduction(*ASKED))
    await drain(world)
    [mail] = world.mail.tries
    assert world.introductions.linked == [("i1", "ada")], "made for the e-mail alone"
    for form in ("plain", "html"):
        assert f"https://warmpath.example{place}" in mail.get_body((form,)).get_content()
    for table in ("items", "events", "deliveries", "unsubscribe_links"):
        rows = str([dict(row) for row in await world.pool.fetch(f"SELECT * FROM {table}")])  # noqa: S608 - our own names
        assert PATH not in rows
        assert "Lind" not in rows
        assert "rival" not in rows


async def test_what_is_no_longer_to_be_said_is_not_told(world):
    await tell(world, introduction(*ASKED))
    assert await world.inbox("ada") == []
    assert await world.events("ada") == []
    assert await world.deliveries("ada") == []


async def test_what_ends_between_inbox_and_e_mail_is_not_mailed_nor_shown(world):
    says(world, "introduction_asked")
    await tell(world, introduction(*ASKED))
    world.introductions.says.clear()  # she answered, quietly: no record says so
    await drain(world)
    assert world.mail.tries == []
    assert await world.deliveries("ada") == [("introduction_asked", "cancelled")]
    assert await world.inbox("ada") == []
    [row] = await world.pool.fetch("SELECT suggestion_id FROM items WHERE live")
    assert (await world.get(f"/v1/inbox/{row['suggestion_id']}", "ada")).status_code == 404


async def test_a_record_that_goes_on_takes_back_what_it_said(world):
    says(world, "introduction_asked", "reminder")
    says(world, "agreed", member="bob", role="seeker")
    await tell(world, introduction(*ASKED), introduction(*ASKED, "accepted"))
    assert await world.inbox("ada") == [], "never told, since it was over before"
    await tell(world, introduction(*ASKED, key="i2"))
    await tell(world, introduction(*ASKED, "accepted", key="i2"))
    assert await world.events("ada") == ["introduction_asked", "withdrawn"]
    assert [item["kind"] for item in await world.inbox("bob")] == ["agreed", "agreed"]
    await hurry(world, "reminder")
    assert "reminder" not in await world.events("ada")
    await drain(world)
    assert await world.deliveries("ada") == [("introduction_asked", "cancelled")]


async def test_a_reminder_comes_in_time_and_only_to_who_has_not_answered(world):
    says(world, "introduction_asked", "reminder")
    await tell(world, introduction(*ASKED))
    assert await world.events("ada") == ["introduction_asked"]
    before = await world.events("bob")
    await hurry(world, "reminder")
    assert await world.events("ada") == ["introduction_asked", "reminder"]
    says(world, "introduction_asked")
    await tell(world, introduction(*ASKED, key="i2"))
    del world.introductions.says["ada", "reminder"]  # a quiet answer
    await hurry(world, "reminder")
    assert (await world.events("ada")).count("reminder") == 1
    assert await world.events("bob") == before == [], "and the seeker is sent nothing either way"


async def test_how_did_it_go_is_asked_twice_and_no_more_once_it_was_told(world):
    says(world, "outcome_question", "introduced", member="bob", role="seeker")
    says(world, "outcome", "introduced")
    made = introduction(*INTRODUCED, age=timedelta(days=8))
    await tell(world, made)
    assert sorted(await world.events("bob")) == ["introduced", "outcome_question"]
    await hurry(world, "outcome_question")
    assert (await world.events("bob")).count("outcome_question") == 2
    closed = made.model_copy(
        update={"version": next(VERSIONS), "history": (*made.history, _step("closed/talked", datetime.now(UTC)))}
    )
    says(world, "outcome", outcome="talked")
    await tell(world, closed)
    assert [item["kind"] for item in await world.inbox("bob")] == []
    [item] = await world.inbox("ada", kind="outcome")
    assert item["says"][0] == "Bob Lind had a talk that helped: Engineer at Initech."


async def test_news_that_was_due_long_before_its_record_was_told_then(world):
    """As when a record comes again after the rows that say what was told of it were deleted."""
    says(world, "introduced", "outcome_question", member="bob", role="seeker")
    await tell(world, introduction(*INTRODUCED, age=2 * OLD_NEWS))
    assert await world.events("bob") == []
    await tell(world, introduction(*INTRODUCED, age=OLD_NEWS / 2, key="i2"))
    assert "introduced" in await world.events("bob")


async def test_each_kind_is_turned_off_by_its_own_link(world):
    says(world, "introduction_asked", "reminder")
    await tell(world, introduction(*ASKED))
    await drain(world)
    link = world.mail.tries[-1]["List-Unsubscribe"][1:-1]
    path = link[link.index("/unsubscribe") :]
    assert (await world.http.post(path)).status_code == 200
    await tell(world, introduction(*ASKED, key="i2"))
    await hurry(world, "reminder")
    await drain(world)
    assert [mail["Subject"] for mail in world.mail.tries[1:]] == [KINDS["reminder"].sentence] * 2
    assert len(await world.inbox("ada", kind="introduction_asked")) == 2, "the inbox holds everything"


async def test_e_mails_wait_for_the_end_of_quiet_hours(world):
    says(world, "introduction_asked")
    now = datetime.now(UTC)
    quiet = tuple((now + timedelta(hours=hours)).time().replace(microsecond=0, tzinfo=None) for hours in (-1, 2))
    async with world.pool.acquire() as connection, connection.transaction():
        await preferences.put(connection, "ada", Preferences(quiet=quiet))
    await tell(world, introduction(*ASKED))
    await drain(world)
    [row] = await world.pool.fetch("SELECT state, attempts, next_at FROM deliveries")
    assert (row["state"], row["attempts"], world.mail.tries) == ("queued", 0, [])
    assert timedelta(hours=1) < row["next_at"] - now <= timedelta(hours=2)
    assert len(await world.inbox("ada")) == 1
    async with world.pool.acquire() as connection, connection.transaction():
        await preferences.put(connection, "ada", Preferences(quiet=(time(0), time(0, 0, 1))))
    await world.pool.execute("UPDATE deliveries SET next_at = clock_timestamp()")
    await drain(world)
    assert len(world.mail.tries) == 1


async def test_while_introductions_is_away_it_waits_and_what_is_there_stays_readable(world):
    says(world, "introduction_asked")
    world.introductions.away = True
    await tell(world, introduction(*ASKED))
    assert await world.events("ada") == []
    world.introductions.away = False
    await hurry(world, "introduction_asked")
    world.introductions.away = True
    [item] = await world.inbox("ada")
    assert (item["sentence"], item["says"], item["note"]) == (KINDS["introduction_asked"].sentence, [], None)
    await drain(world)
    assert await world.deliveries("ada") == [("introduction_asked", "queued")]
    world.introductions.away = False
    await world.pool.execute("UPDATE deliveries SET next_at = clock_timestamp()")
    await drain(world)
    assert len(world.mail.tries) == 1


async def test_several_tell_together_and_each_once(world):
    says(world, "introduction_asked")
    made = [introduction(*ASKED, key=f"i{n}") for n in range(30)]
    await world.apply(*map(record, made), *map(record, made))
    await asyncio.gather(*(teller(world).tell_due() for _ in range(3)))
    assert await world.events("ada") == ["introduction_asked"] * 30
    await tell(world, *made)
    assert len(await world.events("ada")) == 30
    shown, query = [], {"limit": 7}
    while True:
        page = (await world.get("/v1/inbox", "ada", params=query)).json()
        shown += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert len(shown) == len(set(shown)) == 30


async def test_a_kill_while_telling_leaves_it_to_be_told_once(world):
    class Crash(BaseException):
        """Ends the teller as kill -9 would: before its transaction ends."""

    says(world, "introduction_asked")
    await world.apply(record(introduction(*ASKED)))
    dying = teller(world)
    put = dying._put_in_the_inbox

    async def crash(connection, due):
        assert await put(connection, due) is not None
        raise Crash

    dying._put_in_the_inbox = crash
    with pytest.raises(Crash):
        await dying.tell_due()
    assert await world.events("ada") == []
    await teller(world).tell_due()
    await teller(world).tell_due()
    assert await world.events("ada") == ["introduction_asked"]
    assert await world.deliveries("ada") == [("introduction_asked", "queued")]


async def test_what_waits_for_an_answer_comes_before_suggestions_and_kinds_can_be_chosen(world):
    says(world, "introduction_asked")
    await world.apply(suggested(suggestion("ada", "p1")))
    await tell(world, introduction(*ASKED))
    assert [item["kind"] for item in await world.inbox("ada")] == ["introduction_asked", "suggestion"]
    assert [item["kind"] for item in await world.inbox("ada", kind="suggestion")] == ["suggestion"]
    both = await world.inbox("ada", kind=["suggestion", "introduction_asked"])
    assert len(both) == 2
    path = f"/v1/inbox/{both[0]['id']}"
    headers = {"Authorization": f"Bearer {token('ada')}"}
    assert (await world.http.post(f"{path}/read", headers=headers)).json()["status"] == "read"
    assert (await world.get(f"{path}/draft", "ada")).status_code == 404
    assert (await world.get(path, "bob")).status_code == 404


async def test_after_a_restore_nothing_is_told_a_second_time(world, module_database):
    says(world, "introduction_asked")
    made = introduction(*ASKED), introduction(*ASKED, key="i2")
    planned, lost = map(record, made)
    await world.apply(planned)
    await restored(module_database)
    await world.apply(planned, lost)
    await teller(world).tell_due()
    assert await world.events("ada") == []
    assert len(await world.inbox("ada", kind="introduction_asked")) == 2, "they are shown"
    await tell(world, introduction(*ASKED, key="i3"))
    assert await world.events("ada") == ["introduction_asked"]


async def test_erasure_leaves_nothing_and_nothing_comes_back(world):
    says(world, "introduction_asked")
    await tell(world, introduction(*ASKED))
    await world.apply(erasure("ada"))
    await tell(world, introduction(*ASKED, key="i2"))
    rows = str([dict(row) for row in await world.pool.fetch("SELECT * FROM items")])
    assert "'ada'" not in rows
    assert await world.inbox("ada") == []


async def test_a_tombstone_takes_everything_back_and_an_older_record_nothing(world):
    says(world, "introduction_asked")
    old = introduction(*ASKED)
    await tell(world, introduction(*ASKED))
    await tell(world, old.model_copy(update={"history": (*old.history, _step("expired", datetime.now(UTC)))}))
    assert len(await world.inbox("ada")) == 1
    await world.apply(record(None, "i1"))
    assert await world.inbox("ada") == []
    assert await world.events("ada") == ["introduction_asked", "withdrawn"]


MONDAY = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)


async def test_on_monday_morning_a_seeker_is_told_whom_to_keep_in_touch_with(world):
    world.introductions.says["ada", "keep_in_touch"] = {"people": [{"id": "x", "name": "Mei Tan", "why": ["Initech"]}]}
    await world.apply(suggested(suggestion("ada")), suggested(suggestion("bob")))
    async with world.pool.acquire() as connection, connection.transaction():
        await preferences.put(connection, "ada", Preferences(timezone="Europe/Berlin"))
    assert await timers.plan_keeping_in_touch(world.pool, MONDAY - timedelta(hours=1)) == 0
    assert await timers.plan_keeping_in_touch(world.pool, MONDAY - timedelta(days=1)) == 0
    assert await timers.plan_keeping_in_touch(world.pool, MONDAY) == 1, "it is half past eight in Berlin alone"
    await timers.plan_keeping_in_touch(world.pool, MONDAY)
    await teller(world).tell_due()
    [item] = await world.inbox("ada", kind="keep_in_touch")
    assert (item["says"], item["page"], item["introduction_id"]) == (["Mei Tan: Initech"], "/keep-in-touch", None)
    assert (await world.events("ada")).count("keep_in_touch") == 1


def test_every_kind_can_be_asked_for(world):
    [choice] = [
        each for each in world.app.openapi()["paths"]["/v1/inbox"]["get"]["parameters"] if each["name"] == "kind"
    ]
    assert all(kind.name in str(choice) for kind in NOTICES)
