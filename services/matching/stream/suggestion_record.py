"""The value of a record on `suggestions.v1`: built here and nowhere else.

Kept true: its bytes are those that `SuggestionV1` gives for the same content, so that what is read back from the topic
can be compared with what is about to be written. They are put together without the contract's model, whose checks are
those of the inputs that everything in a suggestion comes from; so it takes a tenth of the time.
"""

from typing import Final

import msgspec

from services.matching.rules.numbers import two_digits, whole_percent
from services.matching.rules.suggestions import Suggestion
from shared.events.suggestions import Opening, SuggestionV1

_NO_VERSION: Final = b'"version":0'
"""In a string its quotation marks would be escaped, so the first of these is the field."""


class _Path(msgspec.Struct, gc=False):
    """The fields of `PathV1`, in its order."""

    introducer_id: str
    insider_id: str
    score: float
    label: str
    ask: str
    reasons: tuple[str, ...]


class _Record(msgspec.Struct, gc=False):
    """The fields of `SuggestionV1`, in its order."""

    suggestion_id: str
    seeker_id: str
    posting_id: str
    version: int
    fit: int
    opening: msgspec.Raw
    paths: list[_Path]


class RecordBuilder:
    """Builds contents, and remembers the parts that those of one opening have in common."""

    MOST = 1 << 12

    def __init__(self) -> None:
        self._encode = msgspec.json.Encoder().encode
        self._openings: dict[int, tuple[Opening, msgspec.Raw]] = {}

    def content(self, key: str, found: Suggestion) -> bytes:
        """What a person reads of a suggestion, as JSON with version 0: whole percents, two significant digits.

        `key` is its id. Section 5.
        """
        paths = [
            _Path(path.introducer, path.insider, two_digits(path.score), path.label, path.ask, path.reasons)
            for path in found.paths
        ]
        opening, percent = self._opening(found.head), whole_percent(found.fit)
        return self._encode(_Record(key, found.seeker, found.posting, 0, percent, opening, paths))

    def _opening(self, head: Opening) -> msgspec.Raw:
        held = self._openings.get(id(head))
        if held is None:
            if len(self._openings) >= self.MOST:
                self._openings.clear()
            # The object is kept as well, so that no other one can have its identity.
            held = self._openings[id(head)] = head, msgspec.Raw(head.to_json())
        return held[1]


def content_of(value: SuggestionV1) -> bytes:
    """The content of a record that stands on the topic."""
    return value.model_copy(update={"version": 0}).to_json()


def value_of(content: bytes, version: int) -> bytes:
    """The record's value: its content, under a version."""
    return content.replace(_NO_VERSION, b'"version":%d' % version, 1)
