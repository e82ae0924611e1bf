"""What the parts of a line of a résumé are: a title, a company, a place, or how to reach somebody. Pure."""

import re
from dataclasses import dataclass

from services.profiles.imports import dates
from services.profiles.imports.cells import defuse
from services.profiles.imports.reading import MAX_TEXT
from shared.resolution import Vocabulary

_STRONG = re.compile(r"\t+|\s+[|\u00b7\u2022\u2013\u2014]\s+|\s*[|\u2022]\s*|\s+-\s+")
_AT = re.compile(r"\s+(?:at|@|bei|chez|presso|bij|f\u00fcr)\s+", re.IGNORECASE)
_REACH = re.compile(r"@\w|https?:|www\.|\b[\w-]+\.(?:com|org|net|io|dev|me|de|fr)\b|(?:\d[\s()./-]*){5,}")
_TYPES = {
    "full-time", "part-time", "contract", "freelance", "internship", "permanent", "temporary", "remote", "hybrid",
    "on-site", "onsite", "vollzeit", "teilzeit", "befristet", "freiberuflich", "temps", "plein", "partiel", "cdi",
    "cdd", "alternance", "stage", "tiempo", "completo", "parcial",
}  # fmt: skip
_LASTED = re.compile(
    r"(?:\d+\s?(?:years?|yrs?|months?|mos?|jahre?|monate?|ans?|mois|años?|meses|mes|anos?|anni|anno|mesi|mese)[\s,]*)+",
    re.IGNORECASE,
)
_LIVES = re.compile(
    r"^(?:(?:location|residence|address|city|wohnort|adresse|domicile|ville|ciudad|residencia|residenza|citt\u00e0|"
    r"woonplaats)\s*:\s*|(?:lives?|living|based|located|wohnhaft)\s+in\s+)",
    re.IGNORECASE,
)
"""What a line may say before a place where somebody lives."""
_SURE, _LIKELY, _PERHAPS = 3, 2, 1
_SCHOOL = re.compile(
    r"universi|\buni\b|hochschule|college|school|schule|institut|academy|akademi|\u00e9cole|ecole|lyc\u00e9e|gymnasium|"
    r"polit|faculty|escuela|colegio|scuola|liceo|szko\u0142a|\u0443\u043d\u0438\u0432\u0435\u0440|\u5927\u5b66|\u5927\u5b78|\u5b66\u9662|\ub300\ud559",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Job:
    """A title and a company among some parts; `sure` whether it is clear which is which."""

    title: str | None
    company: str | None
    sure: bool
    parts: tuple[str, ...]


class Words:
    """Parts of lines as the vocabulary knows them."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._words = vocabulary

    def parts(self, line: str) -> list[str]:
        """The parts of a line that name something: no places, kinds of contract and the like."""
        strong = [part for part in _STRONG.split(line) if any(map(str.isalpha, part))]
        kept = [part for part in strong if not self._is_whole_place(part)]
        if not kept and len(strong) > 1:
            kept = strong[:1]  # a name like a town's, with its place beside it
        parts = [part for each in kept for at_comma in self._at_commas(each) for part in self._at_company(at_comma)]
        said = [part for part in parts if not self._says_nothing(part)]
        return said if len(said) > 0 or len(strong) == 1 else parts[:1]

    def _is_whole_place(self, text: str) -> bool:
        """Whether all of it is a place: "Berlin, Germany", but not "Initech, Berlin"."""
        return self.is_place(text) and self.is_place(text.partition(",")[0])

    def place_in(self, line: str) -> str | None:
        """The part of a line that is a place: of "Lives in Lisbon, Portugal | ana@mail.example" the middle."""
        for part in _STRONG.split(line):
            said = ",".join(each for each in part.split(",") if not reaches(each))
            place = _LIVES.sub("", clean(said))
            if self._is_whole_place(place):
                return place
        return None

    def _at_company(self, part: str) -> list[str]:
        title, *company = _AT.split(part, maxsplit=1)
        return [title, *company] if company and self.title_odds(title) else [part]

    def _at_commas(self, text: str) -> list[str]:
        """Parts between commas; "Initech, Inc." is one."""
        found: list[str] = []
        for part in text.split(","):
            whole = f"{found[-1]},{part}" if found else ""
            if found and not self.is_place(part) and self._words.company(whole) == self._words.company(found[-1]):
                found[-1] = whole
            else:
                found.append(part)
        return found

    def _says_nothing(self, part: str) -> bool:
        words = part.casefold().strip(" ().").split()
        timed = _LASTED.fullmatch(part.strip(" ().")) or dates.parse(part.strip(" ()."))
        return self.is_place(part) or all(word in _TYPES for word in words) or bool(timed)

    def is_place(self, text: str) -> bool:
        """Whether a text is a city or a country, and no company that is known."""
        bare = text.strip(" ().")
        if not bare or self._words.explain_company(bare, None)[1].startswith("known"):
            return False
        return self._words.explain_place(bare)[1].startswith("our tables") or bare.casefold() == "remote"

    def title_odds(self, text: str) -> int:
        """How surely a text is a job title: 3 down to 0, not at all."""
        found, why = self._words.explain_title(text)
        if _SCHOOL.search(text):
            return 0
        if found is None:
            return _PERHAPS if self._words.level(text) or why == "names no occupation" else 0
        return _SURE if why.startswith(("ours", "open data")) else _PERHAPS if why.startswith("by its") else _LIKELY

    def company_odds(self, text: str) -> int:
        """How surely a text is a company's name: 3 down to 0."""
        found, why = self._words.explain_company(text, None)
        if why.startswith("known"):
            return _SURE
        signs = why.startswith("without") or _SCHOOL.search(text)
        plain = "".join(char for char in text.casefold() if char.isalnum())
        return 0 if found is None else _LIKELY if signs or len(found) < len(plain) else _PERHAPS

    def job(self, parts: list[str]) -> Job:
        """Which of the parts is the title, and which the company: the likeliest pair, the first ones if equal."""
        if not parts:
            return Job(None, None, sure=False, parts=())
        if len(parts) == 1:
            title = self.title_odds(parts[0]) > self.company_odds(parts[0]) - _PERHAPS
            title = title and self.title_odds(parts[0]) > 0
            alone = tuple(parts)
            return Job(parts[0], None, True, alone) if title else Job(None, parts[0], True, alone)
        pairs = [(one, other) for one in range(len(parts)) for other in range(len(parts)) if one != other]
        best = max(pairs, key=lambda at: (self._odds(parts, at), -at[0] - at[1]))
        return Job(parts[best[0]], parts[best[1]], sure=self.title_odds(parts[best[0]]) > 0, parts=tuple(parts))

    def _odds(self, parts: list[str], at: tuple[int, int]) -> int:
        title, company = parts[at[0]], parts[at[1]]
        return self.title_odds(title) - self.company_odds(title) + self.company_odds(company) - self.title_odds(company)

    def skill(self, text: str) -> bool:
        """Whether it names a skill, or several, that the vocabulary knows."""
        several = self._words.skills(text)
        return len(several) > 1 or self._words.explain_skill(text)[1] != "its own text"

    def mentioned(self, text: str) -> dict[str, str]:
        """The skills named in a free text: their keys, each as it is written there."""
        return self._words.skills_named_in(text)

    def skill_key(self, text: str) -> tuple[str, ...]:
        """What equal skills have in common."""
        return self._words.skills(text)


def is_school(text: str) -> bool:
    """Whether a name is one of a place to learn."""
    return bool(_SCHOOL.search(text))


def reaches(line: str) -> bool:
    """Whether a line has an address, a number or a link by which somebody is reached."""
    return bool(_REACH.search(line))


def clean(text: str) -> str:
    """A text that may be stored: one line, no formula, not too long."""
    return defuse(text).text.strip(" ,;|\u00b7\u2022\u2013\u2014-")[:MAX_TEXT].rstrip()
