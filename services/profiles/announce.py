"""What the topics hear of members and contacts. Decides; writes nothing itself.

Kept true: a record is published only when its content differs from what was published before, always under a higher
version, and an id that is given up leaves tombstones.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from services.profiles.domain import NOTHING, Contact, Member, Published, digest
from shared.events.base import Contract
from shared.events.ties import WorkedTogether, tie_key
from shared.messaging.publish.outbox import next_version, outgoing_record
from shared.messaging.publish.publisher import OutgoingRecord
from shared.messaging.topics.catalogue import PEOPLE, TIES, Topic

SOURCE = "profiles"


@dataclass(slots=True)
class News:
    """Records for the topics, people before ties, and which of them are erasures: (topic, key, version)."""

    people: list[OutgoingRecord] = field(default_factory=list)
    ties: list[OutgoingRecord] = field(default_factory=list)
    erased: list[tuple[str, str, int]] = field(default_factory=list)

    @property
    def records(self) -> list[OutgoingRecord]:
        """Everything, in the order it should be told."""
        return [*self.people, *self.ties]

    def _add(self, topic: Topic, key: str, event: Contract | None, version: int) -> None:
        record = outgoing_record(topic, key, event, version, source=SOURCE)
        (self.people if topic is PEOPLE else self.ties).append(record)
        if event is None:
            self.erased.append((topic.name, key, version))

    def tell(self, topic: Topic, key: str, event: Contract, before: Published) -> Published:
        """Publish `event` unless it says what was said before; what is published from now on."""
        now = digest(event)
        if now == before.digest:
            return before
        version = next_version(before.version)
        self._add(topic, key, event.model_copy(update={"version": version}), version)
        return Published(version, now)

    def erase(self, topic: Topic, key: str, before: Published) -> None:
        """Publish a tombstone for what was published, if anything was."""
        if before.version is not None:
            self._add(topic, key, None, next_version(before.version))


def tell_member(news: News, member: Member) -> Member:
    """The member as they are now."""
    return replace(member, published=news.tell(PEOPLE, member.member_id, member.event(), member.published))


def tell_contact(
    news: News,
    contact: Contact,
    listed: int,
    overlap: WorkedTogether | None = None,
    erased_versions: Mapping[str, int] | None = None,
) -> Contact:
    """A contact and the owner's side of the tie as they are now. `listed` is the size of the owner's list.

    `erased_versions`: versions by key, for contacts and ties that were there once before.
    """
    key, erased = tie_key(contact.owner_id, contact.person_id), erased_versions or {}
    person = contact.event()
    told = _after(contact.person, erased.get(contact.contact_id))
    return replace(
        contact,
        person=news.tell(PEOPLE, contact.contact_id, person, told) if person else NOTHING,
        tie=news.tell(TIES, key, contact.tie_event(listed, overlap), _after(contact.tie, erased.get(key))),
    )


def _after(published: Published, erased: int | None) -> Published:
    """What was published, or the version of the tombstone where nothing is."""
    return Published(erased) if published.version is None and erased is not None else published


def retire_contact(news: News, contact: Contact) -> Contact:
    """Take back what was said of a contact under its present id: before it is deleted, or goes by another id."""
    news.erase(TIES, tie_key(contact.owner_id, contact.person_id), contact.tie)
    if contact.member_id is None:
        news.erase(PEOPLE, contact.contact_id, contact.person)
    return replace(contact, person=NOTHING, tie=NOTHING)
