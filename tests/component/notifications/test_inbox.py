"""The inbox on a real database: versions, changes in place, what is told and when, order, pages."""

import base64
import uuid
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from services.notifications import domain, store, timers
from services.notifications.handlers import Handlers
from shared.events.suggestions import suggestion_id
from shared.messaging.topics.catalogue import CONSUMER_GROUPS
from tests.tiers import examples

from .conftest import between, direct, record, suggestion


async def test_an_openings_suggestion_stands_in_the_inbox_with_names_and_bands(world):
    made = suggestion("ada", "p1", direct(), between(), url="https://jobs.example/1")
    await world.apply(record(made))
    [item] = await world.inbox("ada")
    assert item["id"] == made.suggestion_id
    assert (item["title"], item["company"], item["url"], item["fit"]) == (
        "Role p1",
        "Initech",
        "https://jobs.example/1",
        80,
    )
    first, second = item["paths"]
    assert (first["name"], first["band"], first["way"], first["reasons"]) == (
        "Dana Okafor",
        "strong",
        "direct",
        ["both at Globex"],
    )
    assert (second["name"], second["band"], second["says"]) == ("Ben Ito", "good", "Ben Ito knows somebody there")
    assert "ines" not in str(item)
    assert "Ines" not in str(item)
    assert "ines" not in world.profiles.asked
    assert "score" not in str(item)
    created, suggested = (datetime.fromisoformat(item[key]) for key in ("created_at", "suggested_at"))
    assert timedelta(0) <= created - suggested < timedelta(seconds=30)
    assert await world.events("ada") == ["suggestion"]
    assert await world.inbox("bob") == []


async def test_a_redelivered_record_tells_nobody_twice(world):
    made = record(suggestion("ada"))
    await world.apply(made, made, made)
    assert await world.events("ada") == ["suggestion"]
    assert await world.deliveries("ada") == [("suggestion", "queued")]


async def test_an_older_version_never_overwrites_a_newer_one(world):
    old, new = suggestion("ada", "p1", fit=60), suggestion("ada", "p1", fit=90)
    await world.apply(record(new), record(old))
    assert [item["fit"] for item in await world.inbox("ada")] == [90]


async def test_an_unread_item_is_updated_in_place_without_a_second_message(world):
    await world.apply(
        record(suggestion("ada", "p1", direct("dana"))), record(suggestion("ada", "p1", direct("ben"), fit=91))
    )
    [item] = await world.inbox("ada")
    assert (item["fit"], item["paths"][0]["name"], item["status"]) == (91, "Ben Ito", "unread")
    assert await world.events("ada") == ["suggestion", "updated"]
    assert len(await world.deliveries("ada")) == 1


async def test_a_change_that_nobody_can_see_is_not_told_and_moves_no_time(world):
    """A score within its band moves when an introducer says something of somebody else: when it did is not told."""
    posted = datetime(2026, 3, 1, tzinfo=UTC)
    made = suggestion("ada", "p1", direct("dana", score=0.3), posted_at=posted)
    await world.apply(record(made))
    before = await world.inbox("ada")
    await world.apply(record(suggestion("ada", "p1", direct("dana", score=0.31), posted_at=posted)))
    assert await world.inbox("ada") == before
    assert await world.events("ada") == ["suggestion"]
    await world.apply(record(suggestion("ada", "p1", direct("dana", score=0.1), posted_at=posted)))
    assert [item["paths"][0]["band"] for item in await world.inbox("ada")] == ["good"]
    assert await world.events("ada") == ["suggestion", "updated"]
    assert (await world.inbox("ada"))[0]["updated_at"] > before[0]["updated_at"]


async def test_a_read_item_with_somebody_else_on_top_is_updated_and_not_told_again(world):
    made = suggestion("ada", "p1", direct("dana"))
    await world.apply(record(made))
    await world.http.post(f"/v1/inbox/{made.suggestion_id}/read", headers={"Authorization": "Bearer wpm_ada"})
    await world.apply(record(suggestion("ada", "p1", direct("dana"), fit=95)))
    assert [item["status"] for item in await world.inbox("ada")] == ["read"]
    assert await world.inbox("ada", unread=True) == []
    await world.apply(record(suggestion("ada", "p1", direct("ben"))))
    assert [item["status"] for item in await world.inbox("ada", unread=True)] == ["updated"]
    assert await world.events("ada") == ["suggestion", "updated", "updated"], "open screens follow every change"
    assert len(await world.deliveries("ada")) == 1


async def test_what_is_withdrawn_is_taken_back_and_stays_so(world):
    made = suggestion("ada")
    gone = record(made.suggestion_id)
    await world.apply(record(made), gone, record(made), gone)
    assert await world.inbox("ada") == []
    assert (await world.get(f"/v1/inbox/{made.suggestion_id}", "ada")).status_code == 404
    assert await world.events("ada") == ["suggestion", "withdrawn"]
    [row] = await world.pool.fetch("SELECT version, content FROM items")
    assert (row["version"], row["content"]) == (gone.version, None)


async def test_a_tombstone_before_its_suggestion_keeps_it_out(world):
    made = suggestion("ada")
    await world.apply(record(made.suggestion_id, version=made.version + 1000), record(made))
    assert await world.inbox("ada") == []
    assert await world.events("ada") == []


async def test_withdrawn_and_back_is_shown_at_once_and_told_again_only_after_a_while(world):
    sid = suggestion_id("ada", "p1")
    await world.apply(record(suggestion("ada")), record(sid), record(suggestion("ada")))
    assert len(await world.inbox("ada")) == 1
    assert await world.events("ada") == ["suggestion", "withdrawn"]
    await world.apply(record(sid))
    await world.pool.execute("UPDATE items SET told_at = told_at - $1::interval", domain.RETELL_AFTER)
    await world.apply(record(suggestion("ada")))
    assert await world.events("ada") == ["suggestion", "withdrawn", "withdrawn", "suggestion"]


async def test_a_burst_of_openings_ends_in_one_summary(world):
    await world.apply(*[record(suggestion("ada", f"p{n}")) for n in range(9)])
    assert await world.events("ada") == ["suggestion"] * 5
    await world.make_due("ada")
    assert await timers.send_summaries(world.pool, email=True) == 1
    assert (await world.events("ada"))[5:] == ["summary"]
    assert len(await world.inbox("ada")) == 9
    assert await world.deliveries("ada") == [("suggestion", "queued")] * 5 + [("summary", "queued")]


async def test_a_backlog_is_one_summary(world):
    await world.apply(*[record(suggestion("ada", f"p{n}"), age=timedelta(hours=2)) for n in range(3)])
    assert await world.events("ada") == []
    assert len(await world.inbox("ada")) == 3


async def test_a_summary_is_not_told_before_it_is_due_nor_twice(world):
    await world.apply(record(suggestion("ada"), cause="network"))
    assert await timers.send_summaries(world.pool, email=True) == 0
    await world.make_due("ada")
    assert [await timers.send_summaries(world.pool, email=True) for _ in range(2)] == [1, 0]
    await world.apply(record(suggestion("ada", "p1", fit=99), cause="network"))
    await world.make_due("ada")
    assert await timers.send_summaries(world.pool, email=True) == 0
    assert await world.events("ada") == ["summary", "updated"], "refreshed on screen, not told again"


async def test_a_summary_of_more_than_is_changed_at_a_time_tells_all_of_it(world, monkeypatch):
    monkeypatch.setattr(store, "CHUNK_ROWS", 2)
    await world.apply(*[record(suggestion("ada", f"p{n}"), cause="network") for n in range(5)])
    await world.make_due("ada")
    await timers.send_summaries(world.pool, email=True)
    assert await world.pool.fetchval("SELECT count(*) FROM items WHERE told_seq = 1 AND NOT waiting") == 5
    assert (await store.message_items(world.pool, "ada", 1, unread=True, limit=3))[1] == 5


async def test_what_is_withdrawn_or_read_drops_out_of_a_pending_summary(world):
    made = [suggestion("ada", f"p{n}") for n in range(3)]
    await world.apply(*[record(each, cause="network") for each in made])
    await world.apply(record(made[0].suggestion_id, cause="network"))
    await world.http.post(f"/v1/inbox/{made[1].suggestion_id}/read", headers={"Authorization": "Bearer wpm_ada"})
    await world.make_due("ada")
    await timers.send_summaries(world.pool, email=True)
    told = await world.pool.fetch("SELECT posting_id FROM items WHERE told_seq IS NOT NULL")
    assert [row["posting_id"] for row in told] == ["p2"]


async def test_a_summary_of_nothing_is_not_sent(world):
    made = suggestion("ada")
    await world.apply(record(made, cause="network"), record(made.suggestion_id))
    await world.make_due("ada")
    assert await timers.send_summaries(world.pool, email=True) == 0
    assert await world.events("ada") == ["withdrawn"]
    assert await world.pool.fetchval("SELECT count(*) FROM digests") == 0


async def test_the_list_is_ordered_as_the_rules_say(world):
    day = datetime(2026, 5, 4, tzinfo=UTC)
    made = [
        suggestion("ada", "pb", direct(score=0.15), fit=80, posted_at=day),  # 12.0, like 60 at 0.2
        suggestion("ada", "pa", direct(score=0.2), fit=60, posted_at=day),
        suggestion("ada", "pc", direct(score=0.2), fit=60, posted_at=day + timedelta(seconds=1)),
        suggestion("ada", "pd", direct(score=0.1), fit=100, posted_at=day),
        suggestion("ada", "pe", direct(score=0.3), fit=50, posted_at=day),
        suggestion("ada", "Pa", direct(score=0.2), fit=60, posted_at=day),
    ]
    await world.apply(*[record(each) for each in made])
    shown = [item["posting_id"] for item in await world.inbox("ada")]
    assert shown == ["pe", "pc", "Pa", "pa", "pb", "pd"]
    assert shown == [each.posting_id for each in sorted(made, key=domain.list_order)]
    newest = [item["posting_id"] for item in await world.inbox("ada", sort="newest")]
    assert newest == [each.posting_id for each in reversed(made)]


async def test_pages_hold_each_item_once_even_where_the_cursors_item_has_gone(world):
    made = [suggestion("ada", f"p{n}", direct(score=0.2), fit=60) for n in range(7)]
    await world.apply(*[record(each) for each in made])
    for sort in ("best", "newest"):
        seen, query = [], {"limit": 3, "sort": sort}
        while True:
            page = (await world.get("/v1/inbox", "ada", params=query)).json()
            seen += [item["id"] for item in page["items"]]
            if page["next"] is None:
                break
            query["cursor"] = page["next"]
        assert sorted(seen) == sorted(each.suggestion_id for each in made)
    first = (await world.get("/v1/inbox", "ada", params={"limit": 3})).json()
    await world.apply(record(first["items"][-1]["id"]))
    rest = (await world.get("/v1/inbox", "ada", params={"limit": 10, "cursor": first["next"]})).json()
    assert len(rest["items"]) == 4


async def test_a_cursor_gives_no_score_away_and_is_no_ones_elses(world):
    await world.apply(*[record(suggestion("ada", f"p{n}", direct(score=0.37))) for n in range(3)])
    page = (await world.get("/v1/inbox", "ada", params={"limit": 1})).json()
    inside = base64.urlsafe_b64decode(page["next"] + "==").decode()
    assert inside.count(",") == 1
    assert page["items"][0]["id"] in inside
    assert (await world.get("/v1/inbox", "bob", params={"cursor": page["next"]})).status_code == 422


TOPS = st.lists(st.sampled_from([None, "dana", "ben"]), min_size=1, max_size=5)


@examples(15, HealthCheck.function_scoped_fixture)
@given(data=st.data())
async def test_any_order_of_records_ends_in_the_newest_state_told_once_a_spell(world, data):
    member = f"m-{uuid.uuid4()}"
    tops = data.draw(TOPS)
    sid = suggestion_id(member, "p1")
    records = [record(sid) if top is None else record(suggestion(member, "p1", direct(top))) for top in tops]
    order = data.draw(
        st.permutations([*range(len(tops)), *data.draw(st.lists(st.integers(0, len(tops) - 1), max_size=4))])
    )
    await world.apply(*[records[index] for index in order])
    items = await world.inbox(member)
    assert [item["paths"][0]["introducer_id"] for item in items] == [top for top in tops[-1:] if top]
    assert (await world.events(member)).count("suggestion") <= 1  # all within RETELL_AFTER


KEPT = """
SELECT i.posting_id, i.version, live, status, content, rank, waiting, told_seq, told_at IS NOT NULL AS told,
    created_at > $2 AS fresh, suggested_at
FROM items AS i WHERE member_id = $1 ORDER BY posting_id
"""
STREAM = "SELECT seq, kind, suggestion_id FROM events WHERE member_id = $1 ORDER BY seq"
MAILS = "SELECT seq, kind, posted_at FROM deliveries WHERE member_id = $1 ORDER BY seq"
ERASED = "INSERT INTO erased (member_id, version) VALUES ($1, 1)"


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["p1", "p2", "p3", "p4", "p5", "p6", "p7"]),
        st.sampled_from([None, "dana", "dana", "ben"]),
        st.sampled_from(["opening", "opening", "network"]),
        st.sampled_from([timedelta(0), timedelta(0), timedelta(hours=1)]),
        st.integers(-2, 1),
    ),
    max_size=25,
)


@examples(60, HealthCheck.function_scoped_fixture)
@given(steps=STEPS, cuts=st.lists(st.integers(0, 25), max_size=3), erased=st.booleans())
async def test_records_taken_together_come_to_the_same_as_one_by_one(world, steps, cuts, erased):
    """Two members with the same history: the one's records come one by one, the other's in batches."""
    run, began = uuid.uuid4(), datetime.now(UTC)
    members = [f"one-{run}", f"many-{run}"]
    if erased:
        for member in members:
            await world.pool.execute(ERASED, member)
    posted = datetime(2026, 1, 1, tzinfo=UTC)
    histories = []
    for member in members:
        made = []
        for number, (posting, top, cause, age, back) in enumerate(steps):
            version = 10 * number + 1 + 15 * back  # some are older than what came before
            version = max(1, version)
            value = suggestion(member, posting, direct(top or "x"), posted_at=posted)
            value = value.model_copy(update={"version": version})
            key = value if top else value.suggestion_id
            made.append(record(key, cause=cause, version=version, age=age, posted=age))
        histories.append(made)
    await world.apply(*histories[0])
    places = sorted({0, len(steps), *(cut for cut in cuts if cut < len(steps))})
    for start, end in pairwise(places):
        await world.apply_together(*histories[1][start:end])
    one, many = [await everything(world, member, began) for member in members]
    assert one == many


async def everything(world, member, began):
    """All that is kept for a member, but for times and for ids that name them."""
    items = [dict(row) for row in await world.pool.fetch(KEPT, member, began)]
    postings = {suggestion_id(member, each): each for each in ("p1", "p2", "p3", "p4", "p5", "p6", "p7")}
    for item in items:
        item["suggested_at"] = item["suggested_at"] and round((began - item["suggested_at"]).total_seconds() / 60)
        content = item["content"] or {}
        item["content"] = {key: content.get(key) for key in ("fit", "paths", "opening", "version")}
    events = [
        (row["seq"], row["kind"], postings[row["suggestion_id"]]) for row in await world.pool.fetch(STREAM, member)
    ]
    mails = [(row["seq"], row["kind"], row["posted_at"] is None) for row in await world.pool.fetch(MAILS, member)]
    digests = await world.pool.fetchval("SELECT count(*) FROM digests WHERE member_id = $1", member)
    buried = await world.pool.fetch(
        "SELECT suggestion_id, version FROM items WHERE member_id IS NULL AND suggestion_id = ANY($1)", [*postings]
    )
    return items, events, mails, digests, sorted((postings[row["suggestion_id"]], row["version"]) for row in buried)


async def test_records_of_several_members_are_taken_together(world):
    made = [suggestion(member, f"p{n}") for n in range(3) for member in ("ada", "bob")]
    await world.apply_together(*map(record, made), record(made[1].suggestion_id), record(made[0]))
    assert await world.events("ada") == ["suggestion"] * 3
    assert await world.events("bob") == ["suggestion"] * 3 + ["withdrawn"]
    assert [len(await world.inbox(member)) for member in ("ada", "bob")] == [3, 2]


def test_handlers_know_the_topics_the_group_reads():
    made = Handlers(timedelta(1), timedelta(1), email=False)
    assert set(made.by_topic()) == {topic.name for topic in CONSUMER_GROUPS["notifications"]}
