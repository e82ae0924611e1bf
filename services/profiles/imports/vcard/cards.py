"""vCards as phones, Gmail, Outlook and Apple write them: a stream in, a report out."""

from services.profiles.addresses import email_of, profile_key
from services.profiles.imports.cells import tidy
from services.profiles.imports.format import Format, Head, Upload
from services.profiles.imports.reading import Reading, TooManyError
from services.profiles.imports.report import ContactRecord, ImportProblem, Report
from services.profiles.imports.text import Lines
from services.profiles.imports.vcard.properties import Card, cards_of

NAME = "vcard"
_TOLD_EVERY = 200


def read(upload: Upload) -> Report:
    """Read all cards.

    Raises:
        ImportProblem: there are too many, or none is of a person with a name.
    """
    lines, reading = Lines(upload.file), Reading()
    try:
        for done, card in enumerate(cards_of(lines), 1):
            record = card.trouble or _record(card, reading)
            if isinstance(record, str):
                reading.reject(card.line, record)
            else:
                reading.add(record)
            if done % _TOLD_EVERY == 0:
                upload.told()
    except TooManyError as error:
        raise ImportProblem(f"more than {reading.most:,} cards", Report(NAME)) from error
    upload.done()
    report = reading.report(NAME, NAME, warnings=lines.warnings)
    if not reading.records:
        raise ImportProblem("no usable card", report)
    return report


def _record(card: Card, reading: Reading) -> ContactRecord | str:
    kind = (card.text("KIND") or card.text("X-ADDRESSBOOKSERVER-KIND") or "individual").casefold()
    if kind != "individual" or card.text("X-ABSHOWAS").casefold() == "company":
        return "the card is of no person"
    family, given, middle, *_ = [part.strip() for part in (card.values("N") or [[]])[0]] + [""] * 3
    whole = card.text("FN") or card.text("NICKNAME")
    name = reading.name(card.line, " ".join(filter(None, (given, middle))), family, whole)
    if isinstance(name, str):
        return name
    emails = [address for email in card.values("EMAIL") if (address := email_of(tidy(email[0])))]
    links = [";".join(link) for name in ("URL", "X-SOCIALPROFILE") for link in card.values(name)]
    phones = [";".join(phone) for phone in card.values("TEL")]
    company = (card.values("ORG") or [[""]])[0][0]
    return ContactRecord(
        first_name=name.first,
        last_name=name.last,
        name=name.whole,
        url=next((reading.url(card.line, link) for link in links if profile_key(tidy(link))), None),
        email=emails[0] if emails else None,
        company=reading.text(card.line, "company", company),
        position=reading.text(card.line, "position", card.text("TITLE")),
        connected_on=None,
        line=card.line,
        address=bool(emails) or any(char.isdigit() for phone in phones for char in phone),
    )


def _recognises(head: Head) -> bool:
    first = next((line for line in head.lines if line.strip()), "")
    return first.strip().upper() == "BEGIN:VCARD"


FORMAT = Format(NAME, "vCard (.vcf)", _recognises, read)
