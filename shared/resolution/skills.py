"""Skills: one key for a skill's synonyms and spellings."""

import re
from collections.abc import Iterator, Mapping, Sequence

from shared.resolution.text import compact, folded, unaccented

_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_LEADING_DOT = re.compile(r"(?<!\w)\.(?=net\b)")
_TAILS = frozenset(
    {
        "programming",
        "language",
        "development",
        "skills",
        "framework",
        "knowledge",
        "experience",
        "basics",
        "software",
        "tools",
    }
)
_MAKERS = frozenset({"microsoft", "google", "apache", "apple", "autodesk", "adobe", "atlassian", "amazon", "aws"})
_VERSION = re.compile(r"v?\d+")


class Skills:
    """Resolves skills by our vocabulary."""

    def __init__(self, data: Mapping[str, Sequence[str]]) -> None:
        self._known = {
            compact(_dotted(alias)): compact(_dotted(skill)) for skill, others in data.items() for alias in others
        }
        self._known |= {compact(_dotted(skill)): compact(_dotted(skill)) for skill in data}

    def skill(self, text: str) -> str:
        """The skill's key, shared by its synonyms; "(programming language)", versions and the like are ignored."""
        whole = compact(_dotted(text))
        for candidate in _candidates(_dotted(text)):
            if candidate in self._known:
                return self._known[candidate]
        return whole or "".join(unaccented(text).split())


def _dotted(text: str) -> str:
    return _LEADING_DOT.sub("dot", unaccented(text))


def _candidates(text: str) -> Iterator[str]:
    yield compact(text)
    words = folded(_BRACKETS.sub(" ", text)).split()
    yield compact("".join(words))
    if len(words) > 1 and words[0] in _MAKERS:
        yield compact("".join(words[1:]))
    while len(words) > 1 and (words[-1] in _TAILS or _VERSION.fullmatch(words[-1])):
        words = words[:-1]
        yield compact("".join(words))
