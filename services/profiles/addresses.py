"""E-mail addresses and profile links in one normal form, so that two spellings of the same one meet.

Pure. Only a link into LinkedIn's own profiles says who somebody is; any other link is just text to show.
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

MAX_EMAIL = 254
MAX_URL = 500

_EMAIL = re.compile(
    r"[A-Za-z0-9_.%'!#$&*/=?^`{|}~][^\s@,;:<>()\"\\\[\]]{0,63}@[^\s@,;:<>()\"\\\[\]/]+\.[^\s@,;:<>()\"\\\[\]/.]{2,}"
)
_BARE = re.compile(r"(?:[a-z]{2,3}\.)?linkedin\.com/", re.IGNORECASE)
_HOST = re.compile(r"[^\s\x00-\x20<>\"'`\\^|{}@:/]+")
_UNFIT = re.compile(r"[\x00-\x20\x7f<>\"'`\\^|{}]")
_PORTS = {None, 80, 443}
_NORMAL = re.compile(r"https://www\.linkedin\.com/in/([a-z0-9-]{1,200})")
"""A link as exports have it, which is in its normal form already."""


def email_of(text: str) -> str | None:
    """An address in lower case, or None if this is none (or one that a spreadsheet would take for a formula)."""
    address = text.strip().removeprefix("mailto:").lower()
    if len(address) > MAX_EMAIL or address.startswith("=") or not _EMAIL.fullmatch(address):
        return None
    return address


class _Address(NamedTuple):
    """A plain http(s) address taken apart; the host in lower case."""

    scheme: str
    host: str
    port: int | None
    path: str

    @property
    def linkedin(self) -> bool:
        return self.host == "linkedin.com" or self.host.endswith(".linkedin.com")


def web_url(text: str) -> str | None:
    """A web address without query, fragment and closing slash; None for anything but plain http(s).

    A link into LinkedIn gets https, whatever it came with.
    """
    raw = text.strip()
    if _NORMAL.fullmatch(raw):
        return raw
    if len(raw) > MAX_URL:
        return None
    address = _address("https://" + raw if _BARE.match(raw) else raw)
    if address is None:
        return None
    netloc = address.host if address.linkedin or address.port is None else f"{address.host}:{address.port}"
    return f"{'https' if address.linkedin else address.scheme}://{netloc}{address.path.rstrip('/')}"


@lru_cache(maxsize=10_000)  # an import asks of each link several times
def profile_key(url: str | None) -> str | None:
    """Who a LinkedIn profile link names (`in/ana-silva`), whatever its country host, case and percent signs.

    None for a link that is no LinkedIn profile, and so identifies nobody.
    """
    if url and (normal := _NORMAL.fullmatch(url)):
        return f"in/{normal[1]}"
    address = _address(url) if url else None
    if address is None or not address.linkedin or address.port not in _PORTS:
        return None
    try:
        steps = [unquote(step, errors="strict") for step in address.path.split("/") if step]
    except UnicodeDecodeError:
        return None
    if len(steps) < len(("in", "name")) or steps[0].lower() not in {"in", "pub"}:
        return None
    named = steps[:2] if steps[0].lower() == "in" else steps
    if any("/" in step or not step.strip() or not step.isprintable() for step in named):
        return None
    return unicodedata.normalize("NFC", "/".join(named)).lower()


def _address(url: str) -> _Address | None:
    """The parts of a plain http(s) URL; None for other schemes, names and passwords in it, and odd characters."""
    if _UNFIT.search(url):
        return None
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if scheme not in {"http", "https"} or "@" in parts.netloc or not host or not _HOST.fullmatch(host):
        return None
    return _Address(scheme, host.lower(), port, parts.path)
