"""By what lists of people and companies are ordered and grouped: short, and printable enough for a cursor. Pure."""

from shared.resolution import Vocabulary

COMPANY_LENGTH = 60
NAME_LENGTH = 40


def company_key(name: str, words: Vocabulary) -> str:
    """What contacts are grouped by: equal for every spelling of a company."""
    return (printable(words.company(name) or "") or printable(name.casefold()))[:COMPANY_LENGTH]


def name_key(name: str) -> str:
    """The sort key of a list of people: case-folded."""
    return printable(name.casefold())[:NAME_LENGTH]


def printable(text: str) -> str:
    """The text without joiners and other unprintable characters."""
    return text if text.isprintable() else "".join(char for char in text if char.isprintable())
