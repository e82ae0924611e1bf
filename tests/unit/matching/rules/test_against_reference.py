"""The matcher against the second reading, on random small worlds: equal to the last digit."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.rules.ask_next import unrated
from services.matching.rules.questions import left_there
from tests import records
from tests.tiers import examples
from tests.unit.matching.rules import worlds
from tests.unit.matching.rules.reference import Reference
from tests.unit.matching.rules.test_records import told as engine_of
from tests.unit.matching.rules.worlds import TODAY, World

Json = dict[str, Any]
COMPANIES = ["Initech", "Initech Inc.", "Acme", "Globex", "Acme Labs"]
TITLES = ["welder", "master welder", "fitter", "baker", "recruiter", "poet"]
SKILLS = ["js", "javascript", "welding", "x", "y", "z"]
PLACES = ["berlin", "hamburg", "germany", "paris", "france", "atlantis"]
LEVELS = ["intern", "junior", "mid", "senior", "lead", "director", "executive"]


def some_day(dice: random.Random, years: float = 5) -> str:
    back = int(dice.choice([-40, 0, 1, 29, 30, 31, dice.uniform(0, 365 * years)]))
    text = (TODAY - timedelta(days=back)).isoformat()
    return dice.choice([text, text, text[:7]])


def maybe(dice: random.Random, value: Any, chance: float = 0.5) -> dict[str, Any]:
    return value if dice.random() < chance else {}


def some(dice: random.Random, values: list[str], most: int = 3) -> list[str]:
    return dice.sample(values, dice.randint(0, most))


def employment(dice: random.Random) -> Json:
    more: Json = {}
    for field, chance in (("start", 0.3), ("end", 0.3), ("seen", 0.3)):
        more |= maybe(dice, {field: some_day(dice)}, chance)
    more |= maybe(dice, {"end": worlds.ago(dice.choice([1109, 1110, 1500, 2190]))}, 0.15)
    return worlds.job(dice.choice(COMPANIES), dice.choice([None, *TITLES]), **more)


def seeking(dice: random.Random) -> Json:
    least = {
        "min": dice.choice([10, 50]),
        "currency": dice.choice(["EUR", "USD"]),
        "period": dice.choice(["year", "hour"]),
    }
    return {
        "titles": some(dice, TITLES, 2),
        "skills": some(dice, SKILLS),
        "locations": some(dice, PLACES, 2),
        "workplace": some(dice, ["onsite", "hybrid", "remote"], 2) if dice.random() < 0.3 else [],
        "discreet": dice.random() < 0.5,
        "blocked_companies": some(dice, COMPANIES, 1) if dice.random() < 0.25 else [],
        **maybe(dice, {"seniority": dice.choice(LEVELS)}),
        **maybe(dice, {"salary": least}, 0.3),
    }


def posting(dice: random.Random) -> Json:
    pay = {
        "max": dice.choice([20, 60]),
        "currency": dice.choice(["EUR", "USD"]),
        "period": dice.choice(["year", "hour"]),
    }
    company = {"name": dice.choice(COMPANIES)} | maybe(dice, {"domain": "initech.com"}, 0.2)
    return {
        "company": company,
        "title": dice.choice(TITLES),
        "skills": dice.sample(SKILLS, dice.choice([0, 0, 2, 3, 4])),
        "locations": some(dice, PLACES, 1),
        "workplace": dice.choice(["onsite", "hybrid", "remote"]),
        "status": dice.choice(["open"] * 9 + ["closed"]),
        "vouched": dice.choice([*[True] * 6, False, None]),
        **maybe(dice, {"seniority": dice.choice(LEVELS)}, 0.3),
        **maybe(dice, {"salary": pay}, 0.3),
        **maybe(dice, {"valid_through": (TODAY + timedelta(days=dice.choice([-1, 0, 30]))).isoformat()}, 0.3),
        **maybe(dice, {"hiring_contact": dice.choice("abcdef")}, 0.3),
    }


def evidence(dice: random.Random) -> Json:
    return dice.choice(
        [
            lambda: records.connected(dice.choice([None, 100, 500, 2000])),
            records.address,
            lambda: records.worked(
                dice.choice([0, 5, 12, 40]),
                stated=dice.random() < 0.6,
                **maybe(dice, {"ended": some_day(dice, 15)}),
                **maybe(dice, {"company_size": dice.choice([10, 400])}),
            ),
            lambda: records.messages(dice.randint(0, 30), dice.randint(0, 30), some_day(dice)),
            lambda: records.introduced(dice.randint(1, 5)),
            lambda: records.closeness(dice.randint(1, 5)),
            lambda: records.closeness(dice.randint(3, 5)),
            lambda: records.blocked() if dice.random() < 0.3 else records.address(),
        ]
    )()


def ask(dice: random.Random, world: World, number: int, people: list[str]) -> None:
    ending = dice.choice(["introduced", "introduced", "expired", "expired", "declined", "accepted"])
    steps = [("requested", a_moment(dice)), ("asked", a_moment(dice)), (ending, a_moment(dice))]
    if ending in {"introduced", "accepted"} and dice.random() < 0.5:
        steps.append(("closed" if ending == "introduced" else "expired", a_moment(dice)))
    more: Json = maybe(dice, {"origin": dice.choice(["ask", "ask", "offer"])}, 0.3)
    more |= maybe(dice, {"legs": {"introducer": dice.choice(["app", "hand"])}}, 0.3)
    more |= maybe(dice, {"sent_at": a_moment(dice)}, 0.3)
    history = [{"status": status, "at": at} | maybe(dice, {"counts": dice.random() < 0.7}, 0.3) for status, at in steps]
    world.ask(f"n{number}", dice.choice(people), *history, **more)


def a_moment(dice: random.Random) -> str:
    """Mostly of the last months, and often at the edge of one."""
    back = dice.choice([0, 1, 2, 29, 30, 31, 32, dice.randint(0, 60), dice.randint(0, 1500)])
    return (TODAY - timedelta(days=back)).isoformat() + dice.choice(["T00:00:00Z", "T12:00:00Z", "T23:59:59Z"])


def told(dice: random.Random, size: int) -> World:
    """A random history: what is told may be told again, otherwise, or taken back."""
    world = World()
    people = [chr(ord("a") + n) for n in range(size)]
    members = {p: dice.random() < 0.7 for p in people}
    jobs = [lambda: tell_person(dice, world, dice.choice(people), members)] * 2 * size
    jobs += [lambda: tell_tie(dice, world, people)] * 3 * size
    jobs += [lambda: world.posting(dice.choice("pqr"), **posting(dice))] * 4
    asked = dice.sample(people, 2)  # so that some come to a record
    jobs += [lambda: ask(dice, world, dice.randint(1, 9), asked)] * 8
    jobs += [lambda: world.gone("people.v1", dice.choice(people))]
    jobs += [lambda: world.gone("postings.v1", dice.choice("pqr"))]
    for person in people:
        tell_person(dice, world, person, members)
    dice.shuffle(jobs)
    for tell in jobs:
        tell()
    return world


def tell_person(dice: random.Random, world: World, person: str, members: dict[str, bool]) -> None:
    more = {"skills": dice.sample(SKILLS, dice.choice([0, 2, 3, 4, 5, 6, 6])), "introduces": dice.random() < 0.8}
    more |= maybe(dice, {"seeking": seeking(dice)}, 0.7)
    jobs = [employment(dice) for _ in range(dice.randint(0, 2))]
    world.person(person, *jobs, member=members[person], **more)


def tell_tie(dice: random.Random, world: World, people: list[str]) -> None:
    a, b = dice.sample(people, 2)
    items = [evidence(dice) for _ in range(dice.randint(0, 3))]
    world.tie(a, b, *items)
    if dice.random() < 0.6:
        world.tie(b, a, evidence(dice), records.closeness(dice.randint(2, 5)))


@examples(300)
@given(seed=st.integers(0, 2**32), size=st.integers(3, 6))
def test_small_worlds_are_suggested_as_the_second_reading_says(seed: int, size: int) -> None:
    world = told(random.Random(seed), size)
    assert world.found() == world.reference()


def check_reasons(world: World) -> set[str]:
    """Each path reads as the second reading says; returns all sentences."""
    reference, engine, said = Reference(world.state, TODAY, worlds.WORDS), engine_of(world), set[str]()
    for made in engine.suggestions().values():
        for path in made.paths:
            assert path.reasons == reference.reasons(made.seeker, path.introducer)
            said |= {*path.reasons}
    return said


@examples(100)
@given(seed=st.integers(0, 2**32), size=st.integers(3, 6))
def test_reasons_are_those_of_the_second_reading(seed: int, size: int) -> None:
    check_reasons(told(random.Random(seed), size))


def check_questions(world: World) -> Counter[str]:
    """Whoever asks for paths into any company is answered as the second reading says; returns who left, all in all."""
    reference, engine, seen = Reference(world.state, TODAY, worlds.WORDS), engine_of(world), Counter[str]()
    people = engine.state.people
    for s in reference.people:
        assert {*unrated(engine.state, s)} == reference.unrated(s)
        for company in {worlds.WORDS.company(name) for name in COMPANIES}:
            paths, left = engine.paths(s, company)
            expected = reference.paths(s, company)
            assert [(p.introducer, p.insider, p.score, p.label == "warm", p.ask) for p in paths] == [
                (p.introducer, p.insider, p.score, p.warm, p.ask) for p in expected
            ]
            gone = reference.left_there(s, company)
            assert [(one.person, one.left) for one in left] == ([] if expected else gone)
            assert [(one.person, one.left) for one in left_there(engine.network, people[s], company)] == gone
            seen["named" if left else "hidden"] += len(gone)
    return seen


@examples(60)
@given(seed=st.integers(0, 2**32), size=st.integers(3, 6))
def test_questions_are_answered_as_the_second_reading_says(seed: int, size: int) -> None:
    check_questions(told(random.Random(seed), size))


@examples(60)
@given(seed=st.integers(0, 2**32), later=st.integers(1, 900))
def test_the_day_moves_everything_that_ages(seed: int, later: int) -> None:
    world = told(random.Random(seed), 5)
    after = TODAY + timedelta(days=later)
    world.day(after.isoformat())
    assert world.found(TODAY) == world.reference(after)


def test_a_crowd_with_many_mutual_contacts_is_suggested_as_the_second_reading_says() -> None:
    dice = random.Random(11)
    world, people = World(), [f"m{n:02}" for n in range(42)]
    for person in people:
        world.person(person, employment(dice), seeking=seeking(dice), introduces=True)
    for a in people:
        for b in people:
            if a < b and dice.random() < 0.8:
                world.both(a, b, dice.randint(2, 5))
    world.posting("p", title="welder").posting("q", title="fitter", company={"name": "Acme"})
    found = world.found()
    assert found == world.reference()
    assert len(found) > 10
    assert "20 or more people know you both" in check_reasons(world)


def circumstances(world: World) -> Iterator[str]:
    """What of the rarer things there is in a world."""
    page = Reference(world.state, TODAY, worlds.WORDS)
    for posting in page.postings.values():
        named = posting.get("hiring_contact")
        if named in page.people:
            yield f"a {'member' if page.member(named) else 'contact'} as hiring contact"
        yield f"vouched: {posting.get('vouched')}"
    for person in page.people:
        seeking = page.people[person].get("seeking") or {}
        if not seeking.get("discreet", True) and page.hidden(person):
            yield "openly seeking, and hidden from a blocked company"


@pytest.mark.long
def test_the_worlds_are_worth_comparing() -> None:
    """Enough of them have suggestions, of every kind of path, and of the rarer things."""
    kinds: set[tuple[bool, str, str]] = set()
    filled, said, seen = 0, set[str](), Counter[str]()
    for seed in range(150):
        world = told(random.Random(seed), 6)
        found = world.reference()
        said |= check_reasons(world)
        seen.update(circumstances(world))
        filled += bool(found)
        kinds |= {(p["introducer_id"] == p["insider_id"], p["label"], p["ask"]) for s in found for p in s["paths"]}
    assert filled > 60
    assert len(seen) == 6
    assert min(seen.values()) > 10, seen
    gone = sum((check_questions(told(random.Random(seed), 6)) for seed in range(40)), Counter[str]())
    assert gone["named"] > 20
    assert {"worked with you at Acme", "worked with you at Acme for 12 months", "wrote to each other"} <= said
    assert kinds == {
        (True, "warm", "app"),
        (True, "warm", "hand"),
        (True, "possible", "app"),
        (True, "possible", "hand"),
        (False, "warm", "app"),
    }
