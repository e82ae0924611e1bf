"""Random histories of everything the matcher takes in: small, so that people meet; wild, so that most rules are hit."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from services.matching.engine.engine import Event
from shared.resolution import Vocabulary
from tests.records import event

TODAY = date(2026, 3, 1)
MEMBERS = [f"m{n}" for n in range(6)]
CONTACTS = [f"c{n}" for n in range(4)]
PEOPLE = MEMBERS + CONTACTS
OPENINGS = ["o0", "o1", "o2"]
COMPANIES = ["Initech", "Globex", "Hooli"]
SKILLS = ["python", "sql", "rust"]
TITLES = ["Developer", "Tester", "Recruiter", "Unheard Of"]

VOCABULARY = Vocabulary.of(
    {
        "owners": {"globex": "hooli"},
        "titles": {
            "developer": {"occupation": "dev", "group": "it", "recruiting": False},
            "tester": {"occupation": "test", "group": "it", "recruiting": False},
            "recruiter": {"occupation": "hr", "group": "people", "recruiting": True},
        },
        "places": {
            "berlin": {"country": "de", "city": "berlin"},
            "germany": {"country": "de", "city": None},
            "paris": {"country": "fr", "city": "paris"},
        },
    }
)

days = st.integers(-1800, 60).map(lambda n: (TODAY + timedelta(days=n)).isoformat())
LEVELS = ["junior", "senior", "director"]


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def rarely(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.integers(0, 3).flatmap(lambda n: strategy if n == 3 else st.none())


def mostly(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.integers(0, 3).flatmap(lambda n: st.none() if n == 3 else strategy)


def some(values: list[str], most: int = 2) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), max_size=most)


def record(**fields: Any) -> st.SearchStrategy[dict[str, Any]]:
    """A JSON object; a field drawn as None is left out."""
    return st.fixed_dictionaries(fields).map(lambda drawn: {k: v for k, v in drawn.items() if v is not None})


employments = record(
    company=st.sampled_from(COMPANIES),
    title=mostly(st.sampled_from(TITLES)),
    start=rarely(days),
    end=rarely(days),
    seen=rarely(days),
)
seeking = record(
    titles=some(TITLES),
    skills=some(SKILLS, 3),
    locations=rarely(some(["Berlin", "Germany", "Paris"], 1)),
    workplace=rarely(some(["onsite", "remote"], 1)),
    seniority=rarely(st.sampled_from(LEVELS)),
    salary=rarely(st.just({"min": 50, "currency": "EUR"})),
    discreet=st.booleans(),
    blocked_companies=rarely(some(COMPANIES, 1)),
)
people = record(
    employments=st.lists(employments, max_size=2),
    skills=some(SKILLS, 3),
    seeking=mostly(seeking),
    introduces=st.sampled_from([True, True, False]),
)
evidence = st.one_of(
    record(kind=st.just("connected"), source=st.just("LinkedIn"), of=maybe(st.sampled_from([100, 2000]))),
    record(kind=st.just("address"), source=st.just("import")),
    record(
        kind=st.just("worked_together"),
        company=st.sampled_from(COMPANIES),
        months=st.sampled_from([0, 5, 30]),
        ended=maybe(days),
        company_size=maybe(st.just(200)),
        stated=st.booleans(),
    ),
    record(kind=st.just("messages"), sent=st.sampled_from([0, 9]), received=st.sampled_from([0, 3, 40]), last=days),
    record(kind=st.just("introduced"), times=st.integers(1, 4)),
    record(kind=st.just("closeness"), value=st.integers(1, 5)),
    record(kind=st.just("closeness"), value=st.integers(3, 5)),
    st.sampled_from([{"kind": "blocked"}, {"kind": "connected", "source": "LinkedIn"}]),
)
openings = record(
    status=st.sampled_from(["open", "open", "open", "closed"]),
    company=record(name=st.sampled_from(COMPANIES)),
    title=st.sampled_from(TITLES),
    skills=some(SKILLS, 3),
    locations=rarely(some(["Berlin", "Germany", "Paris"], 1)),
    workplace=st.sampled_from(["onsite", "remote"]),
    seniority=rarely(st.sampled_from(LEVELS)),
    salary=rarely(record(max=maybe(st.sampled_from([40, 60])), currency=st.just("EUR"))),
    posted_at=st.just("2026-01-05T10:00:00Z"),
    vouched=mostly(st.booleans()),
    valid_through=rarely(st.integers(-20, 60).map(lambda n: (TODAY + timedelta(days=n)).isoformat())),
    hiring_contact=rarely(st.sampled_from(PEOPLE)),
)
moments = (st.integers(0, 60) | st.integers(0, 900)).map(
    lambda n: (datetime(2026, 4, 1, tzinfo=UTC) - timedelta(days=n)).isoformat()
)
steps = st.lists(
    record(
        status=st.sampled_from(["asked", "accepted", "declined", "expired", "expired", "introduced", "introduced"]),
        at=moments,
        counts=rarely(st.booleans()),
    ),
    max_size=3,
)
introductions = record(
    seeker_id=st.sampled_from(MEMBERS),
    introducer_id=st.sampled_from(MEMBERS[:2]),  # so that they come to have a record
    history=steps,
    origin=rarely(st.sampled_from(["ask", "offer"])),
    legs=rarely(record(introducer=st.sampled_from(["app", "hand"]))),
    sent_at=rarely(moments),
)


@st.composite
def events(draw: st.DrawFn) -> Event:
    """One event of any kind. Versions are small, so that repeats, stale ones and tombstones between them are common."""
    version = draw(st.integers(1, 6))
    gone = draw(st.integers(0, 7)) == 0
    topics = {"people.v1": 3, "ties.v1": 5, "postings.v1": 1, "introductions.v1": 2, "clock.v1": 1}
    topic = draw(st.sampled_from([topic for topic, share in topics.items() for _ in range(share)]))
    value: dict[str, Any] | None = None
    match topic:
        case "people.v1":
            key = draw(st.sampled_from(PEOPLE))
            member = (key in MEMBERS) != (draw(st.integers(0, 9)) == 0)
            value = {"person_id": key, "member": member, **draw(people)}
        case "ties.v1":
            one, other = draw(st.sampled_from(MEMBERS if version > 1 else PEOPLE)), draw(st.sampled_from(PEOPLE))
            key = f"{one}:{other}"
            value = {"person_id": one, "contact_id": other, "evidence": draw(st.lists(evidence, max_size=3))}
        case "postings.v1":
            key = draw(st.sampled_from(OPENINGS))
            value = {"posting_id": key, **draw(openings)}
        case "introductions.v1":
            key = draw(st.sampled_from([f"i{n}" for n in range(6)]))
            value = {"introduction_id": key, **draw(introductions)}
        case _:
            moved = (TODAY + timedelta(days=draw(st.integers(-40, 200)))).isoformat()
            return event("clock.v1", "day", {"day": moved}, version)
    return event(topic, key, None if gone else value, version)


@st.composite
def histories(draw: st.DrawFn, most: int = 25) -> list[Event]:
    """A crowd to begin with, so that paths exist, and then anything."""
    begun = [
        event("clock.v1", "day", {"day": TODAY.isoformat()}, 0),
        *(event("postings.v1", o, {"posting_id": o, **draw(openings)}, 0) for o in OPENINGS[:2]),
    ]
    for person in PEOPLE:
        value = {"person_id": person, "member": person in MEMBERS, **draw(people)}
        begun.append(event("people.v1", person, value, 0))
    known = st.tuples(st.sampled_from(MEMBERS), st.sampled_from(PEOPLE))
    sides = set(draw(st.lists(known, min_size=6, max_size=16, unique=True)))
    if draw(st.integers(0, 3)):
        sides |= {(other, one) for one, other in sides if other in MEMBERS}
    for one, other in sorted(sides):
        value = {"person_id": one, "contact_id": other, "evidence": draw(st.lists(evidence, min_size=1, max_size=2))}
        begun.append(event("ties.v1", f"{one}:{other}", value, 0))
    return [*draw(st.permutations(begun)), *draw(st.lists(events(), max_size=most))]
