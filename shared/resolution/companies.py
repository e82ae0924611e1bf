"""Company names: one key for the many ways people write the same employer, and None for what is no employer.

A key is the name without accents, punctuation, spaces, brackets, remarks and legal forms, as long as something remains.
Units, regions and descriptive tails are cut off where the rest is a company we know (`data/companies.tsv`) or one
distinctive word; otherwise a longer name is another company (Delta Air Lines is not Delta) unless its domain says so.
"""

import re
from collections.abc import Iterator

from shared.resolution import tables
from shared.resolution.company_words import CompanyWords, Words, spoken, without_end, without_start
from shared.resolution.text import compact, plain, unaccented

_NOT_HOST = re.compile(r"^[a-z][a-z0-9+.-]*://|^www\d?\.|[/?#:].*$")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+")
_BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|\uff08([^\uff08\uff09]*)\uff09")
_REMARKS = frozenset(
    {
        "formerly",
        "previously",
        "acquired",
        "now",
        "ex",
        "fka",
        "aka",
        "yc",
        "part",
        "a",
        "an",
        "via",
        "contract",
        "contractor",
        "consultant",
        "freelance",
        "was",
        "nyse",
    }
)
_DASHES = frozenset({"-", "--", "---", ".", "\u2013", "\u2014", "?"})
_SMALL_WORDS = frozenset({"of", "and", "the", "for", "de"})
_BEFORE = re.compile(
    r"^(?:(?:company|employer|firma|unternehmen|entreprise|empresa|azienda|bedrijf|\u043a\u043e\u043c\u043f\u0430\u043d\u0438\u044f)\s*:\s*|ex\s*[-:]\s*|"
    r"(?:formerly|previously)\s+(?:at\s+)?|@\s*|m/s\.?\s+|.*?\W(?:d/b/a|dba|trading as|t/a|handelnd als)\W+(?=\w))"
)
_ASIDE = re.compile(
    r"\s+[|\u2502\u2022\u00b7]\s.*$|(?:\s*[,|-]\s+an? .+ company$)|\s*[,;-]?\s+(?:formerly|f/?k/?a|previously known as|"
    r"acquired by|now part of|part of|via|contract(?:or)? through|ehemals|anciennement|antes|ex[ -])\s.*$|"
    r",\s*(?:acquired by|formerly|now|via)\b.*$|\s+[-\u2013]\s+(?:series [a-f]|seed|yc|nasdaq|nyse|"
    r"contract\w*|freelance|remote|part.?time|full.?time)\b.*$"
)
_DOT_COM = re.compile(r"(?<=\w\w\w)\.(?:com|net|org)(?![\w.])")
_VEREIN = re.compile(r"(?<=\w) e\. ?v\.?$")
_SECOND_LEVEL = frozenset({"ac", "co", "com", "edu", "gob", "gov", "go", "ne", "net", "or", "org"})
_DOMAIN_ADDS = frozenset(
    {"hq", "inc", "corp", "group", "app", "careers", "jobs", "online", "global", "usa", "co", "com"}
)
_COUNTRY_CODE = 2
_UNIVERSITY = re.compile(
    r"^(?:universitat|universite|universidade|universidad|universita|universiteit|uniwersytet|university) "
    r"(?:(?:of|de|da|do|di|degli studi di|zu|van|w) )?(?:the )?(?P<after>\w.*)$|"
    r"^(?P<before>\w.*) (?:university|universiteit)$"
)
Found = tuple[str | None, str]
"""A company's key, None for no employer, and why."""


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


class Companies:
    """Resolves company names by our tables."""

    def __init__(self) -> None:
        self._lists = CompanyWords()
        self._domains = {kind: frozenset(tables.names(cell)) for kind, cell in tables.rows("domains.tsv")}
        self._ids: dict[str, str] = {}
        self._hosts: dict[str, str] = {}
        self._owners: dict[str, str] = {}
        for known, aliases, owner in tables.rows("companies.tsv"):
            self._ids[known] = known
            if owner:
                self._owners[known] = owner
            for alias in tables.names(aliases):
                if "." in alias and " " not in alias:
                    self._hosts[alias] = known
                self._ids.setdefault(compact(alias.replace("&", " and ")), known)

    def company(self, name: str, domain: str | None) -> str | None:
        """The key of the company of this name and, where known, web domain; None where it is no employer."""
        return self.explain(name, domain)[0]

    def family(self, key: str) -> str:
        """The key of the topmost owner that we know of, the company's own where there is none."""
        while owner := self._owners.get(key):
            key = owner
        return key

    def explain(self, name: str, domain: str | None) -> Found:
        """The same as `company`, with the rule that decided."""
        site = registrable(host(domain or ""))
        label = compact(site.split(".", maxsplit=1)[0])
        if site in self._hosts:
            return self._hosts[site], f"domain: {site}"
        if why := self._lists.no_employer(spoken(name)):
            return None, f"no employer: {why}"
        words = self._words(name)
        if not words:
            return (self._key(label), f"domain: {site}") if label else (None, "blank")
        key, why = self._by_name(name, words)
        if label and site not in self._domains["shared"] and self._domain_decides(words, key, label):
            return self._key(label), f"domain: {site}"
        return key, why

    def _by_name(self, name: str, words: Words) -> tuple[str, str]:
        written = compact(unaccented(name).replace("&", " and "))
        if written in self._ids:
            return self._ids[written], f"known: {written}"
        former = self._short(words[1:])[0] if words[0] == "ex" and len(words) > 1 else ""
        return (former, "ex") if former in self._ids else self._short(words)

    def _domain_decides(self, words: Words, key: str, label: str) -> bool:
        """Whether the domain says which of several namesakes it is, or is the name without words that say little."""
        if key in self._domains["several"] and label.startswith(key) and label[len(key) :] not in {*_DOMAIN_ADDS, ""}:
            return True  # Delta at deltafaucet.com
        ends = range(1, len(words))
        return any("".join(words[:end]) == label and self._says_little(words[end:]) for end in ends)

    def _key(self, text: str) -> str:
        return self._ids.get(text, text)

    def _says_little(self, words: Words) -> bool:
        return all((word,) in self._lists.say_little for word in words)

    def _short(self, words: Words) -> tuple[str, str]:
        """The key of the words, cut as far as the rest still names one company."""
        whole = compact("".join(words)) or "".join(words)
        if (known := self._ids.get(whole)) is not None:
            return known, f"known: {whole}"
        if university := self._university(words):
            return self._key(university), "university"
        for rest in self._shorter(words):
            key = compact("".join(rest))
            if (known := self._ids.get(key)) is not None:
                return known, f"known: {key}, without {_cut(words, rest)}"
            if self._may_stand(rest, words):
                return self._short(rest)[0], f"without {_cut(words, rest)}"
        unspaced = self._unspaced(whole)
        if unspaced != whole:
            return self._key(unspaced), f"without where and what: {unspaced}"
        latin = whole.translate(self._lists.latin)
        return self._key(latin), "its name" if latin == whole else "its name in Latin letters"

    def _shorter(self, words: Words) -> Iterator[Words]:
        """What is left of words without a legal form, a region, a unit, a tail or a leading word, and so on."""
        lists = self._lists
        seen, waiting = {words}, [words]
        while waiting:
            longer = waiting.pop(0)
            for rest in (without_end(longer, lists.behind), without_start(longer, lists.leads)):
                kept = rest[:-1] if rest and rest[-1] in _SMALL_WORDS else rest
                if kept and kept not in seen:
                    seen.add(kept)
                    waiting.append(kept)
                    if self._allowed(longer, kept):
                        yield kept

    def _allowed(self, longer: Words, rest: Words) -> bool:
        """Whether a known name may be cut down to: "Oracle India" is Oracle, "Toyota Industries" not Toyota."""
        lists = self._lists
        cut = longer[len(rest) :]
        if compact("".join(rest)) not in self._ids or longer[: len(rest)] != rest or cut in _GROUPS:
            return True
        if cut in lists.tails_of_known:
            return all(map(lists.distinctive, rest))
        return cut not in lists.tails or cut in lists.units

    def _may_stand(self, rest: Words, whole: Words) -> bool:
        """Whether what is left names one company by itself, though we do not know it."""
        lists = self._lists
        cut = whole[len(rest) :] if whole[: len(rest)] == rest else ()
        if len(rest) == 1:
            return lists.distinctive(rest[0]) and cut not in lists.tails_of_known_alone
        return any(map(lists.distinctive, rest)) and (cut in lists.regions or cut in _GROUPS)

    def _university(self, words: Words) -> str | None:
        found = _UNIVERSITY.match(" ".join(words))
        if found is None:
            return None
        place = compact(found["after"] or found["before"])
        if place in self._lists.two_universities:
            return None
        return self._ids.get("universityof" + place, "universityof" + place)

    def _unspaced(self, key: str) -> str:
        lists = self._lists
        whole = key
        while key not in self._ids:
            shorter = next(
                (key[: -len(end)] for end in lists.unspaced if key.endswith(end) and len(key) > len(end)),
                None,
            ) or next((key[len(start) :] for start in lists.unspaced_starts if key.startswith(start)), None)
            if not shorter:
                break
            key = shorter
        both = whole.startswith(lists.unspaced_starts) and whole.endswith(lists.unspaced)
        return key if key in self._ids or (both and len(key) > 1) else whole

    def _words(self, name: str) -> Words:
        text = unaccented(name)
        if _ADDRESS.fullmatch(text):
            text = registrable(host(text)).split(".", maxsplit=1)[0]
        text = _BEFORE.sub("", text) or text
        text = (_ASIDE.sub("", text) or text) if _ASIDE.sub("", text).strip() else text
        text = self._without_unspaced_forms(_VEREIN.sub("", text)).replace("&", " and ").replace("+", " and ")
        lists = self._lists
        outside = lists.without_legal_forms(spoken(_DOT_COM.sub("", self._unbracketed(text))))
        if not outside or outside in lists.ends:
            outside = lists.without_legal_forms(spoken(_DOT_COM.sub("", text)))
        return outside or tuple(word for word in plain(name).split() if word not in _DASHES)

    def _without_unspaced_forms(self, text: str) -> str:
        for form in self._lists.unspaced_forms:
            if form in text and text.replace(form, "").strip():
                text = text.replace(form, " ")
        return text.strip()

    def _unbracketed(self, text: str) -> str:
        """Drop brackets that hold a short name, a remark, a region, or what the abbreviation before them stands for.

        Other brackets are kept, since they distinguish employers: "Federal Judiciary (Third Circuit)".
        """

        def replacement(bracket: re.Match[str]) -> str:
            inside = spoken(bracket[1] or bracket[2] or bracket[3] or "")
            initials = "".join(word[0] for word in inside if word not in _SMALL_WORDS)
            long_form = initials == compact(text[: bracket.start()])
            little = self._says_little(inside) or inside in self._lists.regions
            if len(inside) <= 1 or inside[0] in _REMARKS or little or long_form:
                return " "
            return f" {' '.join(inside)} "

        return _BRACKETS.sub(replacement, text)


_GROUPS = frozenset({("group",), ("holding",), ("holdings",), ("group", "holdings")})


def _cut(words: Words, rest: Words) -> str:
    return " ".join(word for word in words if word not in rest) or "a word"
