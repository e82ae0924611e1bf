"""People who are no members and want to be in nobody's address book: their entries go, and do not come back.

Of one entry a link that was sent to it is enough; of every book whoever has the address may ask, by a code or a link.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID, uuid4

from services.profiles import forgotten, network, proofs, store
from services.profiles.domain import Contact
from services.profiles.forgotten import FORGETTING
from services.profiles.publication import Publication, withdraw_contact
from services.profiles.sign_in import Rules, failed
from services.profiles.store import SIGN_IN, SQL
from shared.storage.pool import Connection, Pool
from shared.tokens import hash_token


class LeadsToMemberError(Exception):
    """The entry leads to a member, who leaves by erasing their account."""


async def forget_entry(conn: Connection, contact_id: str, today: date, republish_after: timedelta) -> bool:
    """Take an entry out of its address book for good. False: there is none. Raises LeadsToMemberError."""
    await conn.execute(SQL["lock_network"])
    entry = await conn.fetchrow(FORGETTING["owner_of"], contact_id)
    if entry is None:
        return False
    if entry["member_id"] is not None:
        raise LeadsToMemberError
    await store.find_member(conn, entry["owner_id"], "lock_member")
    contacts = await store.contacts(conn, "lock_contacts_by_id", [contact_id])
    await _take_out(conn, contacts, today, republish_after)
    return True


async def ask(pool: Pool, rules: Rules, email: str, source: str) -> UUID:
    """Begin to prove an address; a code and a link are due, whether or not anybody lists it. 429 as for a sign-in."""
    proof_id = uuid4()
    async with pool.acquire() as conn, conn.transaction():
        sent = await rules.may_send(conn, source, email)
        begun = (proof_id, "forget", email, None, None, None, sent, proofs.HOLDS)
        await conn.execute(SIGN_IN["add_proof"], *begun)
    return proof_id


async def finish_by_link(pool: Pool, link: str) -> str:
    """Use up the proof of a link, in whatever browser; returns its address. 403 where it does not hold.

    However many codes were tried: strangers can try codes, but nobody reads the e-mail who has not the address.
    """
    async with pool.acquire() as conn, conn.transaction():
        proof = await conn.fetchrow(SIGN_IN["lock_forgetting_by_link"], hash_token(link))
        if proof is None:
            raise failed()
        await conn.execute(SIGN_IN["delete_proof"], proof["proof_id"])
    return str(proof["email"])


async def forget_address(conn: Connection, email: str, today: date, republish_after: timedelta) -> int:
    """Take an address out of every book for good. Returns how many entries went; those that lead to members stay."""
    await conn.execute(SQL["lock_network"])
    await forgotten.keep_address(conn, email)
    rows = await conn.fetch(FORGETTING["find_contacts_of_address"], email)
    for owner_id in sorted({row["owner_id"] for row in rows}):
        await store.find_member(conn, owner_id, "lock_member")
    contacts = await store.contacts(conn, "lock_contacts_by_id", [row["contact_id"] for row in rows])
    await _take_out(conn, contacts, today, republish_after)
    return len(contacts)


async def _take_out(conn: Connection, contacts: Sequence[Contact], today: date, republish_after: timedelta) -> None:
    publication = Publication()
    for contact in contacts:
        await forgotten.keep_entry(conn, contact)
        withdraw_contact(publication, contact)
        await conn.execute(SQL["delete_introduced_to"], contact.contact_id)
    await store.delete_contacts(conn, contacts)
    await store.publish(conn, publication, republish_after=republish_after)
    for owner_id in sorted({contact.owner_id for contact in contacts}):
        await network.update_links(conn, owner_id, today)
