"""Job titles: the occupation that a title means.

The rules, first that fits decides:

1. A title that is wished for or over ("aspiring", "retired", "student") is nothing.
2. A title of ours (`data/titles.tsv`), then one of open data (`data/titles.npz`), of the whole text, of its parts and
   of these without levels; words may be inflected or in another order.
3. The longest title of ours at the end (English puts the occupation there) or at the start (Romance languages), unless
   the words clearly speak of another group (rule 5).
4. Words of recruiting.
5. What the words tell of the group. Such a title is an occupation of its own: equal to the same words, near the group.
6. A title that is known in less of the text: before a bracket or a pay grade, without "supervisor"; or what the bracket
   says ("Student Trainee (Legal)").
"""

from collections.abc import Iterator
from dataclasses import dataclass

from shared.resolution import tables
from shared.resolution.text import compact, folded
from shared.resolution.title_table import TitleTable, keys_of
from shared.resolution.title_text import (
    Words,
    bare,
    in_brackets,
    only_vague,
    outside_brackets,
    over_or_wished,
    over_or_wished_inside,
    parts_of,
    shorter,
    shorter_by_levels,
    title_words,
    without_elsewhere,
    without_employer,
    without_levels,
    without_levels_inside,
    words_of,
)

_SURE = 0.55
"""How likely the group of a title's words must be. Held against labels of ESCO that the table had not seen."""

_SURER = 0.85
"""How likely it must be to overrule a title of ours that is only a part of the words."""

_COMPOUND = 12
"""Letters of a German or Dutch title of one word that may be followed by anything: "Softwareentwickler Java"."""
_GUESSED = 5
"""Letters that one of the words must have for the group to be told by them: "AMTS" says nothing."""

_HEAD_LAST = frozenset({"de", "nl", "ru"})
"""Languages of which a title of one word in `data/titles.tsv` is the occupation where it is the last word."""

_RECRUITER = "recruiter"
_SHORTEST_OF_OURS = 2
_SHORTEST_UNSPACED = 3
"""Characters of a title that is looked for at the end of a text without spaces."""


@dataclass(frozen=True, slots=True)
class Title:
    """An occupation, the group it belongs to (an ISCO-08 minor group), and whether people in it recruit."""

    occupation: str
    group: str
    recruiting: bool


Found = tuple[Title | None, str]
"""What a title means, and why."""


class Titles:
    """Resolves job titles by our tables."""

    def __init__(self, table: bytes | None = None) -> None:
        """`table`: another `titles.npz`, to measure what the labels it lacks come to."""
        self._table = TitleTable(tables.content("titles.npz") if table is None else table)
        self._groups = {row[0]: row[1] for row in tables.rows("occupations.tsv")}
        self._ours: dict[str, Title] = {}
        self._inflected: dict[int, Title] = {}
        self._alone = {word for (word,) in title_words().phrases["alone"]}
        self._starts: dict[Words, Title] = {}
        for occupation in self._groups:
            self._add(occupation, "en", [occupation])
        for occupation, language, cell in tables.rows("titles.tsv"):
            self._add(occupation, language, tables.names(cell))

    def _add(self, occupation: str, language: str, titles: list[str]) -> None:
        title = self._title(occupation)
        for text in titles:
            words = words_of(bare(text))
            self._ours.setdefault(compact("".join(words)), title)
            for key in keys_of(words):
                self._inflected.setdefault(key, title)
            if len(words) == 1 and language in _HEAD_LAST:
                self._alone.add(words[0])
            compound = len(words) == 1 and len(words[0]) >= _COMPOUND and language in {"de", "nl"}
            if compound or (language not in {"en", "de", "nl"} and len(words) > 1):
                self._starts.setdefault(words, title)

    def _title(self, occupation: str) -> Title:
        return Title(occupation, self._groups[occupation], occupation == _RECRUITER)

    def title(self, text: str) -> Title | None:
        """The occupation meant by a job title, or None."""
        return self.explain(text)[0]

    def explain(self, text: str) -> Found:
        """The same, with the rule that decided."""
        text = bare(text)
        outside = outside_brackets(text)
        parts = parts_of(outside)
        while len(parts) > 1 and (why := over_or_wished(parts[0])) and self._names_company(parts[0], why):
            parts = parts[1:]
            text = outside = ", ".join(parts)
        if not parts:
            return None, "no words"
        for each in dict.fromkeys((without_elsewhere(parts[0]), parts[0], outside)):
            if why := over_or_wished(each):
                return None, why
        if found := self._exactly(text, outside, parts):
            return found
        if why := over_or_wished_inside(parts[0]):
            return None, why
        if found := self._pm(folded(text).split()):
            return found
        found = self._loosely(outside, parts[0])
        return found if found[0] else self._in_less(text, outside) or found

    def _pm(self, words: list[str]) -> Found | None:
        """What "PM" stands for, by the words around it; without any that tell, nothing."""
        if "pm" not in words:
            return None
        for kind, occupation in (("pm of projects", "project manager"), ("pm of products", "product manager")):
            for phrase in sorted(title_words().phrases[kind]):
                if f" {' '.join(phrase)} " in f" {' '.join(words)} ":
                    return self._title(occupation), f"PM with: {' '.join(phrase)}"
        return None, "PM of what is not said"

    def _exactly(self, text: str, outside: str, parts: list[str]) -> Found | None:
        """The whole text, or a part of it, is a title that is known."""
        tried: set[Words] = set()
        for words in _candidates(text, outside, parts):
            if words not in tried and (found := self._known(words)):
                return found
            tried.add(words)
        for part in parts[1:]:
            if found := self._of_ours(words_of(without_elsewhere(part))):
                return found
        return None

    def _loosely(self, outside: str, part: str) -> Found:
        """Some of the words are a title that is known, or they tell the group."""
        main = without_levels(words_of(without_elsewhere(part)))
        loose = self._known(main) or self._by_an_end(main) or self._recruiting(part)
        if loose is None:
            return self._by_words(outside, main, _SURE)
        said = self._by_words(outside, main, _SURER)
        return said if self._overrules(said[0], loose[0]) else loose

    def _in_less(self, text: str, outside: str) -> Found | None:
        """What less of a text says that says nothing as a whole."""
        for words in shorter(text):
            if not only_vague(words) and (found := self._known(words) or self._by_an_end(words)):
                return found
        inside = in_brackets(text)
        parts = parts_of(inside)
        if parts and only_vague(word for word in words_of(outside) if word != "student"):
            found = self._exactly(inside, inside, parts) or self._by_words(inside, words_of(inside), _SURE)
            return found if found[0] else None
        return None

    def _overrules(self, said: Title | None, loose: Title | None) -> bool:
        """Whether the words speak of another group than a part of them, which is then no head of the title.

        "Wood machinist" is no machinist of metal. Who recruits nurses is no nurse, whatever the words are mostly about.
        """
        return said is not None and loose is not None and not loose.recruiting and said.group != loose.group

    def _names_company(self, part: str, why: str) -> bool:
        """Whether "ex-Initech" is about a company and no title."""
        return why == "over: ex" and self._known(without_levels(words_of(part)[1:])) is None

    def _known(self, words: Words) -> Found | None:
        """The title of exactly these words, or of these without levels."""
        for tried in dict.fromkeys((words, *shorter_by_levels(words))):
            if found := self._of_ours(tried):
                return found
            if tried and not only_vague(tried) and (known := self._table.known(tried)):
                return self._open_title(known.occupation, known.group), f"open data: {' '.join(tried)}"
        return None

    def _of_ours(self, words: Words) -> Found | None:
        key = compact("".join(words))
        if len(key) < _SHORTEST_OF_OURS:
            return None
        for text in (key, without_levels_inside(key)):
            if title := self._ours.get(text):
                return title, f"ours: {text}"
        for hashed in keys_of(words):
            if title := self._inflected.get(hashed):
                return title, f"ours, inflected: {' '.join(words)}"
        return None

    def _open_title(self, occupation: str, group: str) -> Title:
        return self._title(occupation) if occupation in self._groups else Title(occupation, group, False)

    def _by_an_end(self, words: Words) -> Found | None:
        """The longest title of ours at the end or, in some languages, at the start."""
        for start in range(1, len(words) - 1):
            if title := self._ours.get(compact("".join(words[start:]))):
                return title, f"ends in: {' '.join(words[start:])}"
        for end in range(len(words) - 1, 0, -1):
            if title := self._starts.get(words[:end]):
                return title, f"starts with: {' '.join(words[:end])}"
        last = words[-1] if words else ""
        for text in (last, last.removesuffix("s")):
            if text in self._alone and not only_vague((text,)) and (found := self._known((text,))):
                return found[0], f"ends in: {text}"
        return self._by_an_end_unspaced(last)

    def _by_an_end_unspaced(self, word: str) -> Found | None:
        if word.isascii() or not any(_unspaced(char) for char in word):
            return None
        for start in range(1, len(word) - _SHORTEST_UNSPACED + 1):
            if title := self._ours.get(word[start:]):
                return title, f"ends in: {word[start:]}"
        return None

    def _recruiting(self, part: str) -> Found | None:
        lists = title_words()
        words = folded(part).split()
        if any((word,) in lists.phrases["not recruiting"] for word in words):
            return None
        for phrase in sorted(lists.phrases["recruiting"]):
            length = len(phrase)
            spans = (words[at : at + length] for at in range(len(words) - length + 1))
            if any(span[:-1] == [*phrase[:-1]] and span[-1].startswith(phrase[-1]) for span in spans):
                return self._title(_RECRUITER), f"recruiting: {' '.join(phrase)}"
        for text in lists.anywhere["recruiting"]:
            if text in part:
                return self._title(_RECRUITER), f"recruiting: {text}"
        return None

    def _by_words(self, outside: str, main: Words, least: float) -> Found:
        words = without_levels(words_of(without_employer(outside))) or main
        if only_vague(words) or words == ("student",) or (words[:1], words[-1:]) == (("chief",), ("officer",)):
            return None, "names no occupation"
        if all(len(word) < _GUESSED and word.isascii() for word in words):
            return None, "too short to tell"
        group, odds = self._table.group_by_words(words)
        if odds < least:
            return None, f"not known (perhaps {group}: {odds:.2f})"
        return Title(" ".join(words), group, False), f"by its words: {group}, {odds:.2f}"


def _unspaced(char: str) -> bool:
    return "\u3040" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7a3"


def _candidates(text: str, outside: str, parts: list[str]) -> Iterator[Words]:
    """What may be the title, likeliest first: the whole text, reversed ("Engineer, Software"), its parts."""
    yield words_of(outside)
    if text != outside:
        yield words_of(text)
    if len(parts) > 1:
        yield (*words_of(parts[1]), *words_of(parts[0]))
    yield words_of(parts[0])
    yield words_of(without_employer(parts[0]))
