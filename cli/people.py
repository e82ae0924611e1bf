"""Who people are, in the words of one member's own address book."""

from collections.abc import Iterable, Mapping
from typing import Any

from cli.context import Context, ask

NOBODY_KNOWN = "somebody whose name is not shown to them"
_AT_ONCE = 500


def cards_of(context: Context, viewer: str, ids: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """Names and work of people as the member `viewer` may see them, by id; others are left out."""
    wanted, found = sorted(set(ids)), dict[str, Mapping[str, Any]]()
    with context.client("profiles") as client:
        for start in range(0, len(wanted), _AT_ONCE):
            some = {"viewer": viewer, "ids": wanted[start : start + _AT_ONCE]}
            answer = ask(client, "POST", "/internal/v1/cards", json=some)
            found |= {card["id"]: card for card in answer["cards"]}
    return found


def who(person: Mapping[str, Any] | None) -> str:
    """Name, title, company, and since when the two are connected, as far as a card or an inbox tells them."""
    if person is None:
        return NOBODY_KNOWN
    work = " at ".join(filter(None, (person.get("title"), person.get("company"))))
    since = person.get("connected_on")
    return ", ".join(filter(None, (person["name"], work, f"connected since {since}" if since else "")))
