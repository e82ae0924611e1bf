"""The message itself: headers that cannot be injected into, an id that follows from the delivery, two bodies."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.mail.email import BadAddress, Rendered, address_of, compose

DELIVERY = UUID("7a0f6d1e-0000-4000-8000-000000000001")
UNSUBSCRIBE = "https://console.warmpath.example/unsubscribe/" + "t" * 43
NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
HEADERS = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "MIME-Version",
    "Content-Type",
}


def made(subject="Hello", name="Ada Sol", address="ada@mail.example", text="text\n", html="<p>html</p>\n"):
    message = compose(
        Rendered(subject, text, html, UNSUBSCRIBE),
        sender="Warmpath <warmpath@news.example>",
        name=name,
        address=address,
        delivery_id=DELIVERY,
        now=NOW,
    )
    return message_from_bytes(message.as_bytes(), policy=policy.default)


def test_headers_are_as_they_should_be():
    message = made(subject="Ingénieur chez Zoë", name="Zoë Müller")
    assert set(message.keys()) == HEADERS
    assert message["Message-ID"] == f"<{DELIVERY}@news.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Subject"] == "Ingénieur chez Zoë"
    assert message["To"].addresses[0].display_name == "Zoë Müller"
    assert message["To"].addresses[0].addr_spec == "ada@mail.example"
    assert message["Date"].datetime == NOW


def test_one_click_turns_it_off_and_its_address_stays_whole():
    message = compose(
        Rendered("Hello", "text", "html", UNSUBSCRIBE),
        sender="Warmpath <warmpath@news.example>",
        name="Ada Sol",
        address="ada@mail.example",
        delivery_id=DELIVERY,
        now=NOW,
    )
    lines = message.as_bytes().decode("ascii").split("\r\n")
    assert f"List-Unsubscribe: <{UNSUBSCRIBE}>" in lines
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines


def test_it_has_a_text_and_an_html_body():
    message = made(text="naïve\n", html="<p>naïve</p>\n")
    assert message.get_body(("plain",)).get_content().splitlines() == ["naïve"]
    assert message.get_body(("html",)).get_content().splitlines() == ["<p>naïve</p>"]


@given(st.text(st.characters(), max_size=80), st.text('\r\nBcc: x@y.example,<>"\\ü', max_size=80))
def test_no_header_can_be_injected(subject, name):
    message = made(subject=subject, name=name)
    assert set(message.keys()) <= HEADERS
    assert [address.addr_spec for address in message["To"].addresses] == ["ada@mail.example"]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ada",
        "@mail.example",
        "ada@",
        "ada@mail.example\r\nBcc: b@mail.example",
        "ada@mail.example, b@mail.example",
        "Ada <ada@mail.example>",
        "ada@mail.example>\r\nRCPT TO:<b@mail.example",
        "a b@mail.example",
        "ada@mail..example",
        "zoë@mail.example",
    ],
)
def test_what_is_no_address_is_refused(address):
    with pytest.raises(BadAddress):
        address_of(address)


def test_an_internationalised_domain_is_encoded():
    assert address_of("ada@bücher.example") == "ada@xn--bcher-kva.example"


def test_what_cannot_be_turned_off_has_no_link_for_it():
    message = compose(
        Rendered("Hello", "text", "html"),
        sender="Warmpath <warmpath@news.example>",
        name=None,
        address="ada@mail.example",
        delivery_id=DELIVERY,
        now=NOW,
    )
    assert not {"List-Unsubscribe", "List-Unsubscribe-Post"} & set(message.keys())
    assert message["To"] == "ada@mail.example"
