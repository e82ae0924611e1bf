"""Places: which country, and which city where one is named.

Reads "City", "Country", "City, Region, Country", "Greater City Area", country and state codes, and common alternative
names of large cities. A city that shares its name with a larger one in another state keeps its state: Portland, ME.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.resolution.text import folded

_PARTS = re.compile(r"\s+[-\u2013\u2014]\s+|[,;|/()]")
_QUALIFIERS = frozenset(
    {
        "remote",
        "hybrid",
        "onsite",
        "area",
        "greater",
        "metropolitan",
        "metro",
        "region",
        "anywhere",
        "worldwide",
        "only",
        "wfh",
    }
)
_NOWHERE = frozenset({"remote", "anywhere", "worldwide", "wfh"})
_CITY_STATES = frozenset({"us", "ca"})
"""Countries whose cities have their state as the first alias in our vocabulary."""
_ISO_CODE = 2
_CODE = 3
"""Names up to this long are codes: a city or a state of the same letters takes precedence."""


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
    """Resolves places by our vocabulary. All names are folded."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._countries: dict[str, str] = {}
        self._codes: dict[str, str] = {}
        for code, names in data["countries"].items():
            for name in (code, *names):
                short = len(name) <= _CODE and name not in {"usa", "us", "uk", "uae"}
                (self._codes if short else self._countries)[folded(name)] = code
        self._regions: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._region_names: set[str] = set()
        for country, regions in data["regions"].items():
            for code, names in regions.items():
                self._region_names.update(map(folded, names))
                for name in (code, *names):
                    self._regions[folded(name)].append((country, code))
        self._cities: dict[tuple[str, str], str] = {}
        self._states: dict[tuple[str, str], str] = {}
        self._city_countries: dict[str, set[str]] = defaultdict(set)
        for country, cities in data["cities"].items():
            for city, aliases in cities.items():
                self._add_city(country, city, aliases)

    def _add_city(self, country: str, city: str, aliases: list[str]) -> None:
        known = folded(city)
        if country in _CITY_STATES:
            self._states[country, known], aliases = aliases[0], aliases[1:]
        for name in (city, *aliases):
            self._cities[country, folded(name)] = known
            self._city_countries[folded(name)].add(country)

    def explain(self, text: str) -> tuple[Place, str]:
        """The place named by this text, and how it is known."""
        found = self.place(text)
        if found.country == folded(text) and found.city is None and len(found.country) > _ISO_CODE:
            return found, "its own text"
        return found, "names no place" if found == NOWHERE else "known"

    def place(self, text: str) -> Place:
        """The place named by this text."""
        whole = folded(text)
        if found := self._alone(whole):
            return found
        parts = [part for part in map(_without_qualifiers, _PARTS.split(text)) if part]
        if not parts:
            return NOWHERE if _NOWHERE & set(whole.split()) or not whole else Place(whole, None)
        found = self._alone(parts[0]) if len(parts) == 1 else self._among(parts)
        return found or Place(whole, None)

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


def _without_qualifiers(part: str) -> str:
    """The part without words like "Greater", "Area" and "Remote"."""
    return " ".join(word for word in folded(part).split() if word not in _QUALIFIERS)
