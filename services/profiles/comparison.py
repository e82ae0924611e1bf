"""Comparing an address book with lists, in memory that does not grow with either. Pure: it changes nothing else.

Kept true: an import of one source is compared with what that source listed before, so that no source takes away what
another one told; a contact goes when no source lists them and their owner said nothing of them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self
from uuid import uuid4

from pydantic import TypeAdapter

from services.profiles.addresses import profile_key
from services.profiles.books import facts_of
from services.profiles.domain import Contact, SourceFacts
from services.profiles.imports.report import ContactRecord
from services.profiles.imports.scratch import database
from shared.storage.queries import load

Outcome = Literal["added", "updated", "unchanged", "kept", "others"]
SQL = load(Path(__file__).with_name("comparison.sql"))
AT_ONCE = 2_000
_INDEXES = ("index_links", "index_emails", "index_work", "index_names", "index_records")
_MATCHES = ("match_links", "match_emails", "match_work", "match_names")
_TELLS = ("match_nobody", "add_new", "find_news", "delete_old", "add_news", "mark_told")
_MISSING = ("find_missing", "mark_missing", "delete_missing", "unlist_missing")
_CLEAR = ("clear_records", "clear_matched", "clear_missing")
_told = TypeAdapter(SourceFacts)


class Change(NamedTuple):
    """What becomes of a contact: who they are now, and who they were (None: nobody).

    `kept`: not listed any more, but the owner stated something about them. `others`: the file does not speak of them,
    and they are as they were.
    """

    outcome: Outcome
    now: Contact
    before: Contact | None = None


class Comparison:
    """An address book, then what each source of a file lists; then what becomes of whom.

    First `know` everybody in the book in the order of their ids, then `tell` what each source lists, then ask.
    """

    def __init__(self, owner_id: str) -> None:
        self._owner_id = owner_id
        self._sources: set[str] = set()
        self._database = database(SQL["tables"])
        self._database.create_function("new_id", 0, lambda: str(uuid4()))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def know(self, contacts: Iterable[Contact]) -> None:
        """These are in the address book.

        An entry that only a block made is left as it is: a record taken for it would lead to whom it keeps off.
        """
        for one in contacts:
            if one.only_blocked:
                continue
            self._database.execute(SQL["add_entry"], (one.contact_id, one.stated, *_marks(one)))
            told = [(each.source, each.listed, *_marks(each), _kept(each)) for each in one.sources]
            self._database.executemany(SQL["add_fact"], told)

    def tell(self, source: str, records: Iterable[ContactRecord], today: date, *, keep_missing: bool = False) -> None:
        """Make what `source` tells equal to these records; with `keep_missing`, add them to it.

        A record is the contact with the same profile link, else the same e-mail address, else the same name and company
        unless links or addresses differ; of another source only where there is a company. A contact whom the source did
        not list may have the same full name alone, where nobody else in the book or the list is called so, and neither
        companies, links nor addresses differ. Each contact is one record.
        """
        known = self._database.execute("SELECT EXISTS (SELECT 1 FROM entries)").fetchone()[0]
        if self._sources:
            self._show()
        self._sources.add(source)
        facts = (facts_of(source, record, today) for record in records)
        self._database.executemany(SQL["add_record"], ((*_marks(each), _kept(each)) for each in facts))
        matches = (*_INDEXES, *_MATCHES) if known else ()
        for step in (*matches, *_TELLS, *(() if keep_missing else _MISSING), *_CLEAR):
            self._database.execute(SQL[step], {"source": source} if ":source" in SQL[step] else ())

    def gone(self) -> Iterator[Sequence[str]]:
        """Ids of those who leave the address book, some at a time."""
        after = 0
        while rows := self._database.execute(SQL["list_gone"], (after, AT_ONCE)).fetchall():
            yield [contact_id for _, contact_id in rows]
            after = rows[-1][0]

    def became(self, contacts: Iterable[Contact]) -> list[Change]:
        """What becomes of those of these who were known."""
        changes = []
        for one in contacts:
            for at, told, changed in self._database.execute(SQL["find_entry"], (one.contact_id,)):
                facts = self._database.execute(SQL["find_facts"], (at,)) if changed else ()
                now = one.with_sources(map(_read, facts)) if changed else one
                changes.append(Change(self._outcome(one, now, told=told), now, one))
        return changes

    def fresh(self) -> Iterator[list[Change]]:
        """Those who were not in the address book, some at a time."""
        return ([Change("added", one) for one in some] for some in self._contacts("list_fresh"))

    def _outcome(self, before: Contact, now: Contact, *, told: bool) -> Outcome:
        if told:
            return "unchanged" if _same(before, now) else "updated"
        kept = not now.listed and any(one.source in self._sources for one in now.sources)
        return "kept" if kept else "others"

    def _show(self) -> None:
        """What entries show now, for the next list to be compared with."""
        for some in self._contacts("list_changed"):
            self._database.executemany(SQL["show"], [(*_marks(one), one.contact_id) for one in some])

    def _contacts(self, query: str) -> Iterator[list[Contact]]:
        """Entries as what is told of them makes them, some at a time."""
        after = 0
        while rows := self._database.execute(SQL[query], (after, AT_ONCE)).fetchall():
            yield [
                Contact(contact_id, self._owner_id, "").with_sources(_read(row[2:]) for row in told)
                for (_, contact_id), told in groupby(rows, itemgetter(0, 1))
            ]
            after = rows[-1][0]


def _marks(told: SourceFacts | Contact) -> tuple[str | None, ...]:
    """By what somebody is known again: link, address, and case-folded name and company."""
    return profile_key(told.profile_url), told.email or None, told.name.casefold(), (told.company or "").casefold()


def _kept(facts: SourceFacts) -> bytes:
    """What a source tells; whether it lists the contact is kept beside it."""
    return _told.dump_json(facts if facts.listed else replace(facts, listed=True))


def _read(row: Sequence[Any]) -> SourceFacts:
    listed, told = row
    facts = _told.validate_json(told)
    return facts if listed else replace(facts, listed=False)


def _same(old: Contact, now: Contact) -> bool:
    """Whether nothing but the time changed."""
    return [replace(one, seen=None) for one in old.sources] == [replace(one, seen=None) for one in now.sources]
