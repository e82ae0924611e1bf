"""Somebody, as the rules read them."""

from services.matching.domain import Person, read_person
from shared.events.people import PersonV1
from tests.unit.matching.engine.histories import VOCABULARY


def somebody(value: PersonV1) -> Person:
    return read_person(value, VOCABULARY)
