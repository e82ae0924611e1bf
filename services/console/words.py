"""Words that several pages use."""

CLOSENESS = {
    1: "I barely know them",
    2: "I know them a little",
    3: "I know them",
    4: "I know them well",
    5: "I know them very well",
}
"""What each closeness is called."""

WORKPLACES = {"remote": "Remote", "hybrid": "Partly at the office", "onsite": "At the office"}
"""Where the work is done."""

SOURCES = {
    "linkedin": "LinkedIn",
    "google-contacts": "Google contacts",
    "vcard": "your phone or address book (vCard)",
    "mailbox": "your mailbox",
}
"""What kinds of files are called; others by their own name."""

MAILS = {
    "enabled": "Send me e-mails at all",
    "suggestion": "An e-mail for each new opening",
    "summary": "A summary when there are several",
    "introduction_asked": "When somebody asks me for an introduction",
    "offer": "When somebody offers to introduce me",
    "target_asked": "When somebody asks whether I would talk to them",
    "agreed": "When somebody agrees to introduce me, or takes up my offer",
    "introduced": "When an introduction has been made",
    "reminder": "A reminder when an introduction waits for me",
    "outcome_question": "The question how an introduction went",
    "outcome": "What came of an introduction that I helped with",
    "ended": "When an introduction ended before it was made",
    "keep_in_touch": "On Mondays: people worth a word",
}
"""What each kind of e-mail is called in the settings; kinds without a name here are shown by their own."""

OUTCOMES = {
    "hired": "I got the job",
    "interviewing": "I am in interviews",
    "talked": "We talked",
    "nothing": "Nothing came of it",
}
"""What may have come of an introduction."""
