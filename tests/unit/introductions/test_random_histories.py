"""Random histories with a jumping clock: all end, no limit is passed, and a quiet answer is silence to all others."""

from dataclasses import dataclass, field
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.introductions import commands, disclosure, limits
from services.introductions.domain import NotPossibleError, UnknownError
from services.introductions.introduction import Introduction
from services.introductions.limits import Limits
from services.introductions.transitions import OPEN, Outcome, State, Who, is_in_table
from tests.tiers import examples
from tests.unit.introductions.town import Town, opening

SEEKERS, INTRODUCERS, TARGETS = ("sam", "sue"), ("mei", "kai", "lea"), ("ida", "tom")
OPENINGS = tuple(map(opening, ("o1", "o2", "o3")))
JUMPS = (0.01, 1, 3, 7, 14, 31, -5)


def town() -> Town:
    made = Town(limits={"kai": Limits(asks_a_month=1), "ida": Limits(asks_a_month=1)})
    for seeker in SEEKERS:
        for about in OPENINGS:
            for place, introducer in enumerate(INTRODUCERS):
                target = introducer if (introducer, about) == ("lea", OPENINGS[0]) else TARGETS[place % 2]
                leg = "hand" if (introducer, about) == ("lea", OPENINGS[1]) else "app"
                made.path(seeker, introducer, target, about, leg=leg, target_leg=leg, value=1000 * (place + 1))
    return made


STEPS = st.one_of(
    st.tuples(st.just("ask"), st.sampled_from(SEEKERS), st.sampled_from(OPENINGS), st.permutations(INTRODUCERS)),
    st.tuples(st.just("offer"), st.sampled_from(SEEKERS), st.sampled_from(OPENINGS), st.sampled_from(INTRODUCERS)),
    st.tuples(st.just("jump"), st.sampled_from(JUMPS)),
    st.tuples(st.just("yes"), st.integers(0, 20), st.sampled_from(list(Who)[:3])),
    st.tuples(st.just("no"), st.integers(0, 20), st.sampled_from(list(Who)[:3]), st.booleans()),
    st.tuples(
        st.sampled_from(("withdraw", "sent", "tell", "talked")), st.integers(0, 20), st.sampled_from(list(Who)[:3])
    ),
    st.tuples(st.just("close"), st.sampled_from(OPENINGS)),
)
HISTORIES = st.lists(STEPS, max_size=40)


@dataclass
class Play:
    """A history as it happens in one town; `quiet`: whether quiet answers are given, or nothing is said."""

    town: Town
    quiet: bool = True
    silent: set[tuple[str, Who]] = field(default_factory=set)
    """Who gave a quiet answer: they say nothing more about it, in either town."""

    def step(self, what: tuple) -> str:
        try:
            return self._step(*what) or "done"
        except NotPossibleError as refused:
            return f"{refused.reason} {refused.possible}"
        except UnknownError:
            return "unknown"

    def _step(self, kind: str, *details) -> str | None:
        match kind, details:
            case "ask", (seeker, about, introducers):
                self.town.ask(seeker, *introducers, about=about)
            case "offer", (seeker, about, introducer):
                self.town.offer(introducer, seeker, about)
            case "jump", (days,):
                self.town.tick(self.town.now + timedelta(days=days))
            case "close", (about,):
                self.town.closed_at.setdefault(about.posting_id, self.town.now)
            case _, (number, who, *more) if number < len(self.town.introductions):
                one = list(self.town.introductions.values())[number]
                if (one.id, who) not in self.silent:
                    return self._by(kind, one, who, *more)
                return "silent"
        return None

    def _by(self, kind: str, one: Introduction, who: Who, quietly: bool = False) -> str | None:
        if kind == "yes":
            self.town.answer(one, who, "yes")
        elif kind == "no":
            quietly = (quietly or who == Who.TARGET) and who != Who.SEEKER
            said = "not_now" if who == Who.INTRODUCER else "no"
            if quietly and said in commands.possible(one, who, self.town.now):
                self.silent.add((one.id, who))
                if not self.quiet:
                    return None
            self.town.answer(one, who, said, quietly=quietly)
        elif kind == "tell":
            self.town.do(commands.tell, one, who, Outcome.TALKED)
        else:
            self.town.do(getattr(commands, kind), one, who)
        return None


@examples(300)
@given(HISTORIES)
def test_every_history_comes_to_its_end(history: list[tuple]):
    play = Play(town())
    for what in history:
        before = {person: play.town.person(person) for person in (*INTRODUCERS, *TARGETS)}
        play.step(what)
        _check_limits(play.town, before)
        _check_histories(play.town)
    for _ in range(10):
        play.town.tick(play.town.now + timedelta(days=61))
    assert play.town.open() == []


def _check_limits(now: Town, before: dict[str, limits.Person]) -> None:
    for person, held in before.items():
        more = len(now.reached(person)) - len(held.reached)
        assert more <= max(0, held.room(now.now))
    for seeker in SEEKERS:
        live = now.case(seeker).live()
        assert len(live) <= limits.MOST_LIVE
        assert len({one.opening.key for one in live}) == len(live) == len({one.path.introducer_id for one in live})
        waiting = [one for one in now.introductions.values() if one.is_waiting_offer and one.seeker_id == seeker]
        assert len(waiting) <= limits.OFFERS_WAITING


def _check_histories(now: Town) -> None:
    for one in now.introductions.values():
        before: State | None = None
        for step in one.history:
            assert is_in_table(before, step.state, one.origin, step.outcome)
            before = step.state
        assert (one.due_at is not None) == (one.state in OPEN)


def seen(play: Play) -> list[object]:
    """All that anybody but those who gave a quiet answer can see."""
    return [
        (
            one.id,
            who,
            disclosure.is_visible(one, who),
            disclosure.state_for(one, who),
            disclosure.sentence(one, who),
            sorted(disclosure.shown(one, who)),
            [step.at for step in one.history],
            one.due_at,
            commands.possible(one, who, play.town.now),
        )
        for one in play.town.introductions.values()
        for who in list(Who)[:3]
        if (one.id, who) not in play.silent
    ]


@examples(300)
@given(HISTORIES)
def test_a_quiet_answer_is_silence_to_all_others(history: list[tuple]):
    quiet, silent = Play(town()), Play(town(), quiet=False)
    for what in history:
        assert quiet.step(what) == silent.step(what)
        assert seen(quiet) == seen(silent)
    for _ in range(4):
        for play in (quiet, silent):
            play.step(("jump", 3.5))
        assert seen(quiet) == seen(silent)
