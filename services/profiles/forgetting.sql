-- name: add_key
-- Keep a new key of the digests, unless there is one.
INSERT INTO forgotten_key (key) VALUES ($1) ON CONFLICT DO NOTHING;

-- name: find_key
-- The key of the digests.
SELECT key FROM forgotten_key;

-- name: add_forgotten
-- Keep digests.
INSERT INTO forgotten (digest) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING;

-- name: is_anybody_forgotten
-- Whether there is anything to leave out of an import.
SELECT EXISTS (SELECT FROM forgotten);

-- name: find_forgotten
-- Those of these digests that are kept.
SELECT digest FROM forgotten WHERE digest = ANY($1::text[]);

-- name: find_entries
-- Under which id each of these entries or members is known now; those who are gone are left out.
SELECT contact_id AS id, coalesce(member_id, contact_id) AS now FROM contacts WHERE contact_id = ANY($1::text[])
UNION ALL SELECT member_id, member_id FROM members WHERE member_id = ANY($1::text[]);

-- name: owner_of
-- Whose entry it is, and the member it leads to.
SELECT owner_id, member_id FROM contacts WHERE contact_id = $1;

-- name: linked_by
-- By which of these addresses and links entries of $1 lead to a member.
SELECT email, profile_key FROM contacts
WHERE owner_id = $1 AND member_id IS NOT NULL AND (email = ANY($2::text[]) OR profile_key = ANY($3::text[]));

-- name: find_contacts_of_address
-- All entries, in any book, that hold an address and lead to no member; and those that an introduction to one of them
-- brought, in the introducer's words.
WITH named AS (
    SELECT contact_id FROM contacts WHERE member_id IS NULL AND contact_id IN (
        SELECT contact_id FROM contacts WHERE email = $1 UNION SELECT contact_id FROM contact_sources WHERE email = $1))
SELECT contact_id, owner_id FROM contacts c WHERE member_id IS NULL AND (contact_id IN (SELECT contact_id FROM named)
    OR (introduced_to IN (SELECT contact_id FROM named)
        AND NOT EXISTS (SELECT FROM contact_sources s WHERE s.contact_id = c.contact_id)))
ORDER BY contact_id;
