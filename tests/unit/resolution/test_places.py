import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.resolution import Place, Vocabulary

WORDS = Vocabulary.default()


@pytest.mark.parametrize(
    ("text", "country", "city"),
    [
        ("Berlin", "de", "berlin"),
        ("BERLIN, GERMANY", "de", "berlin"),
        ("Berlin, DE", "de", "berlin"),
        ("Germany, Berlin", "de", "berlin"),
        ("Munich, Bavaria, Germany", "de", "munich"),
        ("München", "de", "munich"),
        ("Koeln, Deutschland", "de", "cologne"),
        ("Zürich", "ch", "zurich"),
        ("São Paulo, Brazil", "br", "sao paulo"),
        ("Bangalore, Karnataka, India", "in", "bengaluru"),
        ("London, England, United Kingdom", "gb", "london"),
        ("Greater London, UK", "gb", "london"),
        ("London, ON, Canada", "ca", "london"),
        ("London, Ontario", "ca", "london"),
        ("San Francisco Bay Area", "us", "san francisco"),
        ("San Francisco, CA", "us", "san francisco"),
        ("Greater Boston Area", "us", "boston"),
        ("New York", "us", "new york"),
        ("New York City Metropolitan Area", "us", "new york"),
        ("NYC", "us", "new york"),
        ("Portland, OR", "us", "portland"),
        ("Portland, Oregon, United States", "us", "portland"),
        ("Portland, ME", "us", "portland me"),
        ("Paris, TX", "us", "paris tx"),
        ("Wilmington, DE", "us", "wilmington de"),
        ("Toronto, CA", "ca", "toronto"),
        ("Perth, WA", "au", "perth"),
        ("Washington, DC", "us", "washington dc"),
        ("Washington D.C.", "us", "washington dc"),
        ("Atlanta, Georgia", "us", "atlanta"),
        ("Tbilisi, Georgia", "ge", "tbilisi"),
        ("LA", "us", "los angeles"),
        ("Georgia", "ge", None),
        ("California", "us", None),
        ("California, United States", "us", None),
        ("Île-de-France", "fr", None),
        ("England", "gb", None),
        ("U.S.A.", "us", None),
        ("the Netherlands", "nl", None),
        ("Singapore, Singapore", "sg", None),
        ("Remote - Germany", "de", None),
        ("Germany (Remote)", "de", None),
        ("Remote, US", "us", None),
        ("Someville, Germany", "de", "someville"),
        ("Atlantis", "atlantis", None),
        ("Germany / Austria", "germany austria", None),
        ("Cambridge", "cambridge", None),
        ("Cambridge, MA", "us", "cambridge"),
        ("Cambridge, UK", "gb", "cambridge"),
        ("Remote", None, None),
        ("Anywhere", None, None),
        ("", None, None),
    ],
)
def test_places(text: str, country: str | None, city: str | None) -> None:
    assert WORDS.place(text) == Place(country, city)


@given(
    st.text(max_size=40)
    | st.lists(st.sampled_from(["Berlin", "US", "DE", "Georgia", ",", "-", "(", "Greater"])).map(" ".join)
)
def test_never_raises_and_is_stable(text: str) -> None:
    once = WORDS.place(text)
    if once.country is not None:
        assert WORDS.place(once.country).country == once.country
        assert WORDS.place(f" {text.casefold()} ") == once
