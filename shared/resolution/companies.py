"""Company names: one key for the many ways people write the same employer.

A key is the name without accents, punctuation, spaces, brackets, a leading "The" and its legal form, as long as
something remains. A longer name is never cut down to a shorter one (Delta Air Lines is not Delta) unless its web domain
says so.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cleanco.termdata import terms_by_country, terms_by_type

from shared.resolution.text import compact, folded, plain, unaccented

Words = tuple[str, ...]

_NOT_HOST = re.compile(r"^[a-z][a-z0-9+.-]*://|^www\d?\.|[/?#:].*$")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+")
_BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]")
_REMARKS = frozenset({"formerly", "previously", "acquired", "now", "ex", "fka", "aka", "yc", "part", "a", "an"})
_SMALL_WORDS = frozenset({"of", "and", "the", "for", "de"})
_ASIDE = re.compile(
    r"(?:\s*[,|-]\s+an? .+ company$)|\s+(?:formerly|f/?k/?a|d/?b/?a|previously known as|acquired by|now part of)\s.*$"
)
_DOT_COM = re.compile(r"(?<=\w\w\w)\.(?:com|net|org)(?![\w.])")
_UNSPACED = re.compile("^(?:株式会社|合同会社|有限会社)|(?:株式会社|股份有限公司|有限公司|주식회사)$")
"""Legal forms in scripts that write no space around them."""
_VEREIN = re.compile(r"(?<=\w) e\. ?v\.?$")
_SECOND_LEVEL = frozenset({"ac", "co", "com", "edu", "gob", "gov", "go", "ne", "net", "or", "org"})
_DOMAIN_ADDS = frozenset(
    {"hq", "inc", "corp", "group", "app", "careers", "jobs", "online", "global", "usa", "co", "com"}
)
_COUNTRY_CODE = 2


def host(domain: str) -> str:
    """The bare host of a web domain or address: `https://www.initech.com/jobs` is `initech.com`."""
    text = plain(domain).rsplit("@", 1)[-1]
    while (shorter := _NOT_HOST.sub("", text).strip(" .")) != text:
        text = shorter
    return text


def registrable(name: str) -> str:
    """The registrable domain of a host: `jobs.initech.co.uk` is `initech.co.uk`."""
    labels = name.split(".")
    country = len(labels[-1]) == _COUNTRY_CODE
    kept = 3 if country and len(labels) > _COUNTRY_CODE and labels[-2] in _SECOND_LEVEL else 2
    return ".".join(labels[-kept:])


def words_of(text: str) -> Words:
    """The folded words, single letters in a row joined: `L. L. C.` is `llc`."""
    words: list[str] = []
    apart = True
    for word in folded(text).split():
        single = len(word) == 1 and word.isalpha()
        if single and not apart:
            words[-1] += word
        else:
            words.append(word)
        apart = not single
    return tuple(words)


class Companies:
    """Resolves company names by our vocabulary."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        refused = {words_of(form) for form in data["not_legal"]}
        listed = [*_cleanco_forms(), *data["legal_words"]]
        self._trailing = {words_of(form) for form in listed} - refused - {()}
        self._leading = {words_of(form) for form in data["leading_legal_words"]}
        self._longest = max(map(len, self._trailing))
        self._tails = frozenset(data["tail_words"])
        self._shared_names = frozenset(data["shared_names"])
        self._shared_hosts = frozenset(data["shared_hosts"])
        self._ids: dict[str, str] = {}
        self._hosts: dict[str, str] = {}
        for known, aliases in data["known"].items():
            self._ids[known] = known
            for alias in aliases:
                if "." in alias and " " not in alias:
                    self._hosts[alias] = known
                else:
                    self._ids["".join(self._words(alias))] = known

    def company(self, name: str, domain: str | None) -> str:
        """The key of the company of this name and, where known, web domain."""
        words = self._words(name)
        key = self._key("".join(words))
        site = registrable(host(domain or ""))
        if site in self._hosts:
            return self._hosts[site]
        label = compact(site.split(".", maxsplit=1)[0])
        if not label or site in self._shared_hosts:
            return key
        if not words:
            return self._key(label)
        if key in self._shared_names and label.startswith(key) and label[len(key) :] not in {*_DOMAIN_ADDS, ""}:
            return self._key(label)  # several companies share the name, the domain says which: Delta at deltafaucet.com
        return self._key(self._at_own_domain(words, label))

    def _key(self, text: str) -> str:
        return self._ids.get(text, text)

    def _at_own_domain(self, words: Words, label: str) -> str:
        """The domain's label where the name is it, with words like "Careers" or "Germany" behind; else the name."""
        for end in range(len(words) - 1, 0, -1):
            if words[end] not in self._tails:
                break
            if compact("".join(words[:end])) == label:
                return label
        return compact("".join(words))

    def _words(self, name: str) -> Words:
        text = unaccented(name)
        if _ADDRESS.fullmatch(text):
            text = registrable(host(text)).split(".", maxsplit=1)[0]
        text = _UNSPACED.sub(" ", _VEREIN.sub("", _ASIDE.sub("", text))).replace("&", " and ")
        outside = self._without_legal_forms(words_of(_DOT_COM.sub("", self._unbracketed(text))))
        words = (
            outside
            if outside and outside not in self._trailing
            else self._without_legal_forms(words_of(_DOT_COM.sub("", text)))
        )
        return words or tuple(plain(name).split())

    def _unbracketed(self, text: str) -> str:
        """Drop brackets that hold a short name, a remark, a region, or what the abbreviation before them stands for.

        Other brackets are kept, since they distinguish employers: "Federal Judiciary (Third Circuit)".
        """

        def replacement(bracket: re.Match[str]) -> str:
            inside = words_of(bracket[1] or bracket[2] or "")
            initials = "".join(word[0] for word in inside if word not in _SMALL_WORDS)
            long_form = initials == compact(text[: bracket.start()])
            if len(inside) <= 1 or inside[0] in _REMARKS or self._tails.issuperset(inside) or long_form:
                return " "
            return f" {' '.join(inside)} "

        return _BRACKETS.sub(replacement, text)

    def _without_legal_forms(self, words: Words) -> Words:
        """Without a leading "The" and legal forms; a name that consists of nothing else is kept whole."""
        whole = words
        if words[:1] == ("the",):
            words = words[1:] or words
        words = self._without_leading(words)
        while shorter := self._without_trailing(words):
            words = shorter
        return words if words not in self._trailing else whole

    def _without_leading(self, words: Words) -> Words:
        for form in self._leading:
            if len(words) > len(form) and words[: len(form)] == form:
                return words[len(form) :]
        return words

    def _without_trailing(self, words: Words) -> Words | None:
        """Without the longest legal form at the end; None where there is none or nothing would remain."""
        for length in range(min(self._longest, len(words) - 1), 0, -1):
            if words[-length:] in self._trailing:
                rest = words[:-length]
                while rest[-1:] == ("and",):
                    rest = rest[:-1]
                return rest or None
        return None


def _cleanco_forms() -> Iterable[str]:
    lists: Sequence[Mapping[str, Iterable[str]]] = (terms_by_country, terms_by_type)
    return [form for by in lists for forms in by.values() for form in forms]
