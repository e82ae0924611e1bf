"""E-mail addresses and profile links in one normal form, so that two spellings of the same one meet.

Pure. Only a link into LinkedIn's own profiles says who somebody is; any other link is just text to show.
"""

import re
import unicodedata
from urllib.parse import SplitResult, unquote, urlsplit

MAX_EMAIL = 254
MAX_URL = 500

_EMAIL = re.compile(
    r"[A-Za-z0-9_.%'!#$&*/=?^`{|}~][^\s@,;:<>()\"\\\[\]]{0,63}@[^\s@,;:<>()\"\\\[\]/]+\.[^\s@,;:<>()\"\\\[\]/.]{2,}"
)
_BARE = re.compile(r"(?:[a-z]{2,3}\.)?linkedin\.com/", re.IGNORECASE)
_HOST = re.compile(r"[^\s\x00-\x20<>\"'`\\^|{}@:/]+")
_UNFIT = re.compile(r"[\x00-\x20\x7f<>\"'`\\^|{}]")
_PORTS = {None, 80, 443}


def email_of(text: str) -> str | None:
    """An address in lower case, or None if this is none (or one that a spreadsheet would take for a formula)."""
    address = text.strip().removeprefix("mailto:").lower()
    if len(address) > MAX_EMAIL or address.startswith("=") or not _EMAIL.fullmatch(address):
        return None
    return address


def web_url(text: str) -> str | None:
    """A web address without query, fragment and closing slash; None for anything but plain http(s).

    A link into LinkedIn gets https, whatever it came with.
    """
    raw = text.strip()
    if len(raw) > MAX_URL:
        return None
    parts = _split("https://" + raw if _BARE.match(raw) else raw)
    if parts is None or parts.hostname is None:
        return None
    host = parts.hostname.lower()
    linkedin = _is_linkedin(host)
    netloc = host if linkedin or parts.port is None else f"{host}:{parts.port}"
    scheme = "https" if linkedin else parts.scheme.lower()
    return f"{scheme}://{netloc}{parts.path.rstrip('/')}"


def profile_key(url: str | None) -> str | None:
    """Who a LinkedIn profile link names (`in/ana-silva`), whatever its country host, case and percent signs.

    None for a link that is no LinkedIn profile, and so identifies nobody.
    """
    if url is None:
        return None
    parts = _split(url)
    if parts is None or parts.hostname is None or not _is_linkedin(parts.hostname.lower()) or parts.port not in _PORTS:
        return None
    try:
        steps = [unquote(step, errors="strict") for step in parts.path.split("/") if step]
    except UnicodeDecodeError:
        return None
    if len(steps) < len(("in", "name")) or steps[0].lower() not in {"in", "pub"}:
        return None
    named = steps[:2] if steps[0].lower() == "in" else steps
    if any("/" in step or not step.strip() or not step.isprintable() for step in named):
        return None
    return unicodedata.normalize("NFC", "/".join(named)).lower()


def _split(url: str) -> SplitResult | None:
    """The parts of a plain http(s) URL; None for other schemes, names and passwords in it, and odd characters."""
    if _UNFIT.search(url):
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    plain = parts.scheme.lower() in {"http", "https"} and "@" not in parts.netloc
    return parts if plain and parts.hostname and _HOST.fullmatch(parts.hostname) else None


def _is_linkedin(host: str) -> bool:
    return host == "linkedin.com" or host.endswith(".linkedin.com")
