"""What members say of companies in their own address book: two names are one company, or one is no employer. Pure.

Kept true: a correction changes what is published of its owner's contacts, under the name that the owner gave, and
nothing else: neither what files told, nor who finds whom. No correction leads to another one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from services.profiles.sort_keys import company_key
from shared.resolution import Vocabulary

MOST = 200
"""Corrections of one member."""

NO_EMPLOYER = ""
"""What stands for the company where there is none."""


@dataclass(frozen=True, slots=True)
class Correction:
    """The company of this name is `company`; None: it is no employer. Names are meant in any spelling."""

    name: str
    company: str | None


Corrections = tuple[Correction, ...]
"""What a member says, in the order in which it was said."""


def corrected(company: str | None, said: Corrections, words: Vocabulary) -> str | None:
    """The company that a name is corrected to, NO_EMPLOYER for none; None where nothing was said of it."""
    if not said or not company:
        return None
    return _by_key(said, words).get(company_key(company, words))


def with_one(said: Corrections, new: Correction, words: Vocabulary) -> Corrections | None:
    """With one more, which ends what was said of its name; None where both names are the same already.

    What the new company was corrected to counts for the name, too; and what led to the name leads on from now on.
    """
    target = new.company
    known = None if target is None else corrected(target, said, words)
    if known is not None and target is not None and company_key(known or target, words) != company_key(new.name, words):
        target = known or None
    key = company_key(new.name, words)
    if target is not None and company_key(target, words) == key:
        return None
    ended = {key} | ({company_key(target, words)} if target else set())
    kept = [one for one in said if company_key(one.name, words) not in ended]
    led = [
        replace(one, company=target) if one.company and company_key(one.company, words) == key else one for one in kept
    ]
    return (*led, Correction(new.name, target))


def without_one(said: Corrections, name: str, words: Vocabulary) -> Corrections:
    """Without what was said of this name, in any spelling."""
    return tuple(one for one in said if company_key(one.name, words) != company_key(name, words))


def stored(said: Sequence[Mapping[str, str | None]]) -> Corrections:
    """The corrections from their rows."""
    return tuple(Correction(str(row["name"]), row["company"]) for row in said)


@lru_cache(maxsize=256)
def _by_key(said: Corrections, words: Vocabulary) -> Mapping[str, str]:
    return {company_key(one.name, words): one.company or NO_EMPLOYER for one in said}
