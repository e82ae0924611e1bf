"""The example network: reproducible, large enough, and with characters of the story that nobody else has ties to."""

from datetime import date

from cli.demo.network import CHARACTERS, FAR_EMPLOYER, SEEKER, STORY_EMPLOYER, build, connections_csv
from services.profiles.imports import linkedin

TODAY = date(2026, 3, 10)
NETWORK = build(today=TODAY)
PEOPLE = {member.url: member for member in NETWORK.members}


def test_one_seed_and_day_give_one_network():
    assert build(today=TODAY) == NETWORK
    assert build(today=TODAY, seed=8) != NETWORK


def test_it_has_some_hundred_people_with_books_that_can_be_imported():
    assert len(NETWORK.members) == len(PEOPLE) == len({member.email for member in NETWORK.members}) >= 100
    assert sum(member.introduces for member in NETWORK.members) > 50
    assert sum(member.seeking is not None for member in NETWORK.members) > 50
    for member in NETWORK.members:
        report = linkedin.parse(connections_csv(member).encode())
        assert report.accepted == report.read == len({contact.url for contact in member.book})
        assert set(member.closeness) <= {contact.url for contact in member.book}


def test_there_are_names_for_thousands():
    members = build(today=TODAY, members=3000).members
    assert len({member.name for member in members}) == len({member.url for member in members}) == 3000


def test_nobody_else_has_ties_to_the_characters():
    cast = NETWORK.members[: len(CHARACTERS)]
    assert tuple(member.name for member in cast) == CHARACTERS
    names = {member.name for member in cast}
    for member in NETWORK.members[len(CHARACTERS) :]:
        assert not {PEOPLE[contact.url].name for contact in member.book if contact.url in PEOPLE} & names
    for member in cast:
        assert {PEOPLE[contact.url].name for contact in member.book if contact.url in PEOPLE} <= names
        strangers = {contact.company for contact in member.book if contact.url not in PEOPLE}
        assert not strangers & {STORY_EMPLOYER.name, FAR_EMPLOYER.name}
    known = [PEOPLE[contact.url] for contact in cast[SEEKER].book if contact.url in PEOPLE]
    assert sum(person.employer is STORY_EMPLOYER for person in known) == 1
    assert not any(person.employer is FAR_EMPLOYER for person in known)
