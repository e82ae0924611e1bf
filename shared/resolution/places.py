"""Places: which country, and which city where one is named.

Reads "City", "Country", "City, Region, Country", "Greater City Area", country and state codes, and names of large
cities in many languages. A city that shares its name with a larger one in another state keeps its state: Portland, ME.
"""

import re
from collections import defaultdict
from dataclasses import dataclass

from shared.resolution import tables
from shared.resolution.text import folded

_PARTS = re.compile(r"\s+[-\u2013\u2014]\s+|[,;|/()\u3001\uff0c\uff08\uff09\u00b7\u2022]")
_SEVERAL = re.compile(r"\s*[/;|\u2022]\s*|\s+(?:or|oder|ou|and|und)\s+")
_CITY_STATES = frozenset({"us", "ca"})
"""Countries whose cities are told apart by their state."""
_CODE = 3
"""Names up to this long are codes: a city or a state of the same letters takes precedence."""
_NO_CODES = frozenset({"usa", "us", "uk", "uae"})


@dataclass(frozen=True, slots=True)
class Place:
    """A country, and a city in it where one is named.

    An unknown place is a country of its own, named by its normalised text, so it matches the same text and nothing
    else. Text that names no place ("anywhere") has no country and counts as not given.
    """

    country: str | None
    city: str | None


NOWHERE = Place(None, None)


class Places:
    """Resolves places by our tables. All names are folded."""

    def __init__(self) -> None:
        self._words: dict[str, frozenset[str]] = {}
        self._areas: dict[str, tuple[Place, ...]] = {}
        for kind, cell in tables.rows("place_words.tsv"):
            names = frozenset(map(folded, tables.names(cell)))
            if kind.startswith("area "):
                countries = kind.removeprefix("area ").split(",")
                self._areas |= dict.fromkeys(names, tuple(Place(country, None) for country in countries))
            else:
                self._words[kind] = names
        self._countries: dict[str, str] = {}
        self._codes: dict[str, str] = {}
        self._add_countries()
        self._regions: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._region_names: set[str] = set()
        for country, code, cell in tables.rows("regions.tsv"):
            names = frozenset(map(folded, tables.names(cell)))
            self._region_names |= names
            for name in {folded(code), *names}:
                self._regions[name].append((country, code))
        self._cities: dict[tuple[str, str], str] = {}
        self._states: dict[tuple[str, str], str] = {}
        self._city_countries: dict[str, set[str]] = defaultdict(set)
        self._add_cities()

    def _add_countries(self) -> None:
        for code, cell in tables.rows("countries.tsv"):
            for name in (code, *tables.names(cell)):
                short = len(name) <= _CODE and name not in _NO_CODES
                (self._codes if short else self._countries)[folded(name)] = code
        cities = {folded(row[2]) for row in tables.rows("our_cities.tsv")}
        for code, cell in tables.rows("country_names.tsv"):
            for name in tables.names(cell):
                if name not in self._codes and name not in cities:
                    self._countries.setdefault(name, code)

    def _add_cities(self) -> None:
        for country, state, city, cell in tables.rows("our_cities.tsv"):
            known = folded(city)
            if state:
                self._states[country, known] = state
            for name in (city, *tables.names(cell)):
                self._cities[country, folded(name)] = known
                self._city_countries[folded(name)].add(country)
        ours = frozenset(self._city_countries)
        for country, state, city, alone, others in tables.rows("cities.tsv"):
            if self._countries.get(city) == country:
                continue  # Singapore: the country is enough
            known = self._cities.get((country, city), city)
            if state:
                self._states.setdefault((country, known), state)
            for name in tables.names(alone):
                self._cities.setdefault((country, name), known)
                if name not in ours and name not in self._regions:
                    self._city_countries[name].add(country)
            for name in tables.names(others):
                self._cities.setdefault((country, name), known)

    def explain(self, text: str) -> tuple[Place, str]:
        """The place named by this text, and how it is known."""
        found = self.place(text)
        if found == NOWHERE:
            return found, "names no place"
        known = found.country != folded(text) or found.country in self._codes.values()
        return found, "our tables and GeoNames" if known else "its own text"

    def places(self, text: str) -> tuple[Place, ...]:
        """The places that a text lists: "Berlin / Munich" names two, an area ("DACH") its countries."""
        name = _without(self._words["qualifier"], folded(text))
        if name in self._areas:
            return self._areas[name]
        parts = [part for part in _SEVERAL.split(text) if part.strip()]
        found = [self._alone(_without(self._words["qualifier"], folded(part))) or self._known(part) for part in parts]
        if len(parts) > 1 and all(found):
            return tuple(dict.fromkeys(place for place in found if place is not None and place != NOWHERE))
        whole = self.place(text)
        return () if whole == NOWHERE else (whole,)

    def _known(self, text: str) -> Place | None:
        found, why = self.explain(text)
        return None if why == "its own text" else found

    def place(self, text: str) -> Place:
        """The place named by this text."""
        whole = folded(text)
        if found := self._alone(whole):
            return found
        parts = [part for text in _PARTS.split(text) if (part := _without(self._words["qualifier"], folded(text)))]
        if not parts:
            return NOWHERE if not whole or self._names_nowhere(whole) else Place(whole, None)
        found = self._alone(parts[0]) if len(parts) == 1 else self._among(parts)
        return found or Place(whole, None)

    def _names_nowhere(self, name: str) -> bool:
        return name in self._words["nowhere"] or not self._words["nowhere"].isdisjoint(name.split())

    def _alone(self, name: str) -> Place | None:
        """A single name: countries before cities, cities before states, names before codes; None if cities compete."""
        if name in self._countries:
            return Place(self._countries[name], None)
        homes = self._city_countries.get(name, set())
        if len(homes) == 1:
            (country,) = homes
            return Place(country, self._cities[country, name])
        if name in self._region_names and not homes:
            return Place(self._regions[name][0][0], None)
        if name in self._codes:
            return Place(self._codes[name], None)
        if name in self._regions and not homes:
            return Place(self._regions[name][0][0], None)
        return None

    def _among(self, parts: list[str]) -> Place | None:
        """The place given by several names, usually from the smallest to the largest."""
        first, last = parts[0], parts[-1]
        if first in self._countries and not self._widest(last):
            parts = [*reversed(parts)]
            first, last = parts[0], parts[-1]
        options = self._widest(last)
        if first in self._countries and options and self._countries[first] != options[0][0]:
            return None  # two countries
        homes = self._city_countries.get(first, set())
        for country, state in options:
            at_home = (
                state is None or self._states.get((country, self._cities.get((country, first), "")), state) == state
            )
            if country in homes and at_home:
                return self._in(country, state, parts)
        if options:
            return self._in(*options[0], parts)
        return next((found for part in reversed(parts) if (found := self._alone(part)) and found.city), None)

    def _widest(self, name: str) -> list[tuple[str, str | None]]:
        """The (country, state) pairs that the last name may mean, likeliest first; state is None for a country."""
        if name in self._countries:
            options: list[tuple[str, str | None]] = [(self._countries[name], None)]
            # "Atlanta, Georgia": the state, if the name before is a city in it.
            return options + [(country, state) for country, state in self._regions.get(name, [])]
        states: list[tuple[str, str | None]] = list(self._regions.get(name, []))
        code: list[tuple[str, str | None]] = [(self._codes[name], None)] if name in self._codes else []
        state_first = name in self._region_names or any(country == "us" for country, _ in states)
        return states + code if state_first else code + states

    def _in(self, country: str, state: str | None, parts: list[str]) -> Place:
        """The first name as a city of this country, with its state where a larger city elsewhere has the same name."""
        city = parts[0]
        for part in parts[1:-1]:
            state = next((code for home, code in self._regions.get(part, []) if home == country), state)
        if country == "us" and state == "dc":
            return Place("us", folded("washington dc"))
        known = self._cities.get((country, city))
        regional = any(home == country for home, _ in self._regions.get(city, []))
        if known is None and (regional or self._countries.get(city) == country):
            return Place(country, None)
        name = known or city
        elsewhere = state is not None and country in _CITY_STATES and self._states.get((country, name)) != state
        return Place(country, f"{name} {state}" if elsewhere else name)


def _without(qualifiers: frozenset[str], name: str) -> str:
    """The name without words like "Greater", "Area" and "Remote"."""
    return " ".join(word for word in name.split() if word not in qualifiers)
