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
