"""Mailboxes: who wrote to whom and when, what does not count, and that nothing of what was said is kept."""

import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.profiles.imports import registry
from services.profiles.imports.mailbox.headers import condensed
from services.profiles.imports.report import ImportProblem, Owner, Report
from services.profiles.imports.text import Lines

ME, ANA, BO = "Dana Okafor <dana@example.org>", "Ana Silva <ana@example.org>", '"Li, Bo" <bo@example.org>'
OWNER = Owner(frozenset({"dana@example.org"}))


def mail(sender: str, to: str, day: str = "Mon, 5 Jan 2026 10:00:00 +0100", body: str = "Hello", at: str = "179@xxx",
         **more: str) -> str:  # fmt: skip
    headers = {"From": sender, "To": to, "Date": day, "Subject": "SECRET"} | {
        name.replace("_", "-"): value for name, value in more.items()
    }
    lines = "".join(f"{name}: {value}\n" for name, value in headers.items())
    return f"From {at} Mon Jan 05 10:00:00 +0000 2026\n{lines}\n{body}\n\n"


def read(*mails: str, owner: Owner = OWNER) -> Report:
    return registry.read(io.BytesIO("".join(mails).encode()), owner=owner)


def counted(report: Report) -> dict[str, tuple[int, int]]:
    return {record.name: (record.sent, record.received) for record in report.records}


BOTH_WAYS = (mail(ME, ANA), mail(ANA, ME, day="Sun, 1 Feb 2026 23:30:00 -0500"))


def test_mail_both_ways_counts():
    report = read(*BOTH_WAYS, mail(ME, ANA), mail(ME, BO), mail("Eve <eve@x.example>", ME))
    (ana,) = report.records
    assert (ana.name, ana.email, ana.sent, ana.received) == ("Ana Silva", "ana@example.org", 2, 1)
    assert (ana.last_message, ana.address, ana.connected, ana.company) == (date(2026, 2, 1), False, False, None)
    assert report.format == "mailbox"


def test_copies_count_and_circulars_do_not():
    many = ", ".join(f"p{number}@x.example" for number in range(11))
    report = read(*BOTH_WAYS, mail(ME, ANA, Cc=BO), mail(BO, ANA, Cc=ME), mail(ME, f"{ANA}, {many}"))
    assert counted(report) == {"Ana Silva": (2, 1), "Li, Bo": (1, 1)}
    assert report.warnings == ("do not count: messages to more than 10 people (1)",)


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ({"List_Id": "<x.lists.example>"}, "mailing lists"),
        ({"Precedence": "bulk"}, "mailing lists"),
        ({"Auto_Submitted": "auto-replied"}, "automatic"),
        ({"List_Unsubscribe": "<mailto:x@y.example>"}, "automatic"),
        ({"Return_Path": "<>"}, "automatic"),
        ({"X_Gmail_Labels": "Inbox,Spam"}, "drafts, spam"),
        ({"X_Gmail_Labels": "Drafts"}, "drafts, spam"),
    ],
)
def test_lists_and_automatic_mail_do_not_count(headers, told):
    report = read(*BOTH_WAYS, mail(ANA, ME, **headers))
    assert counted(report) == {"Ana Silva": (1, 1)}
    assert told in report.warnings[0]


NOT_ANSWERED = ("no-reply", "NoReply+1", "notifications", "mailer-daemon", "jobs-noreply", "bounce-77")


@pytest.mark.parametrize("address", [f"{name}@x.example" for name in NOT_ANSWERED])
def test_addresses_that_nobody_answers_are_nobody(address):
    assert counted(read(*BOTH_WAYS, mail(address, ME), mail(ME, address))) == {"Ana Silva": (1, 1)}


def test_a_person_with_an_odd_name_is_one():
    for address in ("noreen@x.example", "newsome@x.example", "rootes@x.example", "donota@x.example"):
        assert len(read(*BOTH_WAYS, mail(address, ME), mail(ME, address)).records) == 2


@pytest.mark.parametrize(
    "body",
    [
        "From here on it is easy.\nFrom: bo@example.org\n",
        "\nFrom Bo Mon Jan 05 10:00:00 2026\nFrom: bo@example.org\nTo: dana@example.org\n",
        "\n>From 1@xxx Mon Jan 05 10:00:00 +0000 2026\nFrom: bo@example.org\nTo: dana@example.org\n",
        "\nFrom 1@xxx Mon Jan 05 10:00:00 +0000 2026\n\nno header follows\n",
        "x\nFrom 1@xxx Mon Jan 05 10:00:00 +0000 2026\nFrom: bo@example.org\nTo: dana@example.org\n",
    ],
    ids=["words", "another shape", "escaped", "no header", "no empty line"],
)
def test_a_line_in_a_body_is_no_new_message(body):
    assert counted(read(*BOTH_WAYS, mail(ME, BO, body=body))) == {"Ana Silva": (1, 1)}


def test_names_in_other_alphabets_folded_headers_and_no_name_at_all():
    coded = "=?utf-8?q?S=C3=A9bastien_M=C3=BCllersen?= <seb@x.example>"
    cy = "cy.oz@x.example"
    report = read(mail(ME, "seb@x.example"), mail(coded.replace(" ", "\n "), ME), mail(ME, cy), mail(cy, ME))
    assert counted(report) == {"Sébastien Müllersen": (1, 1), "Cy Oz": (1, 1)}


def test_whose_mailbox_it_is():
    """Whoever stands on most of the messages, where no known address does."""
    mails = [*BOTH_WAYS, mail(ME, BO), mail(BO, ME)]
    assert set(counted(read(*mails, owner=Owner()))) == {"Ana Silva", "Li, Bo"}
    with pytest.raises(ImportProblem, match="whose mailbox"):
        read(*BOTH_WAYS, owner=Owner())


def test_a_known_address_that_hardly_ever_occurs_is_not_the_only_one():
    mails = [*BOTH_WAYS, mail(ME, BO), mail(BO, ME), mail("old@work.example", ME)]
    known = Owner(frozenset({"old@work.example"}))
    assert set(counted(read(*mails, owner=known))) == {"Ana Silva", "Li, Bo"}


def test_nobody_both_ways_is_a_problem():
    with pytest.raises(ImportProblem, match="nobody with whom"):
        read(mail(ME, ANA), mail(ME, BO))


def test_comments_in_comments_and_days_that_are_none():
    report = read(*BOTH_WAYS, mail("(" * 5000, ME), mail(ANA, ME, day="soon"), mail(ANA, ""))
    assert counted(report) == {"Ana Silva": (1, 1)}
    assert report.warnings == ("do not count: messages without a sender, a receiver or a day (3)",)


def test_what_leaves_the_machine_are_headers_alone():
    whole = "".join([*BOTH_WAYS, mail(ME, BO, body="SECRET\n" * 9, Received="from SECRET"), mail(BO, ME)])
    small = b"".join(condensed(Lines(io.BytesIO(whole.encode()))))
    assert b"SECRET" not in small
    assert b"Hello" not in small
    assert counted(registry.read(io.BytesIO(small), owner=OWNER)) == counted(read(whole))


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=60), max_size=10))
def test_whatever_a_body_says_the_mail_around_it_counts(lines):
    body = "\n".join(f">{line}" if line.startswith("From ") else line for line in "\n".join(lines).splitlines())
    report = read(mail(ME, ANA, body=body), mail(ANA, ME))
    assert counted(report) == {"Ana Silva": (1, 1)}


@given(st.binary(max_size=200))
def test_any_bytes_give_a_report_or_a_problem(data):
    try:
        registry.read(io.BytesIO(BOTH_WAYS[0].encode() + data), owner=OWNER)
    except ImportProblem as problem:
        assert problem.report.format == "mailbox"  # noqa: PT017 - both ends are fine
