"""Whether a word of a search is known, and what it may have meant."""

import pytest

from services.profiles.vocabulary_api import vocabulary
from shared.web.identity import Caller


@pytest.mark.parametrize(
    ("kind", "text", "known"),
    [
        ("titles", "data engineer (m/w/d)", True),
        ("titles", "data eng", False),
        ("titles", "flurbologist", False),
        ("skills", "PYTHON", True),
        ("skills", "C/C++", True),
        ("skills", "warp drives", False),
        ("places", "Lisbon Area", True),
        ("places", "DACH", True),
        ("places", "anywhere", True),
        ("places", "Blurbland", False),
        ("companies", "google germany gmbh", True),
        ("companies", "Wibble 42", False),
    ],
)
async def test_a_word_is_known_as_it_stands_or_not(kind, text, known):
    said = await vocabulary(kind, Caller("member", "m"), text, 8)
    assert said.known == known
    assert not (known and said.did_you_mean)


async def test_what_is_known_and_what_goes_on_from_a_text_are_two_things():
    said = await vocabulary("titles", Caller("member", "m"), "data eng", 8)
    assert "Data Engineer" in said.items
    assert not said.known
