"""What is kept of people, where, and for how long."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of somebody. `places`: "service.table" of the database, a topic's name, or a place in words."""

    what: str
    places: tuple[str, ...]
    how_long: str


KEPT: tuple[Kept, ...] = (
    Kept(
        "members: name, address, link, headline, work, skills, search, consents; what they say of companies",
        ("profiles.members",),
        "until they leave",
    ),
    Kept(
        "address books: the words of who brought them, and what they said", ("profiles.contacts",), "until they leave"
    ),
    Kept(
        "what each imported file says of a contact: the words, how many messages each way and the day of the last, "
        "never their contents",
        ("profiles.contact_sources",),
        "until a newer file of its kind leaves them out, or the member leaves",
    ),
    Kept(
        "digests of members' tokens and sessions, what they are called, when they were last used",
        ("profiles.tokens",),
        "until revoked, or until the member leaves; sessions 30 days without use",
    ),
    Kept(
        "addresses that somebody signs in with, changes to or wants forgotten; digests of the link, the code and the "
        "browser",
        ("profiles.proofs",),
        "until used, or half an hour; links that operators made, a day",
    ),
    Kept("how often an address or a source asked to sign in: keyed digests", ("profiles.limits",), "a day"),
    Kept("members and contacts without names, addresses and links", ("people.v1",), "the last record of each"),
    Kept("who knows whom, from one side, with the evidence", ("ties.v1",), "the last record of each"),
    Kept("introductions", ("introductions.v1",), "the last record of each"),
    Kept(
        "who said yes to whom in an introduction, when, and whether somebody said that they talked: ids",
        ("profiles.introduced",),
        "until one of the two leaves",
    ),
    Kept(
        "introductions: who asked whom about what, their answers, the way they can be reached; the note, which is "
        "deleted 90 days after the end",
        ("introductions.introductions", "introductions.seekers"),
        "until all of its people have left",
    ),
    Kept(
        "links by which somebody answers without an account: hashes, and for whose part of which introduction",
        ("introductions.links",),
        "90 days after the introduction ended",
    ),
    Kept("people who left and may stand in introductions: ids", ("introductions.departures",), "until seen to"),
    Kept(
        "whom somebody was shown to keep in touch with in a week, and whom they put off",
        ("introductions.weeks_in_touch", "introductions.touches"),
        "90 days; what they put off until they or the other leaves",
    ),
    Kept("answers that are to stay quiet", ("introductions.sealed_answers",), "until the time to answer is over"),
    Kept("how often, when and by whom somebody may be asked", ("introductions.limits",), "until they leave"),
    Kept(
        "what introductions rest on: openings, members' consents, suggestions by ids, blocks",
        ("introductions.openings", "introductions.people", "introductions.suggestions", "introductions.blocks"),
        "as on their topics; versions of what was withdrawn, 30 days",
    ),
    Kept(
        "who wants to be in nobody's address book: keyed digests, and their key",
        ("profiles.forgotten", "profiles.forgotten_key"),
        "as long as the database",
    ),
    Kept(
        "organisations: name, web domain; digests of their keys, what they are called, when they were last used",
        ("postings.organisations", "postings.api_keys"),
        "until removed",
    ),
    Kept(
        "who works in an organisation: ids and roles",
        ("postings.organisation_members",),
        "until they leave it, or leave altogether",
    ),
    Kept(
        "addresses that are invited into an organisation, or that prove its web domain; who asked for it; digests of "
        "the link and the code",
        ("postings.proofs",),
        "until used or revoked, or who asked leaves; seven days, or an hour",
    ),
    Kept(
        "how often organisations had e-mails sent, and members made some: keyed digests",
        ("postings.limits",),
        "a month",
    ),
    Kept("openings, with the id of a hiring contact who agreed", ("postings.postings", "postings.v1"), "until deleted"),
    Kept("who may be named by which organisation: ids", ("postings.hiring_consents",), "until taken back"),
    Kept("how many openings an organisation made on a day", ("postings.new_openings",), "2 days"),
    Kept("suggestions: ids, fit, band, reasons", ("suggestions.v1", "notifications.items"), "until withdrawn"),
    Kept("openings that somebody saved or hid", ("notifications.items",), "until the member leaves"),
    Kept(
        "whom somebody does not want to be suggested: ids",
        ("notifications.hidden_people",),
        "until they take it back, or one of the two leaves",
    ),
    Kept(
        "what is to be told of introductions, to whom and when: ids",
        ("notifications.items",),
        "until it is no longer so, news 90 days; ids and versions 30 days more",
    ),
    Kept("the last number of an inbox's events", ("notifications.members",), "until the member leaves"),
    Kept("what happened in an inbox: ids", ("notifications.events",), "7 days"),
    Kept("when a summary is due", ("notifications.digests",), "until it is sent"),
    Kept("e-mails: ids, whether they were sent", ("notifications.deliveries",), "30 days after they ended"),
    Kept(
        "the link in each e-mail that turns its kind off: a hash, and whose it is",
        ("notifications.unsubscribe_links",),
        "1 year, or until they leave",
    ),
    Kept(
        "which e-mails somebody wants, their time zone and quiet hours",
        ("notifications.preferences",),
        "until they leave",
    ),
    Kept(
        "ids and versions of what was erased or withdrawn",
        ("profiles.erased", "notifications.erased", "introductions.erased", "notifications.items"),
        "30 days",
    ),
    Kept(
        "who changed what: digests of people's ids, ids of openings, places of letters",
        ("profiles.audit", "postings.audit", "notifications.audit", "introductions.audit"),
        "as long as the database",
    ),
    Kept(
        "answers to requests that may be repeated",
        ("profiles.idempotency", "postings.idempotency", "notifications.idempotency", "introductions.idempotency"),
        "1 day, or until the member leaves",
    ),
    Kept(
        "records on their way to a topic",
        ("profiles.outbox", "postings.outbox", "notifications.outbox", "introductions.outbox"),
        "until they are on it",
    ),
    Kept("tombstones on topics", (), "7 days, and published again after 8"),
    Kept(
        "records that could not be processed, and those on their way back",
        (
            "notifications.dlq",
            "notifications.retry",
            "postings.dlq",
            "postings.retry",
            "profiles.dlq",
            "profiles.retry",
            "introductions.dlq",
            "introductions.retry",
        ),
        "30 days",
    ),
    Kept("withdrawn suggestions: ids and versions", ("a matcher's memory and snapshots",), "8 days"),
    Kept(
        "names, work and addresses that were looked up for somebody",
        ("the memory of postings, notifications and introductions",),
        "shown for a minute after it changed",
    ),
    Kept("people and ties, as on the topics", ("a matcher's memory and snapshots",), "replaced every 5 minutes"),
    Kept(
        "logs: ids, never names or addresses", ("your configuration",), "at most 30 days, as long as a backup at least"
    ),
    Kept("backups", ("your configuration",), "7 days"),
    Kept(
        "nothing about people",
        (
            "postings.clock",
            "clock.v1",
            "introductions.heartbeat",
            "notifications.restores",
            "postings.processed",
            "profiles.processed",
            "notifications.processed",
            "introductions.processed",
            "postings.schema_migrations",
            "profiles.schema_migrations",
            "notifications.schema_migrations",
            "introductions.schema_migrations",
        ),
        "",
    ),
)
