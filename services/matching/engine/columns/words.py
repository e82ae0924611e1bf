"""Numbers for the words that rules compare: companies, skills, occupations, groups."""

from services.matching.engine.columns.texts import Texts

COUNT = 1 << 24
"""Every array that is read by a word's number has room for so many: `Words` gives no number beyond."""

BYTES = 1 << 31


class Words(Texts):
    """Texts of one kind. A number says nothing about order."""

    def __init__(self, count: int = COUNT, size: int = BYTES) -> None:
        super().__init__(count, size)

    def text(self, number: int) -> str:
        """The text behind a number."""
        return self._texts[number]
