"""What a service finds wrong with a field, as a sentence: the field by its label, and what to do."""

import re

LABELS = {
    "asks_a_month": "Requests within 30 days",
    "blocked_companies": "Companies to leave out",
    "body": "The file",
    "closeness": "How well you know them",
    "code": "The code",
    "company": "Company",
    "company.domain": "Web domain of the company",
    "company.name": "Company",
    "contact": "How they may reach you",
    "description": "What it is about",
    "domain": "Web domain",
    "email": "E-mail address",
    "employer": "Where you work now",
    "employment_type": "Kind of work",
    "employments": "Jobs",
    "end": "Until",
    "external_id": "Its number in your own system",
    "file": "The file",
    "from": "Who may ask",
    "headline": "What you do",
    "hiring_contact": "Hiring contact",
    "link": "The link",
    "locations": "Places",
    "months": "Months",
    "name": "Name",
    "never.companies": "Never about these companies",
    "note": "Your note",
    "places": "Places",
    "quiet_until": "No requests before",
    "referral_bonus": "Referral bonus",
    "role": "They may",
    "salary": "Pay",
    "salary.currency": "Currency",
    "salary.max": "Pay, to",
    "salary.min": "Pay, from",
    "salary.period": "Pay, per",
    "seniority": "Level",
    "skills": "Skills",
    "start": "From",
    "text": "The text",
    "timezone": "Time zone",
    "title": "Title",
    "titles": "Job titles",
    "url": "Link to the whole text",
    "valid_through": "Last day",
    "value": "How well you know them",
    "workplace": "Where they would work",
}
"""What stands beside a field on its page, by the field's name in the API."""

_FILL_IN, _WHOLE, _NUMBER, _DAY = "fill this in", "enter a whole number", "enter a number", "enter a day: 2026-10-31"
_ADDRESS, _CHARACTERS = "enter an address such as mei@mail.example", "type it again: it holds invisible characters"
_PLAIN = [
    (r"Field required|is blank|(String|List|Tuple) should have at least 1 .*", _FILL_IN),
    (r"Input should be a valid (string|list|tuple).*", _FILL_IN),
    (r"String should have at least (\d+) .*", r"use \1 characters or more"),
    (r"(?:String should have at most|is longer than) (\d+) .*", r"use \1 characters at most"),
    (r"(?:List|Tuple) should have at most (\d+) .*", r"name \1 at most"),
    (r"Input should be a valid integer.*", _WHOLE),
    (r"Input should be a (valid|finite) number.*", _NUMBER),
    (r"Input should be greater than or equal to (\S+)", r"enter \1 or more"),
    (r"Input should be less than or equal to (\S+)", r"enter \1 at most"),
    (r"Input should be greater than (\S+)", r"enter more than \1"),
    (r"Input should be less than (\S+)", r"enter less than \1"),
    (r"Input should be a valid date.*|.*is outside the calendar", _DAY),
    (r"Input should be '.*", "choose one of those offered"),
    (r"String should match pattern .*", "write it as in the example"),
    (r"Extra inputs are not permitted", "leave this out"),
    (r"needs a letter or digit", "use at least one letter or digit"),
    (r"is no e-mail address", _ADDRESS),
    (r"is no currency .*", "enter three letters, such as EUR"),
    (r"is no time zone.*", "enter one such as Europe/Berlin"),
    (r"is not a web domain .*", "enter one such as acme.example"),
    (r"is not an http\(s\) address", "enter an address that begins with https://"),
    (r"must not hold a user name or password", "take the user name and password out of the address"),
    (r"is a provider's, .*", "use your organisation's own; at this one anybody can have an address"),
    (r"holds a control character.*", _CHARACTERS),
    (r"is below salary\.min|salary\.min is above salary\.max", "enter as much as the least, or more"),
    (r"end is before start", "the end is before the start: change one of them"),
    (r"is the same company already", "these two are one company already"),
]
"""What a reason means to whoever fills in the form; the services word them for programs."""

_WHOLE_SENTENCES = ("this is ", "the file ", "there is ", "there are ")
"""So begins what is said of a file that names it itself: no label stands before it."""

_NUMBERED = re.compile(r"\.(\d+)(?=\.|$)")


def sentence(text: str) -> str:
    """The text with a capital at its beginning and a full stop at its end."""
    text = text.strip()
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '!', '?', '…')) else '.'}" if text else ""


def in_short(detail: str) -> str:
    """Why something is not possible, without the API's names of what is: a page has buttons for these."""
    return sentence(detail.partition("; now you can: ")[0])


def fault(field: str, reason: str) -> str:
    """`skills.3`, "Field required" → "Skills, entry 4: fill this in." What has no label goes by its own name."""
    if field == "body" and reason.startswith(_WHOLE_SENTENCES):
        return sentence(reason)
    path = field.removeprefix("seeking.")
    place = _NUMBERED.search(path)
    name = path[: place.start()] if place else path
    label = LABELS.get(name) or LABELS.get(name.rpartition(".")[2]) or name.replace("_", " ").replace(".", ", ")
    entry = f", entry {int(place[1]) + 1}" if place else ""
    return sentence(f"{label}{entry}: {advice(reason)}")


def advice(reason: str) -> str:
    """What to do about it; the reason itself where it is none that is known."""
    for pattern, words in _PLAIN:
        if found := re.fullmatch(pattern, reason):
            return found.expand(words)
    return reason
