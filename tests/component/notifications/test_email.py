"""E-mail through a real SMTP server: sent once, tried again only when it surely was not taken, never when in doubt."""

import asyncio
from datetime import timedelta

import pytest

from services.notifications import rendering, timers
from shared.mail.email import Outcome, Result

from .conftest import between, direct, erasure, record, suggestion, token


async def drain(world, sender=None):
    """Takes everything that is due through one try."""
    sender = sender or world.sender()
    while await sender.send_one():
        pass


async def hurry(world):
    """What waits for its next try is due now."""
    await world.pool.execute("UPDATE deliveries SET next_at = clock_timestamp() WHERE state = 'queued'")


async def test_a_message_reaches_the_member(world):
    await world.apply(record(suggestion("ada", "p1", direct(), between(), url="https://jobs.example/1")))
    await drain(world)
    [mail] = world.mail.tries
    assert mail["X-Envelope-To"] == "ada@mail.example"
    assert mail["To"].addresses[0].display_name == "Ada Sol"
    assert mail["From"].addresses[0].addr_spec == "warmpath@news.example"
    assert mail["From"].addresses[0].display_name == "Warmpath"
    assert mail["Subject"] == rendering.SUGGESTION_SUBJECT
    assert mail["Auto-Submitted"] == "auto-generated"
    [delivery] = await world.pool.fetch("SELECT * FROM deliveries")
    assert mail["Message-ID"] == f"<{delivery['delivery_id']}@news.example>"
    assert (delivery["state"], delivery["attempts"]) == ("sent", 1)
    for kind in ("plain", "html"):
        body = mail.get_body((kind,)).get_content()
        assert "Ben Ito (good, knows somebody there)" in body.replace("<bdi>", "").replace("</bdi>", "")
        assert "jobs.example" not in body.replace("\u200b", ""), "links in others' words are no links"
        assert "ines" not in body.lower()
    await drain(world)
    assert len(world.mail.tries) == 1


async def test_nothing_of_a_person_is_stored(world):
    await world.apply(record(suggestion("ada")))
    await drain(world)
    for table in ("items", "events", "deliveries", "members", "digests"):
        rows = str([dict(row) for row in await world.pool.fetch(f"SELECT * FROM {table}")])  # noqa: S608 - our own names
        assert "Sol" not in rows
        assert "Okafor" not in rows
        assert "@" not in rows


async def test_a_hundred_from_an_import_are_one_message(world):
    await world.apply(*[record(suggestion("ada", f"p{n}", fit=50 + n % 50), cause="network") for n in range(100)])
    await world.make_due("ada")
    await timers.send_summaries(world.pool, email=True)
    await drain(world)
    [mail] = world.mail.tries
    assert mail["Subject"] == rendering.SUMMARY_SUBJECT
    assert "100 openings you now have a way into" in mail.get_body(("plain",)).get_content()
    assert mail.get_body(("plain",)).get_content().count("ask Dana Okafor") == 3


async def test_not_now_is_tried_again_and_then_sent(world):
    world.mail.answers = ["451 try later"]
    world.mail.rcpt_answers = ["450 greylisted"]
    await world.apply(record(suggestion("ada")))
    for state in ("queued", "queued", "sent"):
        await drain(world)
        assert await world.deliveries("ada") == [("suggestion", state)]
        [waits] = await world.pool.fetch("SELECT next_at > clock_timestamp() AS waits FROM deliveries")
        assert waits["waits"] is (state == "queued")
        await hurry(world)
    assert len(world.mail.tries) == 2  # the first try ended before DATA


@pytest.mark.parametrize("where", ["answers", "rcpt_answers"])
async def test_refused_for_good_is_failed_and_not_tried_again(world, where):
    setattr(world.mail, where, ["550 no such mailbox"])
    await world.apply(record(suggestion("ada")))
    await drain(world)
    await hurry(world)
    await drain(world)
    assert await world.deliveries("ada") == [("suggestion", "failed")]
    assert len(world.mail.tries) == (where == "answers")


async def test_a_mail_server_that_is_away_is_tried_again(world):
    await world.apply(record(suggestion("ada")))
    port, world.settings.smtp_port = world.settings.smtp_port, 1
    await drain(world)
    assert await world.deliveries("ada") == [("suggestion", "queued")]
    world.settings.smtp_port = port
    await hurry(world)
    await drain(world)
    assert len(world.mail.tries) == 1


async def test_a_sender_that_may_not_send_is_ours_to_mend_and_costs_no_message(world):
    world.mail.mail_answers = ["530 5.7.0 authentication required"]
    await world.apply(record(suggestion("ada")))
    await drain(world)
    assert await world.deliveries("ada") == [("suggestion", "queued")]
    await hurry(world)
    await drain(world)
    assert await world.deliveries("ada") == [("suggestion", "sent")]


async def test_a_server_that_hangs_up_after_the_message_leaves_it_in_doubt(world):
    world.mail.hang_up_after_data = True
    await world.apply(record(suggestion("ada")))
    await drain(world)
    await hurry(world)
    await drain(world)
    assert await world.deliveries("ada") == [("suggestion", "in_doubt")]
    assert len(world.mail.tries) == 1
    assert len(await world.inbox("ada")) == 1


async def test_a_crash_after_the_server_took_it_does_not_send_it_twice(world):
    class Crash(BaseException):
        """Ends the sender as kill -9 would: after the mail server's answer, before the mark."""

    dying = world.sender()
    send = dying._mailer.send

    async def crash(message, address):
        assert await send(message, address) == Result(Outcome.SENT)
        raise Crash

    dying._mailer.send = crash
    await world.apply(record(suggestion("ada")))
    with pytest.raises(Crash):
        await dying.send_one()
    assert await world.deliveries("ada") == [("suggestion", "sending")]
    survivor = world.sender()
    await drain(world, survivor)
    await survivor.mark_in_doubt(timedelta(hours=1))
    assert await world.deliveries("ada") == [("suggestion", "sending")]  # perhaps somebody else's, at work
    await survivor.mark_in_doubt(timedelta(0))
    await hurry(world)
    await drain(world, survivor)
    assert await world.deliveries("ada") == [("suggestion", "in_doubt")]
    assert len(world.mail.tries) == 1


async def test_what_is_withdrawn_or_read_before_it_is_sent_is_cancelled(world):
    gone, seen, left = (suggestion("ada", f"p{n}") for n in range(3))
    await world.apply(record(gone), record(seen), record(left), record(gone.suggestion_id))
    await world.http.post(f"/v1/inbox/{seen.suggestion_id}/read", headers={"Authorization": f"Bearer {token('ada')}"})
    await drain(world)
    assert [state for _, state in await world.deliveries("ada")] == ["cancelled", "cancelled", "sent"]
    [mail] = world.mail.tries
    assert "Role p2 at Initech" in mail.get_body(("plain",)).get_content()


@pytest.mark.parametrize("off", [{"enabled": False}, {"suggestion": False}])
async def test_what_is_not_wanted_is_not_sent_even_if_queued_before(world, off):
    await world.apply(record(suggestion("ada", "p1")))
    headers = {"Authorization": f"Bearer {token('ada')}"}
    assert (await world.http.put("/v1/preferences", headers=headers, json={"email": off})).status_code == 200
    await world.apply(record(suggestion("ada", "p2")))
    await drain(world)
    assert await world.deliveries("ada") == [("suggestion", "cancelled")]
    assert world.mail.tries == []


async def test_without_profiles_it_waits_and_without_an_address_it_fails(world):
    world.profiles.away = True
    await world.apply(record(suggestion("ada")))
    await drain(world)
    assert await world.deliveries("ada") == [("suggestion", "queued")]
    world.profiles.away = False
    del world.profiles.emails["ada"]
    await hurry(world)
    await drain(world)
    assert await world.deliveries("ada") == [("suggestion", "failed")]
    assert world.mail.tries == []


async def test_hostile_names_inject_nothing(world):
    world.profiles.names["ada"] = "Ada\r\nBcc: all@corp.example"
    world.profiles.names["dana"] = "<img src=x onerror=alert(1)>\r\nBcc: all@corp.example"
    await world.apply(record(suggestion("ada", title="T\r\nBcc: all@corp.example")))
    await drain(world)
    [mail] = world.mail.tries
    assert mail["Bcc"] is None
    assert mail["X-Envelope-To"] == "ada@mail.example"
    assert (mail["Subject"], mail["From"]) == (rendering.SUGGESTION_SUBJECT, "Warmpath <warmpath@news.example>")
    assert "<img" not in mail.get_body(("html",)).get_content()


async def test_with_e_mail_off_nothing_is_queued(world):
    await world.apply(record(suggestion("ada", "p1")), record(suggestion("ada", "p2"), cause="network"), email=False)
    await world.make_due("ada")
    await timers.send_summaries(world.pool, email=False)
    assert await world.deliveries("ada") == []
    assert await world.events("ada") == ["suggestion", "summary"]


async def test_two_senders_share_the_queue_without_sending_twice(world):
    await world.apply(*[record(suggestion(member, "p1")) for member in ("ada", "bob")])
    await asyncio.gather(*(drain(world, world.sender()) for _ in range(3)))
    assert sorted(mail["X-Envelope-To"] for mail in world.mail.tries) == ["ada@mail.example", "bob@mail.example"]


async def test_an_erased_member_is_not_written_to(world):
    await world.apply(record(suggestion("ada")), erasure("ada"))
    await drain(world)
    assert world.mail.tries == []
