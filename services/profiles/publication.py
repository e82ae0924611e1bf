"""Decides what is published about members and contacts. Pure: the records are written by `store.publish`.

Kept true: a record is published only when its content differs from the last one, always under a higher version; an id
that is no longer used leaves tombstones.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

from services.profiles.domain import NEVER_PUBLISHED, Contact, Member, Published, digest
from shared.events.base import Contract
from shared.events.ties import WorkedTogether, tie_key
from shared.messaging.publish.outbox import next_version, sealed_record
from shared.messaging.publish.publisher import OutgoingRecord
from shared.messaging.topics.catalogue import PEOPLE, TIES, Topic
from shared.resolution import Vocabulary

SOURCE = "profiles"
_UNPUBLISHED = b'"version":0'
"""In an event's JSON: in a text of it these quotes would have a backslash before them."""


@dataclass(slots=True)
class Publication:
    """Records to publish, people before ties, and the tombstones among them as (topic, key, version)."""

    people: list[OutgoingRecord] = field(default_factory=list)
    ties: list[OutgoingRecord] = field(default_factory=list)
    withdrawn: list[tuple[str, str, int]] = field(default_factory=list)
    at: datetime = field(default_factory=partial(datetime.now, UTC))

    @property
    def records(self) -> list[OutgoingRecord]:
        """All records, in the order in which to publish them."""
        return [*self.people, *self.ties]

    def _add(self, topic: Topic, key: str, body: bytes | None, version: int) -> None:
        record = sealed_record(topic, key, body, version, source=SOURCE, now=self.at)
        (self.people if topic is PEOPLE else self.ties).append(record)
        if body is None:
            self.withdrawn.append((topic.name, key, version))

    def upsert(self, topic: Topic, key: str, event: Contract, before: Published) -> Published:
        """Publish `event`, of version 0, unless its content is that of the last record.

        Returns what is published from now on.
        """
        body = event.to_json()
        now = digest(body)
        if now == before.digest:
            return before
        version = next_version(before.version)
        self._add(topic, key, body.replace(_UNPUBLISHED, b'"version":%d' % version, 1), version)
        return Published(version, now)

    def withdraw(self, topic: Topic, key: str, before: Published) -> None:
        """Publish a tombstone for what was published, if anything was."""
        if before.version is not None:
            self._add(topic, key, None, next_version(before.version))


def upsert_member(publication: Publication, member: Member) -> Member:
    """Publish a member as they are now."""
    return replace(member, published=publication.upsert(PEOPLE, member.member_id, member.event(), member.published))


def upsert_contact(
    publication: Publication,
    contact: Contact,
    owner: Member,
    overlap: WorkedTogether | None = None,
    erased_versions: Mapping[str, int] | None = None,
) -> Contact:
    """Publish a contact and the owner's side of the tie as they are now, by the owner's corrections.

    `erased_versions`: versions of earlier tombstones by key, for contacts and ties that existed before.
    """
    contact = contact.with_corrections(owner.corrections, Vocabulary.default())
    key, erased = tie_key(contact.owner_id, contact.person_id), erased_versions or {}
    person = contact.event()
    person_before = _before(contact.person, erased.get(contact.contact_id))
    return replace(
        contact,
        person=publication.upsert(PEOPLE, contact.contact_id, person, person_before) if person else NEVER_PUBLISHED,
        tie=publication.upsert(
            TIES, key, contact.tie_event(owner.listed, overlap), _before(contact.tie, erased.get(key))
        ),
    )


def _before(published: Published, erased: int | None) -> Published:
    """What was published last, a tombstone included."""
    return Published(erased) if published.version is None and erased is not None else published


def withdraw_contact(publication: Publication, contact: Contact) -> Contact:
    """Withdraw what was published under the contact's present id: before it is deleted or gets another id."""
    publication.withdraw(TIES, tie_key(contact.owner_id, contact.person_id), contact.tie)
    if contact.member_id is None:
        publication.withdraw(PEOPLE, contact.contact_id, contact.person)
    return replace(contact, person=NEVER_PUBLISHED, tie=NEVER_PUBLISHED)
