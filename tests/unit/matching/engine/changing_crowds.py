"""Everything that can happen to a crowd, a step at a time; a step is a burst of events."""

from collections.abc import Callable
from typing import Any

from services.matching.engine.engine import Event
from tests.unit.matching.engine.crowds import Crowd, filled

Step = Callable[[Crowd], list[Event]]


def _person(crowd: Crowd, name: str, **changes: Any) -> list[Event]:
    before = crowd.people.get(name) or crowd.a_person(name, member=name.startswith("m"))
    crowd.people[name] = filled(**{**before, **changes})
    return [crowd.put("people.v1", name, crowd.people[name])]


def consent(crowd: Crowd) -> list[Event]:
    """Somebody begins or ceases to introduce."""
    name = crowd.anybody()
    return _person(crowd, name, introduces=not crowd.people.get(name, {}).get("introduces"))


def membership(crowd: Crowd) -> list[Event]:
    """A member becomes a contact, or a contact a member."""
    name = crowd.anybody()
    return _person(crowd, name, member=not crowd.people.get(name, {}).get("member"), imported_by=None)


def work(crowd: Crowd) -> list[Event]:
    """Somebody changes jobs."""
    title = crowd.chance.choice(crowd.words.titles)
    return _person(crowd, crowd.anybody(), employments=[crowd.a_job(title) for _ in range(crowd.chance.randint(0, 2))])


def search(crowd: Crowd) -> list[Event]:
    """Somebody looks for something else, or for nothing."""
    wanted = crowd.maybe(0.8, lambda: crowd.a_search(crowd.chance.choice(crowd.words.titles)))
    return _person(crowd, crowd.anybody(), seeking=wanted)


def skills(crowd: Crowd) -> list[Event]:
    """Somebody learns or forgets something."""
    known = crowd.words.skills_of(crowd.chance.choice(crowd.words.titles))
    return _person(crowd, crowd.anybody(), skills=crowd.some(known, 0, 5))


def tie(crowd: Crowd) -> list[Event]:
    """Two people know each other, or something else is known about how."""
    one, other = crowd.anybody(), crowd.anybody()
    if crowd.ties and crowd.chance.random() < 0.5:
        one, other = crowd.chance.choice(sorted(crowd.ties)).split(":")
    return [crowd.put("ties.v1", key, crowd.ties[key]) for key in crowd.know(one, other)]


def no_tie(crowd: Crowd) -> list[Event]:
    """One side's record goes."""
    return _gone(crowd, crowd.chance.choice(sorted(crowd.ties))) if crowd.ties else tie(crowd)


def _gone(crowd: Crowd, key: str) -> list[Event]:
    crowd.ties.pop(key, None)
    return [crowd.put("ties.v1", key, None)]


def word(crowd: Crowd) -> list[Event]:
    """Somebody says how close they are, blocks, or takes either back, on top of what else is known."""
    key = crowd.chance.choice(sorted(crowd.ties)) if crowd.ties else "m00:m01"
    held = crowd.ties.get(key) or crowd.a_tie(key)
    others = [one for one in held["evidence"] if one["kind"] not in {"closeness", "blocked"}]
    said = crowd.chance.choice([[crowd.said()], [crowd.said()], [{"kind": "blocked"}], []])
    crowd.ties[key] = {**held, "evidence": [*others, *said]}
    return [crowd.put("ties.v1", key, crowd.ties[key])]


def erased(crowd: Crowd) -> list[Event]:
    """Somebody goes, with all ties from both sides, in any order."""
    name = crowd.anybody()
    crowd.people.pop(name, None)
    gone = [crowd.put("people.v1", name, None)]
    for key in [key for key in crowd.ties if name in key.split(":")]:
        gone += _gone(crowd, key)
    crowd.chance.shuffle(gone)
    return gone


def person_gone(crowd: Crowd) -> list[Event]:
    """Only the person's own record goes; the ties hang in the air until somebody of that id comes back."""
    name = crowd.anybody()
    crowd.people.pop(name, None)
    return [crowd.put("people.v1", name, None)]


def arrival(crowd: Crowd) -> list[Event]:
    """Somebody comes, perhaps again."""
    known = {end for key in crowd.ties for end in key.split(":")}
    name = crowd.chance.choice(sorted(known - crowd.people.keys()) or [f"m{crowd.chance.randint(0, 99):02d}"])
    crowd.people[name] = crowd.a_person(name, member=name.startswith("m"))
    return [crowd.put("people.v1", name, crowd.people[name])]


def opening(crowd: Crowd) -> list[Event]:
    """An opening comes or changes."""
    name = crowd.chance.choice([*sorted(crowd.openings), f"o{crowd.chance.randint(0, 99):02d}"])
    crowd.openings[name] = crowd.an_opening(name)
    return [crowd.put("postings.v1", name, crowd.openings[name])]


def opening_gone(crowd: Crowd) -> list[Event]:
    """An opening goes, or is closed."""
    if len(crowd.openings) < 4:  # too few would make the rest of the history dull
        return opening(crowd)
    name = crowd.chance.choice(sorted(crowd.openings))
    closed = {**crowd.openings.pop(name), "status": "closed"}
    return [crowd.put("postings.v1", name, crowd.maybe(0.5, lambda: closed))]


def help_(crowd: Crowd) -> list[Event]:
    """An ask moves on, changes hands, or is forgotten."""
    name = f"i{crowd.chance.randint(0, 9)}"
    if crowd.chance.random() < 0.2:
        return [crowd.put("introductions.v1", name, None)]
    return [crowd.put("introductions.v1", name, crowd.an_ask(name, crowd.chance.choice(["m00", "m01", "m02", "m03"])))]


def day(crowd: Crowd) -> list[Event]:
    """The day moves: by little, to the next period, far; now and then backwards."""
    return crowd.today(crowd.chance.choice([*[1, 29, 30, 31] * 4, 365, 2000, -5]))


def address_book(crowd: Crowd) -> list[Event]:
    """One member's address book, whole, in one step: contacts nobody saw before, and members."""
    owner, events = crowd.anybody(), []
    for number in range(crowd.chance.choice([3, 20, 120])):
        name = f"{owner}-{number}"
        crowd.people[name] = {**crowd.a_person(name, member=False), "imported_by": owner}
        events += [crowd.put("people.v1", name, crowd.people[name])]
    for other in [*crowd.some(sorted(crowd.people), 0, 20), *(f"{owner}-{n}" for n in range(len(events)))]:
        if other != owner:
            crowd.ties[f"{owner}:{other}"] = crowd.a_tie(f"{owner}:{other}")
            events += [crowd.put("ties.v1", f"{owner}:{other}", crowd.ties[f"{owner}:{other}"])]
    crowd.chance.shuffle(events)
    return events


def again(crowd: Crowd) -> list[Event]:
    """Records told before come again, and tombstones older than what is held: nothing may change."""
    repeated = crowd.chance.choices(crowd.told, k=crowd.chance.randint(1, 30))
    late = [Event(one.topic, one.key, None, one.version) for one in repeated[::3]]
    return [*repeated, *late]


def shaken(crowd: Crowd) -> list[Event]:
    """Many changes in one step."""
    events: list[Event] = []
    for _ in range(crowd.chance.choice([3, 10, 40])):
        events += crowd.chance.choice(SMALL)(crowd)
    return events


SMALL: list[Step] = [
    consent, membership, *[work] * 3, search, search, skills, *[tie] * 4, no_tie, no_tie, *[word] * 3, erased,
    person_gone, arrival, arrival, opening, opening, opening_gone, help_, help_, day, again,
]  # fmt: skip
STEPS: list[Step] = [*SMALL, address_book, shaken, shaken]
