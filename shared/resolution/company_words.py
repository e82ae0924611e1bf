"""The hand-made lists about company names, as the rules ask them: `data/legal_forms.tsv`, `data/company_words.tsv`.

The kinds of `company_words.tsv`:

- `unit`: behind a name, a part of the company named after the whole ("Research"); `region`: where a branch is;
- `tail`: behind a name of one distinctive word, says nothing ("Technologies"); `tail of known`: behind a known name;
- `lead`: before a name, says nothing ("Grupo"); `unspaced`, `unspaced start`: the same in scripts without spaces;
- `common`: words that several companies may be called by; with them `data/common_words.txt`;
- `nothing`, `nothing filler`: a name only of these words, one of the first, is no employer; `nothing start`: nor is one
  that begins so;
- `cyrillic`: letters, each with what it is in Latin: a name that is not known is one in both scripts;
- `two universities`: the University of X is another one than X University.
"""

from collections.abc import Iterable

from shared.resolution import tables
from shared.resolution.text import compact, folded, unaccented

Words = tuple[str, ...]

_CODE = 3
"""Letters of a country's code: too little to tell one from a name."""
_END = "end"
_START = "start"


def spoken(text: str) -> Words:
    """The folded words, single letters in a row joined: `L. L. C.` is `llc`."""
    words: list[str] = []
    apart = True
    for word in folded(text).split():
        single = len(word) == 1 and word.isalpha() and word.isascii()
        if single and not apart:
            words[-1] += word
        else:
            words.append(word)
        apart = not single
    return tuple(words)


def longest_first(texts: Iterable[str]) -> tuple[str, ...]:
    """Without doubles, the longest first."""
    return tuple(sorted(set(texts), key=lambda text: (-len(text), text)))


class CompanyWords:
    """The lists, read once."""

    def __init__(self) -> None:
        forms = [(where, tables.names(cell)) for _, where, cell in tables.rows("legal_forms.tsv")]
        kinds = {kind: tables.names(cell) for kind, cell in tables.rows("company_words.tsv")}
        self.ends = {spoken(form) for where, names in forms for form in names if where != _START} - {()}
        self.starts = {spoken(form) for where, names in forms for form in names if where != _END} - {()}
        self.unspaced_forms = longest_first(
            unaccented(form) for _, names in forms for form in names if not form.isascii() and not _cyrillic(form)
        )
        self.units = {spoken(text) for text in kinds["unit"]}
        self.regions = {spoken(text) for text in kinds["region"]} | _countries()
        self.tails = {spoken(text) for text in kinds["tail"]}
        self.tails_of_known = {spoken(text) for text in kinds["tail of known"]}
        self.behind = self.ends | self.regions | self.units | self.tails | self.tails_of_known
        self.say_little = self.tails | self.regions | self.units
        self.tails_of_known_alone = self.tails_of_known - self.tails
        self.leads = {spoken(text) for text in kinds["lead"]}
        self.unspaced = longest_first(map(unaccented, kinds["unspaced"]))
        self.unspaced_starts = longest_first(map(unaccented, kinds["unspaced start"]))
        self.common = {compact(word) for word in kinds["common"]} | set(
            tables.content("common_words.txt").decode().split()
        )
        self.nothing = {spoken(text) for text in kinds["nothing"]}
        self.filler = {word for text in kinds["nothing filler"] for word in spoken(text)}
        self.nothing_starts = {spoken(text) for text in kinds["nothing start"]}
        self._nothing_first = {phrase[0] for phrase in self.nothing | self.nothing_starts if phrase}
        self.latin = str.maketrans({letter[0]: letter[1:] for letter in kinds["cyrillic"]})
        self.two_universities = {compact(text) for text in kinds["two universities"]}

    def no_employer(self, words: Words) -> str | None:
        """The words that say so where a name is no employer's: "self employed", "stealth startup"."""
        if not words or (words[0] not in self._nothing_first and words[0] not in self.filler):
            return None
        for length in range(min(len(words), 4), 0, -1):
            if words[:length] in self.nothing_starts:
                return " ".join(words[:length])
        found, at = None, 0
        while at < len(words):
            length = next((size for size in (4, 3, 2, 1) if words[at : at + size] in self.nothing), 0)
            if length:
                found = " ".join(words[at : at + length])
            elif words[at] not in self.filler:
                return None
            at += length or 1
        return found

    def distinctive(self, word: str) -> bool:
        """Whether a word names one company only, as far as a word can."""
        return len(word) > 1 and not word.isdigit() and word not in self.common and (word,) not in self.regions

    def without_legal_forms(self, words: Words) -> Words:
        """Without legal forms at either end; a name that consists of nothing else is kept whole."""
        kept = words[1:] if words[:1] == ("the",) and len(words) > 1 else words
        while shorter := without_end(kept, self.ends) or without_start(kept, self.starts):
            kept = shorter
        return words if kept in self.ends else kept


def without_end(words: Words, phrases: set[Words]) -> Words | None:
    """Without the longest of the phrases at the end; None where there is none or nothing would remain."""
    for length in range(min(6, len(words) - 1), 0, -1):
        if words[-length:] in phrases:
            rest = words[:-length]
            while rest[-1:] == ("and",):
                rest = rest[:-1]
            return rest or None
    return None


def without_start(words: Words, phrases: set[Words]) -> Words | None:
    """The same at the start."""
    for length in range(min(6, len(words) - 1), 0, -1):
        if words[:length] in phrases:
            return words[length:]
    return None


def _countries() -> set[Words]:
    files = ("countries.tsv", "country_names.tsv")
    names = (name for file in files for _, cell in tables.rows(file) for name in tables.names(cell))
    return {spoken(name) for name in names if len(name) > _CODE} - {("georgia",), ("jordan",), ("chad",)}


def _cyrillic(text: str) -> bool:
    return any("\u0400" <= char <= "\u04ff" for char in text)
