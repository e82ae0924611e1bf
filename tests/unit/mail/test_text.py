"""Other people's words: one clean line, cut between characters, and only plain web addresses."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.text import clean, safe_url, shorten, units

ANY = st.text(st.characters(), max_size=400)  # with lone surrogates, controls, marks


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (None, ""),
        ("  Dana \t\r\n Okafor ", "Dana Okafor"),
        ("Dana\r\nBcc: all@corp.example", "Dana Bcc: all@corp.example"),
        ("exe\u202egpj.cv", "exegpj.cv"),
        ("a\u2066b\u2069c\u200f", "abc"),
        ("nul\x00esc\x1b[31m", "nul esc [31m"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("lone \ud800 half", "lone half"),
        ("line\u2028paragraph\u2029", "line paragraph"),
        ("Zoë 王伟 ναί", "Zoë 王伟 ναί"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
        ("z" + "\u0335" * 40, "z" + "\u0335" * 4),
    ],
)
def test_words_are_made_one_clean_line(raw, shown):
    assert clean(raw) == shown


@given(ANY, st.integers(1, 60))
def test_whatever_comes_is_one_short_line_that_can_be_encoded(raw, limit):
    shown = clean(raw, limit)
    assert units(shown) <= limit
    shown.encode()
    assert not any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in shown)
    assert not any(
        unicodedata.bidirectional(char) in {"RLO", "LRO", "RLE", "LRE", "RLI", "LRI", "FSI"} for char in shown
    )
    assert clean(shown, limit) == shown


@given(ANY)
def test_units_are_those_of_utf_16(raw):
    text = clean(raw)
    assert units(text) == len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("Okafor", 6, "Okafor"),
        ("Okafor", 5, "Okaf…"),
        ("😀😀", 4, "😀😀"),
        ("😀😀", 3, "😀…"),
        ("😀😀", 2, "…"),
        ("ab👩\u200d💻", 6, "ab…"),
        ("ae\u0301o", 3, "a…"),
        ("a👍🏽x", 5, "a…"),
    ],
)
def test_shortening_keeps_characters_whole(text, limit, expected):
    assert shorten(text, limit) == expected


@pytest.mark.parametrize("url", ["https://jobs.example/1?a=b#c", "http://initech.example:8080/x", "HTTPS://a.example/"])
def test_plain_web_addresses_pass(url):
    assert safe_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "javascript:alert(1)",
        "data:text/html,<script>",
        "//evil.example",
        "https://",
        "https:///path",
        "https://good.example@evil.example/",
        "https://a.example/ b",
        "https://a.example/\r\nBcc: x@y.example",
        'https://a.example/"onmouseover="x',
        "https://a.example/<script>",
        "https://a.example/\u202egpj",
        "https://a.example:port/",
        "https://[broken/",
        "https://a.example/" + "x" * 2000,
        "\x01https://a.example",
    ],
)
def test_other_addresses_are_left_out(url):
    assert safe_url(url) is None
