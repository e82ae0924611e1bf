"""Who finds whom: whether an entry of somebody's address book may become the member it refers to. Pure.

Knowing an address is not knowing a person. An entry becomes the member only if the member let its owner find them, in
one of three ways; until then it stays what its owner imported. Kept true:

- Nothing here depends on more than the two people, their entries about each other, and what each chose.
- Only a proven identifier refers to a member: a verified address; a profile link that was verified, or that is proven
  for the pair, since both exports list each other and were connected on the same day, give or take one. A link that is
  merely claimed refers to somebody only where both said so: the member yes to the owner, the owner that it is them.
- Whom a member said yes to in an introduction, so that it counts, finds them until the member blocks them.
- Whoever works where the member works, or at a company the member blocked, finds a discreet member only by their yes.
  A company means its family there: who hides from an owner hides from its subsidiaries, and the other way round.
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from shared.resolution import Vocabulary

Way = Literal["yes", "contacts", "anyone"]
"""By the member's yes to the owner; by the member's own address book; by the member being open to anyone."""

Findable = Literal["contacts", "anyone"]

_SAME_DAY = timedelta(days=1)
"""Exports write the day in the time zone of whoever exports."""


@dataclass(frozen=True, slots=True)
class Person:
    """A member, as far as finding and being found goes. `companies`: families of the companies where they work now.

    `email` is their verified address; `link` the profile they say is theirs (a key), which may be verified.
    `hides_from`: families of the companies they blocked.
    """

    member_id: str
    email: str | None = None
    link: str | None = None
    link_verified: bool = False
    companies: frozenset[str] = frozenset()
    visible_to_contacts: bool = False
    findable: Findable = "contacts"
    discreet: bool = True
    hides_from: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of an address book. `may_find_me`: its owner said yes to whom it refers to.

    `confirmed`: the member whom its owner recognised behind a claimed link. `introduced_to`: the member who said yes to
    its owner in an introduction, if the entry came of that, or if they said that it is about them.
    """

    contact_id: str
    email: str | None = None
    link: str | None = None
    connected_on: date | None = None
    company: str | None = None
    blocked: bool = False
    may_find_me: bool = False
    confirmed: str | None = None
    introduced_to: str | None = None


def found_by(
    owner: Person, entry: Entry, member: Person, back: Iterable[Entry], words: Vocabulary, *, said_yes: bool = False
) -> Way | None:
    """How the owner of `entry` finds `member` by it; None when they do not.

    `back` are the member's own entries that name the owner's address or link. `said_yes`: the member did, to the owner,
    in an introduction.
    """
    theirs = [each for each in back if _names(each, owner)]
    if owner.member_id == member.member_id or not _names(entry, member) or any(each.blocked for each in theirs):
        return None
    if entry.introduced_to == member.member_id:
        return "yes"
    mutual = [each for each in theirs if proves(each, owner, entry, member)]
    proven = any(proves(entry, member, each, owner) for each in theirs) or proves(entry, member, None, owner)
    if (said_yes or any(each.may_find_me for each in mutual)) and (proven or entry.confirmed == member.member_id):
        return "yes"
    if not proven or hides(member, owner, theirs, words):
        return None
    if member.findable == "anyone":
        return "anyone"
    return "contacts" if member.visible_to_contacts and mutual else None


def claims(owner: Person, entry: Entry, member: Person, back: Iterable[Entry]) -> bool:
    """Whether the owner may be asked if `entry` is `member`, who says that its link is theirs.

    Only somebody who said yes to the owner is named to them.
    """
    theirs = [each for each in back if _names(each, owner) and not each.blocked]
    said_yes = any(each.may_find_me and proves(each, owner, entry, member) for each in theirs)
    return said_yes and entry.link is not None and entry.link == member.link and not member.link_verified


def proves(entry: Entry, member: Person, back: Entry | None, owner: Person) -> bool:
    """Whether `entry` refers to `member` by an identifier that is proven, for all or for these two.

    `back`: an entry of the member's that may refer to the entry's owner.
    """
    if entry.email is not None and entry.email == member.email:
        return True
    if entry.link is None or entry.link != member.link:
        return False
    return member.link_verified or (back is not None and _proven_for_the_pair(entry, member, back, owner))


def _proven_for_the_pair(entry: Entry, member: Person, back: Entry, owner: Person) -> bool:
    """Both exports list each other, with connection dates that agree: an impostor's own export does not."""
    if entry.connected_on is None or back.connected_on is None or entry.link != member.link:
        return False
    return (
        back.link is not None and back.link == owner.link and abs(entry.connected_on - back.connected_on) <= _SAME_DAY
    )


def hides(member: Person, owner: Person, back: Iterable[Entry], words: Vocabulary) -> bool:
    """Whether a discreet member stays hidden from somebody of their employer, or of a company they blocked."""
    if not member.discreet:
        return False
    hidden = member.companies | member.hides_from
    return not hidden.isdisjoint(_companies_of(owner, back, words))


def _companies_of(owner: Person, back: Iterable[Entry], words: Vocabulary) -> AbstractSet[str]:
    """Where the owner works, by their own word, by their address, or by what the member knows of them."""
    known = families((entry.company for entry in back if entry.company), words)
    return owner.companies | known | (_companies_of_address(owner.email, words) if owner.email else set())


def families(names: Iterable[str], words: Vocabulary) -> frozenset[str]:
    """The families of the companies of these names, without those that are no employer's."""
    return frozenset(words.family(company) for company in map(words.company, names) if company is not None)


def _companies_of_address(email: str, words: Vocabulary) -> set[str]:
    """The family of the company whose web domain it is, if any: each part of the domain may be the company's name."""
    domain = email.rpartition("@")[2]
    *labels, _top = domain.split(".")
    found = {words.company(label, domain) for label in labels} | {words.company(label) for label in labels}
    return {words.family(company) for company in found if company is not None}


def _names(entry: Entry, member: Person) -> bool:
    return (
        (entry.email is not None and entry.email == member.email)
        or (entry.link is not None and entry.link == member.link)
        or entry.introduced_to == member.member_id
    )
