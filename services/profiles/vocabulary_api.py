"""HTTP: names of the vocabulary, to offer while a member types, and what they may have meant.

It tells nothing about anybody: the vocabulary is the same for all.
"""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from shared.resolution import Kind, Vocabulary, complete, did_you_mean
from shared.web.callers import MemberOrOperator
from shared.web.ids import PRINTABLE

router = APIRouter(tags=["profile"])

_OWN_TEXT = "its own text"
"""Why something is equal to the same text alone."""


class VocabularyView(BaseModel):
    """`items`: names that go on from the text; `did_you_mean`: names like it, where the text itself is not known.

    `known`: whether the text itself says something to us, as it stands. Of companies only usual spellings are known.
    """

    items: list[str]
    did_you_mean: list[str]
    known: bool


@router.get("/v1/vocabulary", summary="Names to offer while somebody types")
async def vocabulary(
    kind: Kind,
    _caller: MemberOrOperator,
    q: Annotated[str, Query(max_length=100, pattern=PRINTABLE, description="what was typed so far")] = "",
    limit: Annotated[int, Query(ge=1, le=20)] = 8,
) -> VocabularyView:
    """Job titles, skills, places or companies of the vocabulary. Anything else may be typed as well."""
    found, known = complete(kind, q, limit), _is_known(kind, q)
    return VocabularyView(items=found, did_you_mean=[] if found or known else did_you_mean(kind, q), known=known)


def _is_known(kind: Kind, text: str) -> bool:
    words = Vocabulary.default()
    if kind == "titles":
        return words.title(text) is not None
    if kind == "companies":
        return words.explain_company(text, None)[1].startswith("known:")
    if kind == "skills":
        lists_several = words.skills(text) != (words.skill(text),)
        return lists_several or words.explain_skill(text)[1] != _OWN_TEXT
    return words.places(text) != (words.place(text),) or words.explain_place(text)[1] != _OWN_TEXT
