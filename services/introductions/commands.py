"""What people do with an introduction: answer, withdraw, say that they sent it, and what came of it. Pure.

Each first carries out what is due. Repeating what was done changes nothing; what the table does not have is refused.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from services.introductions import disclosure
from services.introductions.domain import (
    Case,
    LimitError,
    NotPossibleError,
    UnknownError,
    accept,
    carry_out_due,
    end,
    why_not,
)
from services.introductions.introduction import NO, Answer, Introduction, Sealed
from services.introductions.transitions import (
    CORRECTED_WITHIN,
    LIVE,
    OPEN,
    TOLD,
    Action,
    Origin,
    Outcome,
    State,
    Who,
    deadline_of,
    find,
)

ANSWERS: Final[dict[Who, tuple[Answer, ...]]] = {
    Who.SEEKER: ("yes", "no"),
    Who.INTRODUCER: ("yes", "not_now", "not_well"),
    Who.TARGET: ("yes", "no"),
}
"""What each may answer."""

SEALED_FOR: Final = frozenset({Who.INTRODUCER, Who.TARGET})


def possible(one: Introduction, who: Who, now: datetime) -> tuple[str, ...]:
    """What somebody can do now, in the words of the API."""
    answers = ANSWERS[who] if _may_answer(one, who) else ()
    if one.agreed_at is not None or find(Action.YES, who, one.state, one.origin) is None:
        answers = tuple(answer for answer in answers if answer != "yes")
    others = (
        ("withdraw", find(Action.WITHDRAW, who, one.state, one.origin) is not None),
        ("sent", _may_send(one, who)),
        ("outcome", bool(outcomes(one, who, now))),
        ("talked", _may_say_talked(one, who, now) and one.person(who) not in one.talked_by),
    )
    return (*answers, *(name for name, there in others if there))


def _may_answer(one: Introduction, who: Who) -> bool:
    if one.sealed_by(who) or (one.path.direct and who == Who.TARGET):
        return False
    return any(find(action, who, one.state, one.origin) for action in (Action.YES, Action.NO))


def _may_send(one: Introduction, who: Who) -> bool:
    by_hand = one.state in {State.ASKED, State.ACCEPTED} and one.leg == "hand"
    return by_hand and who == one.writer and not one.was_sent


def outcomes(one: Introduction, who: Who, now: datetime) -> tuple[Outcome, ...]:
    """Which outcomes somebody may tell now."""
    introduced_at = one.at(State.INTRODUCED)
    if introduced_at is None or find(Action.OUTCOME, who, one.state, one.origin) is None:
        return ()
    if one.was_erased(Who.INTRODUCER):  # it is told to them
        return ()
    if one.state == State.INTRODUCED:
        return TOLD
    if one.outcome == Outcome.ERASED or now >= introduced_at + CORRECTED_WITHIN:
        return ()
    return TOLD[TOLD.index(one.outcome) + 1 :] if one.outcome in TOLD else TOLD


def _may_say_talked(one: Introduction, who: Who, now: datetime) -> bool:
    introduced_at = one.at(State.INTRODUCED)
    if who == Who.SEEKER or introduced_at is None or one.outcome == Outcome.ERASED or one.was_erased(Who.SEEKER):
        return False
    return now < introduced_at + CORRECTED_WITHIN


def _begin(case: Case, key: str, who: Who) -> Introduction:
    """The introduction after what is due, if this person may know of it."""
    carry_out_due(case)
    one = case.introductions.get(key)
    if one is None or not disclosure.is_visible(one, who):
        raise UnknownError
    return one


def _refuse(case: Case, one: Introduction, who: Who) -> NotPossibleError:
    return NotPossibleError(disclosure.standing(one, who), possible(one, who, case.now))


def answer(
    case: Case, key: str, who: Who, said: Answer, *, quietly: bool = False, contact: str | None = None,
    counts: bool = True, anew: bool = False,
) -> Introduction:  # fmt: skip
    """Answer. A no that is given quietly, and each of a target, stays sealed until the deadline.

    `contact`: how the one at the company may be reached. `counts`: the answerer is known to be who they should be.
    `anew`: this takes the place of a sealed answer, as if there were none.

    Raises:
        UnknownError: nobody has asked them.
        NotPossibleError: this cannot be answered now, or not so.
        LimitError: the seeker may not accept this offer now.
    """
    one = _begin(case, key, who)
    if _repeats(one, who, said):
        return one
    if anew:
        one = replace(one, sealed=tuple(each for each in one.sealed if each.who != who))
    if said not in ANSWERS[who] or not _may_answer(one, who):
        raise _refuse(case, one, who)
    action = Action.NO if said in NO else Action.YES
    if find(action, who, one.state, one.origin) is None:
        raise _refuse(case, one, who)
    if action == Action.NO:
        return _decline(case, one, who, said, quietly=quietly or who == Who.TARGET)
    return _agree(case, one, who, contact, counts=counts)


def _repeats(one: Introduction, who: Who, said: Answer) -> bool:
    quiet = one.sealed_by(who)
    return said == (quiet.answer if quiet else one.answers.get(who))


def _decline(case: Case, one: Introduction, who: Who, said: Answer, *, quietly: bool) -> Introduction:
    if quietly and who in SEALED_FOR:
        return case.put(replace(one, sealed=(*one.sealed, Sealed(who, said, case.now))))
    return end(case, replace(one, answers={**one.answers, who: said}), State.DECLINED)


def _agree(case: Case, one: Introduction, who: Who, contact: str | None, *, counts: bool) -> Introduction:
    if who == Who.SEEKER:
        _make_way(case, one)
    is_target = who == Who.TARGET or one.path.direct
    said = replace(
        one,
        answers={**one.answers, who: "yes"},
        uncounted=one.uncounted if counts else one.uncounted | {who},
        contact=contact if is_target and contact else one.contact,
    )
    if who == Who.TARGET:
        return case.put(said.moved(State.INTRODUCED, case.now))
    return accept(case, said)


def _make_way(case: Case, offer: Introduction) -> None:
    """Withdraw the seeker's own asks for the offer's opening or to its introducer; check their limits without them."""
    own = [
        one
        for one in case.live()
        if one.opening.key == offer.opening.key or one.path.introducer_id == offer.path.introducer_id
    ]
    asks = [one for one in own if one.origin == Origin.ASK]
    if reason := why_not(case, offer.opening, offer.path, but={one.id for one in asks}, asking=False):
        raise LimitError(reason, possible(offer, Who.SEEKER, case.now))
    for one in asks:
        end(case, one, State.CLOSED, Outcome.WITHDRAWN)


def withdraw(case: Case, key: str, who: Who) -> Introduction:
    """The seeker takes back an ask, or what they accepted; the introducer takes back an offer.

    Raises:
        UnknownError, NotPossibleError: as for `answer`.
    """
    one = _begin(case, key, who)
    if one.outcome == Outcome.WITHDRAWN and _withdrew(one) == who:
        return one
    if find(Action.WITHDRAW, who, one.state, one.origin) is None:
        raise _refuse(case, one, who)
    return end(case, one, State.CLOSED, Outcome.WITHDRAWN)


def _withdrew(one: Introduction) -> Who:
    """Who took it back, of one that was withdrawn."""
    return Who.INTRODUCER if one.origin == Origin.OFFER and one.at(State.ACCEPTED) is None else Who.SEEKER


def sent(case: Case, key: str, who: Who) -> Introduction:
    """By hand: the writer says that they sent the draft; the time to answer runs from now.

    Raises:
        UnknownError, NotPossibleError: as for `answer`.
    """
    one = _begin(case, key, who)
    deadline = deadline_of(one.state, one.origin)
    if who == one.writer and one.leg == "hand" and one.was_sent and one.state in LIVE:
        return one
    if not _may_send(one, who) or deadline is None:
        raise _refuse(case, one, who)
    due_at = case.now + deadline.lasts
    if one.state == State.ACCEPTED:
        return case.put(replace(one, due_at=due_at, target_sent_at=case.now))
    return case.put(replace(one, due_at=due_at, sent_at=case.now))


def tell(case: Case, key: str, who: Who, outcome: Outcome) -> Introduction:
    """The seeker says what came of it.

    Raises:
        UnknownError, NotPossibleError: as for `answer`; later only a later outcome may follow.
    """
    one = _begin(case, key, who)
    if who == Who.SEEKER and one.outcome == outcome and outcome in TOLD:
        return one
    if outcome not in outcomes(one, who, case.now):
        raise _refuse(case, one, who)
    return case.put(one.moved(State.CLOSED, case.now, outcome))


def talked(case: Case, key: str, who: Who) -> Introduction:
    """Introducer or target say that they and the seeker talked.

    Raises:
        UnknownError, NotPossibleError: as for `answer`.
    """
    one = _begin(case, key, who)
    if one.person(who) in one.talked_by:
        return one
    if not _may_say_talked(one, who, case.now):
        raise _refuse(case, one, who)
    return case.put(replace(one, talked_by=(*one.talked_by, one.person(who))))


def verified(case: Case, key: str, who: Who) -> Introduction:
    """Whoever answered by a link has shown that they are who they should be: their answer counts from now on."""
    one = _begin(case, key, who)
    if who not in one.uncounted:
        return one
    return case.put(replace(one, uncounted=one.uncounted - {who}))


def erase(one: Introduction, person_id: str, fresh_id: str, now: datetime) -> Introduction:
    """The introduction without somebody who was erased: it ends, and a fresh id stands in their place."""
    ended = one.moved(State.CLOSED, now, Outcome.ERASED, then=()) if one.state in OPEN else one

    def now_called(each: str) -> str:
        return fresh_id if each == person_id else each

    path = replace(
        one.path, introducer_id=now_called(one.path.introducer_id), insider_id=now_called(one.path.insider_id)
    )
    was_target = one.path.insider_id == person_id
    return replace(
        ended,
        seeker_id=now_called(one.seeker_id),
        path=path,
        talked_by=tuple(map(now_called, one.talked_by)),
        then=(),
        note=None,
        contact=None if was_target else ended.contact,
    )
