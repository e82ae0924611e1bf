"""What a job advert from elsewhere is about: title, company and places, from a page's own data or from its words. Pure.

Pages say it as JSON-LD (schema.org's JobPosting), in which search engines read it. Nothing is guessed from a page's
prose: where there is no such data, people say it themselves.
"""

import json
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any, Final, Literal, NamedTuple
from urllib.parse import urlsplit

from shared.text import clean, safe_url

MOST: Final = 300
_DEPTH, _NODES = 12, 5_000
"""How deep and how wide JSON-LD is looked through."""
_PLACES = 5
_FIRST_LINES = 40

Source = Literal["data", "words", "nothing"]


@dataclass(frozen=True, slots=True)
class Advert:
    """`source`: the page's data, its words, or that neither says it. `domain`: the company's, where the data has it."""

    source: Source = "nothing"
    title: str | None = None
    company: str | None = None
    domain: str | None = None
    locations: tuple[str, ...] = ()


def read_page(html: str) -> Advert:
    """The advert in a page."""
    found = [_posting(node) for script in _scripts(html) for node in _postings(script)]
    whole = next((each for each in found if each.title and each.company), None)
    if whole or found:
        return whole or found[0]
    title = _title(html)
    return Advert("words", *_split(title)) if title else Advert()


def read_text(text: str) -> Advert:
    """The advert in words that somebody copied: labels such as "Company:", or a line "Data Engineer at Lumenforge"."""
    lines = [line for line in (_line(each) for each in text.splitlines()) if line][:_FIRST_LINES]
    said: dict[str, str] = {}
    for line in lines:
        if match := _LABEL.match(line):
            name = "company" if match["company"] else "title" if match["title"] else "place"
            said.setdefault(name, match["said"].strip())
    first = _first_line(lines[0]) if lines and not _LABEL.match(lines[0]) else _NOTHING
    title, company = said.get("title") or first.title, said.get("company") or first.company
    place = said.get("place") or first.place
    return Advert("words", title, company, None, (place,) if place else ()) if title or company else Advert()


class _FirstLine(NamedTuple):
    title: str | None = None
    company: str | None = None
    place: str | None = None


def _first_line(line: str) -> _FirstLine:
    """What the line above an advert says where its form is a clear one. A sentence is neither a title nor a company."""
    if _SENTENCE.search(line):
        return _NOTHING
    plain = _MARK.sub("", line)
    title, company = _split(plain)
    if company:
        return _FirstLine(title, company)
    for form in _FORMS:
        found = form.fullmatch(plain)
        if found and not _NO_COMPANY.fullmatch(found["company"]):
            return _FirstLine(found["title"], found["company"], found.groupdict().get("place"))
    return _FirstLine(plain or None) if len(plain.split()) <= _LONGEST_TITLE else _NOTHING


_NOTHING = _FirstLine()
_SENTENCE = re.compile(
    r"""\b(?:our|you|your|join|looking|hiring|seeks?|seeking|wants?|wir|uns(?:er\w*)?|dich|sucht|suchen|suche|gesucht
    |nous|notre|vous|recherche|recherchons|recrute|recrutons|busca|buscamos|cerca|cerchiamo
    |(?-i:us|[wW]e|[dD]u))\b|\w{5}\.$|[!?]$""",
    re.IGNORECASE | re.VERBOSE,
)
_MARK = re.compile(r"\s*[(\[][mwfdxi*](?:\s*[/|]\s*[mwfdxi*]){1,3}[)\]]", re.IGNORECASE)
"""For which genders an opening is, as in "(m/w/d)": no part of its title."""
_DASH = r"\s+[|\u2013\u2014-]\s+"
_WORDS = r"[^\s|/:\u2013\u2014]+(?:\s[^\s|/:\u2013\u2014]+){0,7}?"
_FORMS = (
    re.compile(rf"(?P<title>{_WORDS})\s+/\s+(?P<company>{_WORDS}){_DASH}(?P<place>{_WORDS})"),
    re.compile(rf"(?P<title>{_WORDS}){_DASH}(?P<company>{_WORDS}){_DASH}(?P<place>{_WORDS})"),
    re.compile(
        rf"(?P<company>(?:\S+\s){{1,4}}(?:AG|SE|GmbH|KG|e\.V\.|Inc\.?|Ltd\.?|LLC|plc|S\.?A\.?|B\.?V\.?)):\s+(?P<title>{_WORDS})"
    ),
)
"""Title / Company - Place; Title - Company - Place; Company Ltd: Title."""
_NO_COMPANY = re.compile(
    r"""(?:100\s?%\s)?remote|hybrid|on-?site|(?:full|part)[\ -]time|vollzeit|teilzeit|home\ ?office
    |permanent|contract|freelance""",
    re.IGNORECASE | re.VERBOSE,
)
_LONGEST_TITLE = 8
_LABEL = re.compile(
    r"""(?:(?P<company>company(?:\ name)?|employer|organi[sz]ation|unternehmen|firma
    |arbeitgeber|entreprise|empresa|azienda)
    |(?P<title>job\ title|title|position|role|job|stelle|stellentitel|jobtitel|poste|puesto|cargo|posizione)
    |(?P<place>location|place|city|ort|standort|arbeitsort|lieu|ubicaci[oó]n|lugar|local|sede))
    \s*[:\uff1a]\s*(?P<said>\S.*)""",
    re.IGNORECASE | re.VERBOSE,
)
_AT = re.compile(r"\s+(?:at|bei|chez|en|@)\s+", re.IGNORECASE)
_TAIL = re.compile(r"\s+[|\u2013\u2014-]\s+.*$")


def _split(line: str) -> tuple[str | None, str | None]:
    """Title and company of "Data Engineer at Lumenforge | Job board"; without a company the title alone."""
    plain = _TAIL.sub("", line)
    parts = _AT.split(plain, maxsplit=1)
    return (parts[0] or None, parts[1] or None) if len(parts) > 1 else (line or None, None)


def _line(text: object) -> str:
    return clean(text if isinstance(text, str) else None, MOST)


_SCRIPT, _SCRIPT_END = re.compile("<script", re.IGNORECASE), re.compile("</script", re.IGNORECASE)
_TITLES = (
    re.compile(r"""<meta\s[^<>]{0,200}?og:title[^<>]{0,200}?content=(["'])(?P<said>[^<>]{1,600}?)\1""", re.IGNORECASE),
    re.compile(r"<title[^<>]{0,200}>(?P<said>[^<>]{1,600})<", re.IGNORECASE),
)
_HEAD = 100_000
"""So many characters of a page are looked through for its title."""


def _scripts(html: str) -> Iterator[str]:
    """The JSON-LD of a page, in one pass over it: what it looks like is its author's choice, not ours."""
    at = 0
    while begin := _SCRIPT.search(html, at):
        opened = html.find(">", begin.end())
        end = _SCRIPT_END.search(html, opened) if opened >= 0 else None
        if end is None:
            return
        if "application/ld+json" in html[begin.end() : opened].lower():
            yield html[opened + 1 : end.start()]
        at = end.end()


def _title(html: str) -> str:
    found = next(filter(None, (pattern.search(html, 0, _HEAD) for pattern in _TITLES)), None)
    return _line(unescape(found["said"])) if found else ""


def _postings(script: str) -> Iterator[dict[str, Any]]:
    """Every JobPosting in a piece of JSON-LD: alone, in a list, in an @graph, or inside something else."""
    try:
        waiting = deque([(json.loads(script.strip()), 0)])
    except (ValueError, RecursionError):
        return
    for _ in range(_NODES):
        if not waiting:
            return
        node, depth = waiting.popleft()
        inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        if isinstance(node, dict) and "JobPosting" in _types(node):
            yield node
        elif depth < _DEPTH:
            waiting += [(each, depth + 1) for each in inner if isinstance(each, dict | list)]


def _types(node: dict[str, Any]) -> list[str]:
    kinds = node.get("@type")
    return [str(each).rpartition("/")[2] for each in (kinds if isinstance(kinds, list) else [kinds])]


def _posting(node: dict[str, Any]) -> Advert:
    employer = _first(node.get("hiringOrganization"))
    company = _line(employer.get("name")) if isinstance(employer, dict) else _line(employer)
    site = _first(employer.get("sameAs") or employer.get("url")) if isinstance(employer, dict) else None
    return Advert(
        "data", _line(_first(node.get("title"))) or None, company or None, _domain(site), tuple(_places(node))
    )


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value


def _domain(site: object) -> str | None:
    url = safe_url(site) if isinstance(site, str) else None
    host = (urlsplit(url).hostname or "").removeprefix("www.") if url else ""
    return host if host and not host.endswith(_NOT_OWN) else None


_NOT_OWN = ("linkedin.com", "facebook.com", "x.com", "twitter.com", "instagram.com", "youtube.com", "wikipedia.org")
"""Where a company has a page, not its own domain."""


def _places(node: dict[str, Any]) -> Iterator[str]:
    places = node.get("jobLocation")
    for place in (places if isinstance(places, list) else [places])[:_PLACES]:
        address = place.get("address") if isinstance(place, dict) else place
        parts = (
            [address.get(part) for part in ("addressLocality", "addressCountry")]
            if isinstance(address, dict)
            else [address]
        )
        named = [each.get("name") if isinstance(each, dict) else each for each in parts]
        said = ", ".join(filter(None, map(_line, named)))
        if said:
            yield said
