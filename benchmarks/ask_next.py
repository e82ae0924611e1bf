"""Ten taps warm a network: how many openings ten chosen ratings (and three) warm, against as many random ones.

On the demo's example network. A rating says 4; an opening is warm for somebody whose suggestion has a warm path.
`python -m benchmarks.ask_next` writes `benchmarks/results/ask_next.json`.
"""

import json
import random
import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from cli.demo.network import SEEKER, Member, Network, build, story_opening
from services.matching.engine.ask_next import ask_next
from services.matching.engine.engine import Engine, Event
from services.matching.rules.ask_next import ASSUMED_CLOSENESS, unrated
from services.profiles.books import quarter_of
from services.profiles.domain import Contact, SourceFacts, overlap
from shared.events.people import Employment, PersonV1
from shared.events.postings import PostingV1
from shared.events.ties import Evidence, TieV1, tie_key
from shared.resolution import Vocabulary

TODAY = date(2026, 3, 1)
TAPS = (3, 10)
SEEDS = 10
RESULTS = Path(__file__).parent / "results" / "ask_next.json"


@dataclass(frozen=True, slots=True)
class Counts:
    """Openings warm for one seeker: before, after the chosen ratings, and after random ones (each seed's).

    `book`: how many contacts there were to choose from.
    """

    seeker: str
    book: int
    before: int
    chosen: int
    random: tuple[int, ...]


def events(network: Network, *, rated: bool = True) -> Iterator[Event]:
    """The example network as the services would publish it: members, contacts, ties and openings."""
    by_url = {member.url: member for member in network.members}
    yield from (_event("people.v1", _id(member), _person(member)) for member in network.members)
    for member in network.members:
        for number, row in enumerate(member.book):
            other = by_url.get(row.url)
            name = f"{row.first} {row.last}"
            told = SourceFacts(
                "linkedin", name, company=row.company, position=row.position, connected_on=row.connected_on,
                seen=quarter_of(TODAY), connected=True,
            )  # fmt: skip
            contact = Contact(
                f"c{member.key:03d}-{number:02d}", _id(member), name,
                closeness=member.closeness.get(row.url) if rated else None,
                member_id=None if other is None else _id(other),
            ).with_sources([told])  # fmt: skip
            published = contact.event()
            if published is not None:
                yield _event("people.v1", contact.person_id, published)
            worked = None if other is None else overlap(_jobs(member), _jobs(other), TODAY, Vocabulary.default())
            tie = contact.tie_event({told.source: len(member.book)}, worked)
            yield _event("ties.v1", tie_key(tie.person_id, tie.contact_id), tie)
    for number, opening in enumerate([story_opening(), *network.openings]):
        value = {**opening, "posting_id": f"o{number:03d}", "version": 0, "status": "open"}
        value |= {"posted_at": datetime(TODAY.year, TODAY.month, 1, tzinfo=UTC), "vouched": True}
        yield _event("postings.v1", f"o{number:03d}", PostingV1.model_validate(value))


def _event(topic: str, key: str, value: PersonV1 | TieV1 | PostingV1, version: int = 0) -> Event:
    return Event(topic, key, value.model_copy(update={"version": version}), version)


def _id(member: Member) -> str:
    return f"m{member.key:03d}"


def _jobs(member: Member) -> list[Employment]:
    return [Employment.model_validate(job) for job in member.employments]


def _person(member: Member) -> PersonV1:
    return PersonV1.model_validate(
        {
            "person_id": _id(member),
            "version": 0,
            "member": True,
            "employments": member.employments,
            "skills": member.skills,
            "seeking": member.seeking,
            "introduces": member.introduces,
        }
    )


class Trial:
    """An engine in which ratings are given and taken back."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.engine = Engine(Vocabulary.default(), today=TODAY)
        self.engine.apply_all(events)
        self._version = 0

    def warm(self, seeker: str) -> int:
        """The openings for which the seeker has a suggestion with a warm path."""
        found = (self.engine.suggestion(seeker, posting) for posting in self.engine.state.openings)
        return sum(one is not None and any(path.label == "warm" for path in one.paths) for one in found)

    def warm_after(self, seeker: str, contacts: Sequence[str]) -> int:
        """The same had the seeker said 4 of these contacts; what they said is taken back."""
        held = {contact: self.engine.state.side(seeker, contact) for contact in contacts}
        self._say(seeker, {contact: (*evidence, ASSUMED_CLOSENESS) for contact, evidence in held.items()})
        counted = self.warm(seeker)
        self._say(seeker, held)
        return counted

    def _say(self, seeker: str, sides: Mapping[str, tuple[Evidence, ...]]) -> None:
        self._version += 1
        ties = (
            TieV1.model_validate({"person_id": seeker, "contact_id": other, "version": 0, "evidence": evidence})
            for other, evidence in sides.items()
        )
        self.engine.apply_all([_event("ties.v1", tie_key(seeker, tie.contact_id), tie, self._version) for tie in ties])

    def counts(self, seeker: str, taps: int) -> Counts:
        """What so many taps of one seeker do."""
        chosen = [tap.contact for tap in ask_next(self.engine.network, seeker, taps)]
        book = sorted(unrated(self.engine.state, seeker))
        drawn = [random.Random(f"{seeker} {seed}").sample(book, min(taps, len(book))) for seed in range(SEEDS)]
        return Counts(
            seeker,
            len(book),
            self.warm(seeker),
            self.warm_after(seeker, chosen),
            tuple(self.warm_after(seeker, contacts) for contacts in drawn),
        )


def measure(network: Network, *, rated: bool) -> dict[str, object]:
    """Everybody who seeks, with the ratings of the example network or with none yet; by number of taps."""
    trial = Trial(events(network, rated=rated))
    seeking = [_id(member) for member in network.members if member.seeking is not None]
    return {f"{taps}_taps": summary([trial.counts(seeker, taps) for seeker in seeking]) for taps in TAPS}


def summary(found: list[Counts]) -> dict[str, object]:
    """Openings warmed, counted over all seekers; random: the mean over the seeds."""
    chosen = sum(one.chosen - one.before for one in found)
    drawn = sum(statistics.fmean(one.random) - one.before for one in found)
    seeker = next(one for one in found if one.seeker == f"m{SEEKER:03d}")
    return {
        "seekers": len(found),
        "contacts_to_choose_from_mean": round(statistics.fmean(one.book for one in found), 1),
        "warm_before": sum(one.before for one in found),
        "warmed_by_chosen": chosen,
        "warmed_by_random": round(drawn, 2),
        "warmed_a_seeker_by_chosen": round(chosen / len(found), 3),
        "warmed_a_seeker_by_random": round(drawn / len(found), 3),
        "ratio": round(chosen / drawn, 2) if drawn else None,
        "seeker": {
            "warm_before": seeker.before,
            "chosen": seeker.chosen,
            "random": statistics.fmean(seeker.random),
        },
    }


def main() -> None:
    """Measure both and write them down."""
    network = build(today=TODAY, members=220)
    figures = {
        "network": {"members": len(network.members), "openings": len(network.openings) + 1, "today": str(TODAY)},
        "ratings": {"said": ASSUMED_CLOSENESS.value, "random_seeds": SEEDS},
        "with_the_ratings_of_the_example": measure(network, rated=True),
        "with_nobody_rated_yet": measure(network, rated=False),
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
