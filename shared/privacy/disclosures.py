"""What each kind of caller may read about other people, field by field of the answers that carry it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Reader = Literal["member", "recruiter", "service", "operator"]
"""Who asks; the same words as the kinds of callers."""


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What `reader` may read about `about`, and on what condition.

    `fields` are where it stands: "service Schema.field" of the services' OpenAPI documents, or "service Schema.*".
    """

    reader: Reader
    about: str
    what: str
    when: str
    fields: tuple[str, ...]


_OPENINGS = (
    "postings BulkReport.*",
    "postings RowResult.*",
    "postings Receipt.*",
    "postings Page_PostingLine_.*",
    "postings PostingLine.*",
    "postings PostingView.*",
    "postings Company.*",
    "postings Pay.*",
    "postings Reach.posting_id",
)
"""What an organisation reads of its own openings, by its keys and by the members in it."""

ABOUT_NOBODY_ELSE: Mapping[Reader, tuple[str, ...]] = {
    "member": (
        "profiles Me.*",
        "profiles Sessions.*",
        "profiles SessionView.*",
        "profiles Tokens.*",
        "profiles TokenView.*",
        "profiles NewToken.*",
        "profiles EmploymentForm-Output.*",
        "profiles SeekingForm.*",
        "profiles LeastPayForm.*",
        "profiles ImportReport.*",
        "profiles CorrectionList.*",
        "profiles CorrectionView.*",
        "profiles RejectedRow.*",
        "profiles ProfileDraft.*",
        "profiles DraftJob.*",
        "profiles DraftStudy.*",
        "profiles WorkedTogether.*",
        "profiles VocabularyView.*",
        "profiles BookSource.*",
        "profiles BookSources.*",
        "profiles TakenBack.*",
        "profiles Page_ContactView_.*",
        "profiles Page_CompanyView_.*",
        "matching AskNextView.*",
        "matching ExplanationView.*",
        "matching FitPartView.*",
        "matching PathsView.*",
        "matching SuggestionView.*",
        "notifications PreferencesView.*",
        "notifications EmailChoice.*",
        "notifications InboxPage.*",
        "notifications QuietHours.*",
        "notifications NoticeView.kind",
        "notifications NoticeView.id",
        "notifications NoticeView.introduction_id",
        "notifications NoticeView.status",
        "notifications NoticeView.sentence",
        "notifications NoticeView.page",
        "notifications NoticeView.created_at",
        "notifications NoticeView.updated_at",
        "postings Organisations.*",
        "postings OrganisationLine.*",
        "postings OrganisationView.*",
        "postings DomainProof.*",
        "postings Keys.*",
        "postings Key.*",
        "postings NewKey.*",
        "postings Colleagues.*",
        "postings Invitations.*",
        "postings InvitationView.*",
        *_OPENINGS,
        "introductions Page_IntroductionView_.*",
        "introductions PreviewView.*",
        "introductions GiveView.*",
        "introductions WeekView.*",
        "introductions TouchView.*",
        "introductions LimitsForm.*",
        "introductions Never.*",
        "introductions NextView.*",
        "introductions StepView.*",
        "introductions NewDraft.url",
        "introductions IntroductionView.id",
        "introductions IntroductionView.role",
        "introductions IntroductionView.origin",
        "introductions IntroductionView.direct",
        "introductions IntroductionView.answered",
        "introductions IntroductionView.next",
        "introductions IntroductionView.possible",
        "introductions IntroductionView.leg",
        "introductions IntroductionView.sent",
        "notifications HiddenView.*",
        "notifications WithdrawnView.*",
        "notifications CountView.suggestions",
        "postings SeenView.*",
    ),
    "recruiter": _OPENINGS,
}
"""What answers tell their reader of the reader's own doing, and what only holds other parts."""

FOUND = (
    "they let the reader find them: by their own address book with *visible to contacts* or *introduces*, by a *yes* "
    "to the reader, or by being open to anyone; while they are discreet no colleague and nobody at a company they block"
)


def _reach_for(reader: Reader) -> Disclosure:
    return Disclosure(
        reader,
        "seekers",
        "about how many have a way in: a step (fewer than 10, 10, 25, 50, 100 …) of a count that is worked out when "
        "the opening is an hour old and then once a week, without least pay and blocked companies",
        "it is an opening of their organisation; over seekers of seven days or more; discreet ones only where somebody "
        "vouches for the organisation",
        ("postings Reach.seekers", "postings Reach.counted_at"),
    )


DISCLOSURES: tuple[Disclosure, ...] = (
    Disclosure(
        "member",
        "somebody in their address book",
        "the words that the reader brought or typed: name, company, title, address, link, what they said of them",
        "always; these are the reader's own words, whoever the person is",
        (
            "profiles ContactView.name",
            "profiles ContactView.email",
            "profiles ContactView.profile_url",
            "profiles ContactView.company",
            "profiles ContactView.corrected",
            "profiles ContactView.position",
            "profiles ContactView.connected_on",
            "profiles ContactView.listed",
            "profiles ContactView.closeness",
            "profiles ContactView.worked_together",
            "profiles ContactView.blocked",
            "profiles ContactView.may_find_me",
            "profiles CompanyView.*",
            "profiles Colleague.position",
        ),
    ),
    Disclosure(
        "member",
        "a member in their address book",
        "that they are a member, under an id that is the same for everybody",
        FOUND,
        ("profiles ContactView.member", "profiles ContactView.id", "profiles Colleague.id"),
    ),
    Disclosure(
        "member",
        "whoever claims a profile link that the reader lists",
        "their name and id, to be recognised",
        "they said *may find me* about the reader",
        ("profiles ContactView.claims", "profiles Claim.member_id", "profiles Claim.name"),
    ),
    Disclosure(
        "member",
        "an introducer",
        "that they can be asked, in the app or by hand; that they work there, or know somebody who does, never whom",
        "the reader has own evidence about them; who only knows somebody there also introduces, and has own evidence "
        "about the reader",
        (
            "matching PathView.introducer_id",
            "matching PathView.direct",
            "matching PathView.label",
            "matching PathView.ask",
            "notifications PathView.introducer_id",
            "notifications PathView.way",
            "notifications PathView.says",
            "notifications PathView.label",
            "notifications PathView.ask",
        ),
    ),
    Disclosure(
        "member",
        "an introducer",
        "their name: the member's own, or the reader's word for a contact",
        FOUND,
        (
            "notifications PathView.name",
            "notifications HiddenPerson.*",
            "notifications DraftView.introducer_id",
            "notifications DraftView.message",
            "notifications DraftView.characters",
            "notifications DraftView.subject",
            "notifications DraftView.mail",
            "notifications DraftView.forwardable",
        ),
    ),
    Disclosure(
        "member",
        "an introducer",
        "where they work and as what: the member's own word, or the reader's for a contact",
        FOUND,
        ("notifications PathView.title", "notifications PathView.company"),
    ),
    Disclosure(
        "member",
        "an introducer",
        "their profile link, and since when the two are connected: what the reader's own address book says",
        "always; these are the reader's own words, whoever the person is",
        ("notifications PathView.profile_url", "notifications PathView.connected_on"),
    ),
    Disclosure(
        "member",
        "an introducer",
        "roughly how promising it is to ask them: their rank and a band; and why, in words that hold nothing the other "
        "said: the reader's own statements, what happened between the two, mutual contacts in steps",
        "as above",
        (
            "matching PathView.band",
            "matching PathView.reasons",
            "notifications PathView.band",
            "notifications PathView.reasons",
        ),
    ),
    Disclosure(
        "member",
        "somebody who left a company",
        "that they worked there until more than three years ago",
        "the reader has own evidence about them",
        ("matching LeftThereView.person_id",),
    ),
    Disclosure(
        "member",
        "people not rated yet",
        "whom it would help most to rate",
        "the reader has own evidence about them",
        ("matching RatingCandidateView.person_id",),
    ),
    Disclosure(
        "member",
        "an organisation with an opening",
        "the opening: title, company, link, day, places, workplace, pay",
        "it fits the reader, and somebody can introduce them; or the reader has its id",
        ("notifications ItemView.*", "notifications Pay.*", "matching Opening.*", "matching Pay.*"),
    ),
    Disclosure(
        "member",
        "seeker, introducer and target of an introduction they have a part in",
        "what the page of the introduction shows them, in sentences: names, the opening, the note",
        "introductions says so at the moment when it is shown or sent; nothing of it is stored",
        ("notifications NoticeView.says", "notifications NoticeView.note"),
    ),
    Disclosure(
        "member",
        "the others of an introduction",
        "who they are: their name, and their id",
        "an introducer: to the seeker, who chose them, "
        "and a target hears of them once they agreed; a seeker: once the introducer was asked, and to the target once "
        "that one agreed; a target: the introducer always, who knows them, and the seeker once the target said yes",
        (
            "introductions IntroductionView.introducer",
            "introductions IntroductionView.seeker",
            "introductions IntroductionView.target",
            "introductions PersonView.*",
        ),
    ),
    Disclosure(
        "member",
        "introducers whom a seeker named to be asked next",
        "their name, and their id, in the seeker's order",
        "to the seeker alone, who named them, while they may still be asked; it does not change with what anybody "
        "answers before the seeker learns of that answer",
        ("introductions IntroductionView.next_introducers",),
    ),
    Disclosure(
        "member",
        "a seeker who asks for an introduction",
        "what they wrote, the opening and why it fits, their record of earlier asks in numbers",
        "to an introducer who was asked; note and opening to a target once the introducer agreed; after the end only "
        "the opening",
        (
            "introductions IntroductionView.title",
            "introductions IntroductionView.company",
            "introductions IntroductionView.url",
            "introductions IntroductionView.note",
            "introductions IntroductionView.why",
            "introductions IntroductionView.record",
            "introductions RecordView.*",
        ),
    ),
    Disclosure(
        "member",
        "somebody who looks openly",
        "that they look, and openings that fit them and that the reader could introduce them to",
        "they chose *people I know may see that I look*, and the reader would be one of their best three introducers; "
        "least pay and blocked companies have no part in it, but whoever works at a blocked company sees nothing of "
        "them",
        ("introductions HelpView.*", "introductions HelperView.*"),
    ),
    Disclosure(
        "member",
        "seeker and introducer",
        "how many introductions the two made for each other",
        "to each of the two, about the other",
        ("introductions IntroductionView.given", "introductions GivenView.*"),
    ),
    Disclosure(
        "member",
        "the seeker and the receiver, in a draft that the reader sends themself",
        "their names, the opening and the note, as the reader sees them above",
        "the reader writes it; whoever holds the link in it sees that much of the seeker, and nobody's id or address",
        ("introductions NewDraft.short", "introductions NewDraft.mail"),
    ),
    Disclosure(
        "member",
        "the others of an introduction",
        "how it stands and ended: one sentence that is the same for a decline, a refusal and no answer; after "
        "they were introduced, how it went",
        "to everybody whom it reached",
        (
            "introductions IntroductionView.state",
            "introductions IntroductionView.history",
            "introductions IntroductionView.sentence",
            "introductions IntroductionView.outcome",
        ),
    ),
    Disclosure(
        "member",
        "seeker and target of an introduction",
        "how the target may be reached, in their own words; the seeker's address",
        "to the other of the two, once the target has said yes",
        ("introductions IntroductionView.contact", "introductions IntroductionView.address"),
    ),
    Disclosure(
        "member",
        "who works in the same organisation",
        "their name, role, since when, and whether they agreed to be named as hiring contact",
        "both are in it; whoever accepts an invitation is told so before",
        ("postings ColleagueView.*",),
    ),
    Disclosure(
        "member",
        "an organisation that invites them",
        "its name and web domain, and the role",
        "they hold the link from the e-mail; nobody learns that they looked",
        ("postings InvitedTo.*",),
    ),
    *(_reach_for(reader) for reader in ("member", "recruiter")),
)
"""Operators and services are not listed field by field: operators may read everything that a member may, with numbers,
and what each service may read is in the table of topics and in its database role."""
