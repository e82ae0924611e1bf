"""The five things that must hold for every history (section 7), one test each; `test_incremental` has more of them."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.domain import Person
from services.matching.engine.engine import Engine, Event
from services.matching.rules import bridge
from services.matching.rules.network import Network
from services.matching.rules.suggestions import Suggestion, all_suggestions, fit_of
from services.matching.stream.ledger import Ledger, Pending
from services.matching.stream.suggestion_record import RecordBuilder
from shared.events.suggestions import suggestion_id
from tests.records import blocked, closeness, event_of, job, tie
from tests.tiers import examples
from tests.unit.matching.engine.changing_crowds import STEPS
from tests.unit.matching.engine.crowds import SMALL_TOWN, Crowd
from tests.unit.matching.engine.histories import VOCABULARY, histories
from tests.unit.matching.stream.reference_record import record_of, without_version
from tests.unit.matching.stream.test_ledger import NOW

slow = examples(30)
chances = st.integers(0, 2**32 - 1).map(random.Random)
NAMING = ("person_id", "contact_id", "imported_by", "hiring_contact", "seeker_id", "introducer_id")


@pytest.fixture(scope="module", autouse=True)
def _small_circles() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bridge, "FEW_TIES", 3)
        yield


class Alike(Crowd):
    """A crowd in which everybody works at one company and knows others equally well: scores are often equal."""

    def a_tie(self, key: str) -> Any:
        """4, whoever it is."""
        return tie(*key.split(":"), closeness(4))

    def a_job(self, _title: str) -> Any:
        """At one of two companies, in one role."""
        return job(self.chance.choice(self.words.companies[:2]))


@st.composite
def crowd_histories(draw: st.DrawFn) -> list[Event]:
    """A crowd of two or three dozen, and a few steps, as one list."""
    crowd = draw(st.sampled_from([Crowd, Alike]))(draw(chances), SMALL_TOWN)
    crowd.settle_in(members=draw(st.integers(12, 24)), contacts=draw(st.integers(4, 12)), openings=6, ties_each=5)
    told = crowd.begin()
    for step in draw(st.lists(st.sampled_from(STEPS), max_size=8)):
        told += step(crowd)
    return told


anything = histories() | crowd_histories()


def engine_of(history: list[Event]) -> Engine:
    engine = Engine(VOCABULARY)
    engine.apply_all(history)
    return engine


@slow
@given(anything, chances)
def test_1_any_interleaving_ends_as_from_scratch_and_so_does_the_topic(history, chance):
    queues: dict[tuple[str, str], list[Event]] = {}
    for one in history:
        queues.setdefault((one.topic, one.key), []).append(one)
    engine, builder, ledger, topic = Engine(VOCABULARY), RecordBuilder(), Ledger(), {}
    waiting = list(queues.values())
    while waiting:
        burst = [queue.pop(0) for queue in chance.choices(waiting, k=chance.choice([1, 5, 30])) if queue]
        changes = engine.apply_all(burst)
        for change, found in zip(changes, engine.current(changes), strict=True):
            key = suggestion_id(change.seeker, change.posting)
            pending = Pending(change.seeker, change.posting, 0, change.cause)
            content = None if found is None else builder.content(key, found)
            record = ledger.draft(key, content, pending, NOW)
            if record is not None:
                ledger.published(record)
                topic[key] = record.value
        waiting = [queue for queue in waiting if queue]
    expected = all_suggestions(engine_of(history).state)
    assert engine.suggestions() == expected
    records = {suggestion_id(*key): record_of(found, 0).to_json() for key, found in expected.items()}
    assert {key: without_version(value) for key, value in topic.items() if value is not None} == records


@slow
@given(anything, chances)
def test_2_anything_twice_or_too_late_changes_nothing(history, chance):
    engine = engine_of(history)
    before = engine.suggestions()
    some = chance.sample(history, min(60, len(history)))
    for one in some:
        held = engine.version(one.topic, one.key)
        for late in (one, Event(one.topic, one.key, None if one.topic != "clock.v1" else one.value, one.version)):
            assert engine.apply(late) == []
        assert engine.version(one.topic, one.key) == held
    assert engine.suggestions() == before
    records = [one for one in some if one.topic != "clock.v1"]
    engine.apply_all([Event(one.topic, one.key, None, 10_000) for one in records])
    before = engine.suggestions()
    assert engine.apply_all([*records, *(Event(one.topic, one.key, one.value, 10_000) for one in records)]) == []
    assert engine.suggestions() == before


@slow
@given(anything)
def test_3_paths_exist_edge_by_edge_and_no_better_one_is_missing(history):
    engine = engine_of(history)
    found = engine.suggestions()
    if engine.state.today is None:
        assert not found
        return
    network = Network(engine.state)
    for person in engine.state.people.values():
        for opening in engine.state.openings.values():
            best = _best_three(network, person, opening) if fit_of(person, opening, network) is not None else []
            live = found.get((person.id, opening.id))
            said = [] if live is None else [(path.introducer, path.insider, path.score) for path in live.paths]
            assert said == best


def _best_three(network: Network, seeker: Person, opening: Any) -> list[tuple[str, str, float]]:
    """Everybody tried as introducer and as insider, one after the other; nothing of ours looks for paths here."""
    standings, best = network.insiders(opening), {}
    for between in network.state.people:
        found = [
            (-score, between != insider, insider)
            for insider, standing in standings.items()
            if (score := _score(network, seeker, between, insider, standing)) > 0
        ]
        if found:
            score, _, insider = min(found)
            best[between] = (score, between, insider)
    return [(between, insider, -score) for score, between, insider in sorted(best.values())[:3]]


def _score(network: Network, seeker: Person, between: str, insider: str, standing: float) -> float:
    """The score of one path that a suggestion may build on; 0 where it is none."""
    unwelcome = seeker.search.blocked | (seeker.families(network.today) if seeker.search.discreet else frozenset())
    tie = network.tie(seeker.id, between)
    if seeker.id in (between, insider) or any(unwelcome & network.families(one) for one in (between, insider)):
        return 0.0
    if tie is None or not tie.own_of(seeker.id):
        return 0.0
    bridge_, help_ = network.bridge(seeker.id, between), network.help(between)
    if between == insider:
        return tie.strength * bridge_ * help_ * standing
    far = network.tie(between, insider)
    if far is None or not _leads_on(network, seeker.id, between, insider) or not (tie.warm and far.warm):
        return 0.0
    return 0.5 * tie.strength * bridge_ * help_ * (far.onward * standing)


def _leads_on(network: Network, seeker: str, between: str, insider: str) -> bool:
    asked, last = network.state.people[between], network.state.people[insider]
    near, far = network.tie(seeker, between), network.tie(between, insider)
    willing = asked.member and asked.introduces and near.own_of(between)
    open_to = far.own_of(between) and (last.introduces or not last.member) and not network.blocked(seeker, insider)
    return willing and open_to


@slow
@given(anything, chances)
def test_4_what_is_taken_back_is_on_no_path_in_the_same_step(history, chance):
    engine = engine_of(history)
    view = engine.suggestions()
    for _ in range(6):
        one, other = chance.choice(sorted(engine.state.people) or ["m0"]), chance.choice([*engine.state.people, "m1"])
        posting = chance.choice([*sorted(engine.state.openings), "o0"])
        on_paths = [on for found in engine.suggestions().values() for on in _stations(found)]
        if on_paths and chance.random() < 0.8:  # mostly somebody whom it concerns
            one, other = chance.sample(chance.choice(on_paths), 2)
        told, holds = _taken_back(chance.randint(0, 3), history, one, other, posting)
        for change in engine.apply(told):
            view[change.seeker, change.posting] = engine.suggestion(change.seeker, change.posting)
        live = {key: found for key, found in view.items() if found is not None}
        assert live == engine.suggestions()
        assert all(holds(found) for found in live.values())


def _taken_back(kind: int, history: list[Event], one: str, other: str, posting: str) -> tuple[Event, Any]:
    """An event that takes something back, and what must hold of every suggestion from then on."""
    records = [told for told in history if (told.topic, told.key) == ("people.v1", one)]
    person = max(records, key=lambda told: told.version, default=Event("people.v1", one, None, 0)).value
    member = person is not None and person.member
    if kind == 0 and person is not None:
        told = Event("people.v1", one, person.model_copy(update={"introduces": False}), 10_000)
        return told, lambda found: not member or all(_asks_nothing_of(path, one) for path in found.paths)
    if kind == 1 and member:
        told = event_of(tie(one, other, blocked()), 10_000)
        return told, lambda found: one == other or all({one, other} - set(on) for on in _stations(found))
    if kind in (0, 1, 2):
        return Event("people.v1", one, None, 20_000), lambda found: all(one not in on for on in _stations(found))
    return Event("postings.v1", posting, None, 10_000), lambda found: found.posting != posting


def _asks_nothing_of(path: Any, person: str) -> bool:
    """They are not asked, and nobody else leads to them; the seeker may know them and write themself."""
    return path.ask == "hand" if path.introducer == person else path.insider != person


def _stations(found: Suggestion) -> list[tuple[str, str, str]]:
    return [(found.seeker, path.introducer, path.insider) for path in found.paths]


@slow
@given(anything, chances)
def test_5_new_names_in_the_same_order_and_any_split_of_the_openings_change_nothing(history, chance):
    names = sorted({end for one in history for end in _people_in(one)})
    renamed = {name: f"{rank:04d}{'x' * chance.randint(0, 9)}" for rank, name in enumerate(names)}
    parts = chance.randint(2, 4)
    shards = [
        Engine(VOCABULARY, answers_for=lambda posting, shard=shard: sum(posting.encode()) % parts == shard)
        for shard in range(parts)
    ]
    found: dict[Any, Suggestion] = {}
    for shard in shards:
        shard.apply_all([_renamed(one, renamed) for one in history])
        assert not found.keys() & shard.suggestions().keys()
        found |= shard.suggestions()
    whole = engine_of(history).suggestions()
    assert {key: _read(one) for key, one in found.items()} == {
        (renamed[seeker], posting): _read(one, renamed) for (seeker, posting), one in whole.items()
    }


def _people_in(told: Event) -> set[str]:
    fields = {} if told.value is None else told.value.model_dump()
    ends = told.key.split(":") if told.topic in {"people.v1", "ties.v1"} else []
    return {*ends, *(fields[field] for field in NAMING if fields.get(field) is not None)}


def _renamed(told: Event, names: dict[str, str]) -> Event:
    key = told.key
    if told.topic in {"people.v1", "ties.v1"}:
        key = ":".join(names[part] for part in key.split(":"))
    if told.value is None:
        return Event(told.topic, key, None, told.version)
    fields = {field: getattr(told.value, field, None) for field in NAMING}
    changed = {field: names[name] for field, name in fields.items() if name is not None}
    return Event(told.topic, key, told.value.model_copy(update=changed), told.version)


def _read(found: Suggestion, names: dict[str, str] | None = None) -> Any:
    """Everything a suggestion says, under new names."""
    new = names or {end: end for on in _stations(found) for end in on}
    paths = [(new[p.introducer], new[p.insider], p.score, p.label, p.ask, p.reasons) for p in found.paths]
    return new[found.seeker], found.posting, found.fit, found.head, paths
