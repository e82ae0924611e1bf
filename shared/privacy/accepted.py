"""What can be concluded of people although nobody agreed to it, and why that is accepted."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Accepted:
    """Something that can be concluded although nobody agreed to it, and why it is accepted."""

    what: str
    why: str


ACCEPTED: tuple[Accepted, ...] = (
    Accepted(
        "That a path to a company comes or goes tells that an acquaintance knows somebody there, or no longer.",
        "It is what the product is for. Who it is beyond the introducer stays unsaid until the introducer agrees.",
    ),
    Accepted(
        "Order and bands tell roughly how well placed an introducer is.",
        "Without an order nobody would know whom to ask. Scores are never shown; what the other said of the reader "
        "enters only as a veto, and what they said of others as a veto or as knowing them.",
    ),
    Accepted(
        "Who rates somebody 1 or 2 is never an introducer of theirs: who was one before and is gone may have done so.",
        "A safe no needs it. Withdrawn consent, a block, a new job and erasure look the same.",
    ),
    Accepted(
        "How an introducer treated earlier asks moves their rank.",
        "Once a month, for all of that month together, from three ended asks on. Who knows that there was only one may "
        "guess from the order how it ended; a decline looks like no ask at all.",
    ),
    Accepted(
        "Who posts many openings that differ in one word, and has seekers of their own to bring a count to the edge of "
        "a step, can learn after an hour that somebody seeks with certain words in certain places and has a way in: "
        "what a suggestion depends on, pay and blocked companies apart.",
        "A count below 10 looks like none. Each opening gives one answer a week however it is changed, an organisation "
        "has 1,000 new ones a day, a member makes three organisations a month, seekers of their own must have sought "
        "for a week, and discreet ones count only for organisations that somebody vouches for.",
    ),
    Accepted(
        "Who knows that an introducer knows somebody, and sees no way to that one through them, may guess that one of "
        "the two rated the other 1 or 2.",
        "Nobody is asked to introduce somebody whom they barely know. A block, a withdrawn consent and an entry that "
        "was removed look the same.",
    ),
    Accepted(
        "Who sees a warm way through an introducer who shows little else of whom they lead to may conclude that the "
        "introducer says to know that one.",
        "That they know somebody there is what the suggestion says. How well they say so, from 3 to 5, shows nowhere, "
        "nor that they said anything where other evidence makes the way warm.",
    ),
    Accepted(
        "Who leaves their employer out of their profile, and has no address there, is not known as a colleague.",
        "Nobody can be made to say where they work. What the member's own book says of them counts as well.",
    ),
    Accepted(
        "Operators and the matcher see searches, pay and blocks.",
        "The one must be able to help, the other decides by them. Operators are named in the audit.",
    ),
    Accepted(
        "A new member can guess that an address belongs to somebody who chose to be found by *anyone who has it*.",
        "That is what the choice says, and it is off by default.",
    ),
    Accepted(
        "Who imports guessed addresses sees which are left out, and so who asked to be in nobody's address book.",
        "That no import brings them back is what they asked for. It tells nothing else: not whether they are members, "
        "were ever listed, or by whom; and only twenty imports a day may leave somebody out or change something.",
    ),
    Accepted(
        "Who posts openings of their own at one company after another learns by their own suggestions into which "
        "somebody leads, beyond those that they may ask about in a day.",
        "A way into an opening that fits is what a suggestion is. It needs a search that fits, says no more than "
        "asking does, and an organisation has 1,000 new openings a day, each with who posted it in the audit.",
    ),
    Accepted(
        "Who was given a link to answer by, and has an account, learns whether its writer holds their address.",
        "It is their own address, and they must have proven it; without that check whoever carries the link could make "
        "the answer count. The writer learns of no try that fails.",
    ),
    Accepted(
        "Who knows, or guesses, the day on which two others connected can have a claimed link proven for one of them.",
        "They need the victim's link in an export of their own; a link that the friend has proven cannot be claimed; "
        "and only twenty imports a day may change something: some sixty days for ten years, in the audit.",
    ),
)
