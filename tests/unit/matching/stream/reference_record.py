"""A suggestion's record by the contract's own model, field by field: what the quick builder is compared with."""

import re

from services.matching.rules.numbers import two_digits, whole_percent
from services.matching.rules.suggestions import Suggestion
from shared.events.suggestions import PathV1, SuggestionV1, suggestion_id


def record_of(found: Suggestion, version: int) -> SuggestionV1:
    """A suggestion as a person reads it: whole percents, two significant digits (section 5)."""
    return SuggestionV1(
        suggestion_id=suggestion_id(found.seeker, found.posting),
        seeker_id=found.seeker,
        posting_id=found.posting,
        version=version,
        fit=whole_percent(found.fit),
        opening=found.head,
        paths=tuple(
            PathV1(
                introducer_id=path.introducer,
                insider_id=path.insider,
                score=two_digits(path.score),
                label=path.label,
                ask=path.ask,
                reasons=path.reasons,
            )
            for path in found.paths
        ),
    )


def without_version(value: bytes) -> bytes:
    """A record's value under version 0."""
    return re.sub(rb'(?<=[,{])"version":\d+', b'"version":0', value, count=1)
