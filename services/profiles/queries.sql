-- What profiles asks its database. Columns of members and contacts are those of the dataclasses in domain.py.

-- name: lock_network
-- Alone: members join, move jobs, leave or are recognised, which touches other people's address books.
SELECT pg_advisory_xact_lock(hashtextextended('warmpath network ' || current_schema(), 0))

-- name: share_network
-- Together with other imports, but not while the above goes on: neither must miss what the other writes.
SELECT pg_advisory_xact_lock_shared(hashtextextended('warmpath network ' || current_schema(), 0))

-- name: plan_anew
-- For the transaction: tables grow so much in it that plans made at its start would last for ever at its end.
SELECT set_config('plan_cache_mode', 'force_custom_plan', true)

-- name: find_token
-- Whose token it is, what it is good for, and whether it is a session of an operator ($2: their addresses). That it was
-- used is noted once an hour, which keeps a session 30 days more; a request never waits for another one that notes it.
WITH used AS (
    UPDATE tokens SET last_used_at = clock_timestamp(),
        expires_at = CASE WHEN session THEN clock_timestamp() + interval '30 days' END
    WHERE token_hash IN (SELECT token_hash FROM tokens
        WHERE token_hash = $1 AND (last_used_at IS NULL OR last_used_at < clock_timestamp() - interval '1 hour')
            AND (expires_at IS NULL OR expires_at > clock_timestamp())
        FOR NO KEY UPDATE SKIP LOCKED))
SELECT t.member_id, t.scope, t.session AND m.email_verified AND m.email = ANY($2::text[]) AS operates
FROM tokens t JOIN members m USING (member_id)
WHERE t.token_hash = $1 AND (t.expires_at IS NULL OR t.expires_at > clock_timestamp())

-- name: add_token
-- One more token of a member who is there.
INSERT INTO tokens (token_hash, member_id) SELECT $1, member_id FROM members WHERE member_id = $2 RETURNING member_id

-- name: delete_tokens
-- None of the member's tokens opens anything from now on.
DELETE FROM tokens WHERE member_id = $1

-- name: find_member
-- A member's own row.
SELECT * FROM members WHERE member_id = $1

-- name: find_members
-- Several members' rows.
SELECT * FROM members WHERE member_id = ANY($1::text[])

-- name: lock_member
-- A member's row, not to be erased or changed by anybody else until the transaction ends; links to it may be made.
SELECT * FROM members WHERE member_id = $1 FOR NO KEY UPDATE

-- name: lock_member_for_deletion
-- A member's row about to be deleted.
SELECT * FROM members WHERE member_id = $1 FOR UPDATE

-- name: add_member
-- A new member, and what people.v1 has of them.
INSERT INTO members (member_id, name, email, email_verified, new_email, profile_url, profile_key, profile_verified,
    time_zone, headline, employments, skills, seeking, introduces, visible_to_contacts, findable, looks_openly, discreet,
    hiring_contact_for, version, digest)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)

-- name: update_member
-- The profile as it is now, and what people.v1 has of it.
UPDATE members SET name = $2, email = $3, email_verified = $4, new_email = $5, profile_url = $6, profile_key = $7,
    profile_verified = $8, time_zone = $9, headline = $10, employments = $11, skills = $12, seeking = $13,
    introduces = $14, visible_to_contacts = $15, findable = $16, looks_openly = $17, discreet = $18,
    hiring_contact_for = $19, version = $20, digest = $21
WHERE member_id = $1

-- name: find_books
-- What the member imported last, by source: how many it lists, and its fingerprint.
SELECT books FROM members WHERE member_id = $1

-- name: imported
-- The lists that are in force from now on; whom they make findable is to be decided.
UPDATE members SET books = books || $2, to_refind = true WHERE member_id = $1

-- name: store_corrections
-- What the member says of companies in their address book from now on.
UPDATE members SET corrections = $2 WHERE member_id = $1

-- name: companies_named
-- How a member's address book names companies.
SELECT DISTINCT company FROM contacts WHERE owner_id = $1 AND company IS NOT NULL

-- name: lock_contacts_at
-- A member's contacts at companies of these names.
SELECT * FROM contacts WHERE owner_id = $1 AND company = ANY($2::text[]) ORDER BY contact_id FOR UPDATE

-- name: delete_member
-- The member with tokens and address book. Other people's contacts must point elsewhere by now.
DELETE FROM members WHERE member_id = $1

-- name: find_members_named
-- Members whose verified address ($1) or profile link ($2), proven or claimed, or id ($3) this is; none of them $4.
SELECT * FROM members
WHERE ((email_verified AND email = ANY($1::text[])) OR profile_key = ANY($2::text[]) OR member_id = ANY($3::text[]))
    AND member_id <> $4
ORDER BY created_at, member_id

-- name: find_proven_links
-- Which of these profile links a member has proven.
SELECT profile_key FROM members WHERE profile_key = ANY($1::text[]) AND profile_verified

-- name: refind_claimers
-- Who finds whom by a link that was merely claimed so far is to be decided again: somebody has proven it.
UPDATE members SET to_refind = true WHERE profile_key = $1 AND NOT profile_verified

-- name: find_entries_naming
-- Entries of these members ($1) that name somebody by their verified address ($2) or profile link ($3), or by the id ($4)
-- under which the two were introduced.
SELECT * FROM contacts
WHERE owner_id = ANY($1::text[]) AND (email = $2 OR profile_key = $3 OR introduced_to = $4) ORDER BY contact_id

-- name: lock_entries_naming_members
-- A member's own entries that are members already, or name one by an address, a link or an introduction.
SELECT * FROM contacts WHERE contact_id IN (
    SELECT contact_id FROM contacts WHERE owner_id = $1 AND member_id IS NOT NULL
    UNION
    SELECT c.contact_id FROM contacts c JOIN members m ON m.email = c.email AND m.email_verified WHERE c.owner_id = $1
    UNION
    SELECT c.contact_id FROM contacts c JOIN members m ON m.profile_key = c.profile_key WHERE c.owner_id = $1
    UNION
    SELECT c.contact_id FROM contacts c JOIN members m ON m.member_id = c.introduced_to WHERE c.owner_id = $1)
ORDER BY contact_id FOR UPDATE

-- name: lock_entries_about
-- Other people's entries that are this member ($1), or name their verified address ($2) or profile link ($3), or that an
-- introduction to them brought.
SELECT * FROM contacts WHERE owner_id <> $1 AND (member_id = $1 OR email = $2 OR profile_key = $3 OR introduced_to = $1)
ORDER BY contact_id FOR UPDATE

-- name: refind_members
-- Of these members it is to be decided again who finds them.
UPDATE members SET to_refind = true WHERE member_id = ANY($1::text[])

-- name: refind_everybody
-- Of all members it is to be decided again who finds them: companies mean something else.
UPDATE members SET to_refind = true WHERE NOT to_refind

-- name: to_refind
-- Members of whom it is to be decided again who finds them.
SELECT member_id FROM members WHERE to_refind ORDER BY member_id LIMIT $1

-- name: mark_links_updated
-- It was decided.
UPDATE members SET to_refind = false WHERE member_id = $1

-- name: mark_members_who_changed_jobs
-- A job that begins or ends on one of these days changes who works where: whom that hides is to be decided again.
UPDATE members SET to_refind = true
WHERE EXISTS (SELECT FROM jsonb_array_elements(employments) AS job
    WHERE (job ->> 'start')::date = ANY($1::date[]) OR (job ->> 'end')::date = ANY($1::date[]))

-- name: delete_confirmations
-- Nobody's entry says any more that it was recognised as this member.
UPDATE contacts SET confirmed = NULL WHERE confirmed = $1

-- name: count_contacts
-- How many contacts a member has.
SELECT count(*) FROM contacts WHERE owner_id = $1

-- name: lock_contacts
-- A whole address book, for an import or an erasure.
SELECT * FROM contacts WHERE owner_id = $1 ORDER BY contact_id FOR UPDATE

-- name: find_contact
-- One contact, as in lock_contact.
SELECT * FROM contacts WHERE owner_id = $1 AND (contact_id = $2 OR member_id = $2)

-- name: find_contacts_named
-- Several contacts, as in lock_contact; those that are there, in the order of list_contacts.
SELECT * FROM contacts WHERE owner_id = $1 AND (contact_id = ANY($2::text[]) OR member_id = ANY($2::text[]))
ORDER BY name_key, contact_id

-- name: find_contacts
-- A whole address book that is locked.
SELECT * FROM contacts WHERE owner_id = $1 ORDER BY contact_id

-- name: find_linked
-- The members whom a member's entries are linked to.
SELECT member_id FROM contacts WHERE owner_id = $1 AND member_id IS NOT NULL

-- name: lock_contact
-- One contact by the id its owner knows it by. A contact who is a member is found by either id.
SELECT * FROM contacts WHERE owner_id = $1 AND (contact_id = $2 OR member_id = $2) FOR UPDATE

-- name: lock_contacts_named
-- Several contacts by the ids their owner knows them by, as in lock_contact.
SELECT * FROM contacts WHERE owner_id = $1 AND (contact_id = ANY($2::text[]) OR member_id = ANY($2::text[]))
ORDER BY contact_id FOR UPDATE

-- name: lock_contacts_linked_to
-- Every entry of other people's address books that is this member, or that an introduction to them brought.
SELECT * FROM contacts WHERE member_id = $1 OR introduced_to = $1 ORDER BY contact_id FOR UPDATE

-- name: lock_linked_contacts
-- Every tie between a member and other members, from either side.
SELECT * FROM contacts WHERE member_id = $1 OR (owner_id = $1 AND member_id IS NOT NULL)
ORDER BY contact_id FOR UPDATE

-- name: list_contacts
-- A page of an address book by name; $2 searches names and companies, $3 keeps only those whose profile link somebody
-- claims who said yes to the owner (`finding.claims`), ($4, $5) is the last one seen.
SELECT * FROM contacts c
WHERE owner_id = $1
  AND ($2::text IS NULL OR folded LIKE $2)
  AND (NOT $3::boolean OR (member_id IS NULL AND EXISTS (
      SELECT FROM members m JOIN contacts back ON back.owner_id = m.member_id JOIN members o ON o.member_id = $1
      WHERE m.profile_key = c.profile_key AND NOT m.profile_verified AND m.member_id <> $1
          AND back.may_find_me AND NOT back.blocked
          AND ((o.email_verified AND back.email = o.email) OR (back.profile_key = o.profile_key
              AND (o.profile_verified OR abs(back.connected_on - c.connected_on) <= 1))))))
  AND ($4::text IS NULL OR (name_key, contact_id) > ($4, $5))
ORDER BY name_key, contact_id LIMIT $6

-- name: list_companies
-- Where a member's contacts work, most contacts first; ($2, $3) is the last one seen. Of each company the first 50.
WITH companies AS (
    SELECT company_key, min(coalesce(corrected, company)) AS company, count(*) AS contacts,
        (array_agg(coalesce(member_id, contact_id) ORDER BY name_key, contact_id))[1:50] AS ids,
        (array_agg(position ORDER BY name_key, contact_id))[1:50] AS positions
    FROM contacts WHERE owner_id = $1 AND company_key IS NOT NULL GROUP BY company_key)
SELECT * FROM companies
WHERE $2::bigint IS NULL OR (-contacts, company_key) > (-$2::bigint, $3::text)
ORDER BY contacts DESC, company_key LIMIT $4

-- name: count_by_company
-- The same without the people, whom it takes most of the time to sort.
WITH companies AS (
    SELECT company_key, min(coalesce(corrected, company)) AS company, count(*) AS contacts,
        '{}'::text[] AS ids, '{}'::text[] AS positions
    FROM contacts WHERE owner_id = $1 AND company_key IS NOT NULL GROUP BY company_key)
SELECT * FROM companies
WHERE $2::bigint IS NULL OR (-contacts, company_key) > (-$2::bigint, $3::text)
ORDER BY contacts DESC, company_key LIMIT $4

-- name: update_contact
-- A contact as it is now.
UPDATE contacts SET owner_id = $2, name = $3, name_key = $4, folded = $5, email = $6, profile_url = $7,
    profile_key = $8, company = $9, company_key = $10, position = $11, connected_on = $12, closeness = $13,
    blocked = $14, member_id = $15, person_version = $16, person_digest = $17, tie_version = $18, tie_digest = $19,
    company_vocabulary = $20, given_name = $21, worked_together = $23, may_find_me = $24, confirmed = $25,
    corrected = $22, introduced = $26, introduced_to = $27
WHERE contact_id = $1

-- name: find_introduced
-- Who said yes to whom in an introduction.
SELECT person_id, other_id, version FROM introduced WHERE introduction_id = $1

-- name: find_introduced_pair
-- When $2 said yes to $1, or $1 was introduced to them; with a talk after it, by the word of $1?
SELECT introduced_at, talked FROM introduced WHERE person_id = $1 AND other_id = $2

-- name: find_yeses
-- To whom of $1 somebody of $2 has said yes in an introduction.
SELECT DISTINCT person_id, other_id FROM introduced WHERE person_id = ANY($1::text[]) AND other_id = ANY($2::text[])

-- name: said_yes
-- Whether $2 has said yes to $1, in an introduction or by saying that an entry of theirs is about them.
SELECT EXISTS (SELECT FROM introduced WHERE person_id = $1 AND other_id = $2)
    OR EXISTS (SELECT FROM contacts WHERE owner_id = $1 AND introduced_to = $2)

-- name: delete_introduced
-- Nothing is said of an introduction any more.
DELETE FROM introduced WHERE introduction_id = $1

-- name: delete_introduced_to
-- Of nobody it is known any more that this member or entry said yes to them.
DELETE FROM introduced WHERE other_id = $1

-- name: add_introduced
-- A yes, and one person's word on what came of it.
INSERT INTO introduced (introduction_id, version, person_id, other_id, introduced_at, talked)
VALUES ($1, $2, $3, $4, $5, $6)

-- name: lock_entries_for
-- The entries of $1 for somebody known as $2 with the verified address $3 and the proven link $4: the one linked to them
-- first. One that is linked to somebody else is not about them.
SELECT * FROM contacts
WHERE owner_id = $1 AND coalesce(member_id = $2, true)
    AND (member_id = $2 OR contact_id = $2 OR introduced_to = $2 OR email = $3 OR profile_key = $4)
ORDER BY member_id IS NULL, introduced_to IS NULL, contact_id FOR UPDATE

-- name: find_sources
-- What each source says of these contacts, in the order of the fields of SourceFacts.
SELECT contact_id, source, name, listed, seen, email, profile_url, company, position, connected_on, connected, address,
    sent, received, last_message, given_name
FROM contact_sources WHERE contact_id = ANY($1::text[]) ORDER BY contact_id, NOT connected, NOT address, source

-- name: count_listed
-- How many of a member's contacts these sources list.
SELECT count(DISTINCT contact_id) FROM contact_sources JOIN contacts USING (contact_id)
WHERE owner_id = $1 AND contact_sources.source = ANY($2::text[]) AND contact_sources.listed

-- name: unlink_contacts
-- These contacts are no member for the moment.
UPDATE contacts SET member_id = NULL WHERE contact_id = ANY($1::text[])

-- name: delete_sources
-- What the sources said of these contacts.
DELETE FROM contact_sources WHERE contact_id = ANY($1::text[])

-- name: outdated_company_keys
-- Contacts after $2 whose company key was not resolved by the vocabulary $1.
SELECT contact_id, coalesce(corrected, company) AS company FROM contacts
WHERE contact_id > $2 AND company IS NOT NULL AND corrected IS DISTINCT FROM '' AND company_vocabulary IS DISTINCT FROM $1
ORDER BY contact_id LIMIT $3

-- name: update_company_key
-- The key of a contact's company, unless the contact has another company by now.
UPDATE contacts SET company_key = $3, company_vocabulary = $4
WHERE contact_id = $1 AND coalesce(corrected, company) = $2

-- name: delete_contacts
-- Contacts that left their owner's list.
DELETE FROM contacts WHERE contact_id = ANY($1::text[])

-- name: find_cards
-- Names for messages: the viewer ($2), members whom the viewer found, and the viewer's own contacts. Given name, link and
-- the day of connecting are what the viewer's own book says of them; address and headline are the viewer's own. Whom the
-- viewer lists only since they block them, they have not found.
SELECT m.member_id AS id, m.name, c.given_name, CASE WHEN m.email_verified AND m.member_id = $2 THEN m.email END AS email,
    CASE WHEN m.member_id = $2 THEN m.headline END AS headline, true AS member, m.employments, NULL AS company,
    NULL AS position, c.profile_url, c.connected_on
FROM members m LEFT JOIN contacts c ON c.owner_id = $2 AND c.member_id = m.member_id
    AND (NOT c.blocked OR c.introduced > 0 OR EXISTS (SELECT FROM contact_sources s WHERE s.contact_id = c.contact_id))
WHERE m.member_id = ANY($1::text[]) AND (m.member_id = $2 OR c.contact_id IS NOT NULL)
UNION ALL
SELECT contact_id, name, given_name, NULL, NULL, false, NULL, company, position, profile_url, connected_on
FROM contacts WHERE contact_id = ANY($1::text[]) AND owner_id = $2

-- name: published_book
-- How many records of a member's address book topics hold, and the sum of their versions. Members speak for themselves.
SELECT count(tie_version) AS ties, count(person_version) FILTER (WHERE member_id IS NULL) AS people,
    coalesce(sum(tie_version), 0) + coalesce(sum(person_version) FILTER (WHERE member_id IS NULL), 0) AS versions
FROM contacts WHERE owner_id = $1

-- name: erased_versions
-- The versions that erased records had.
SELECT key, version FROM erased WHERE topic = $1 AND key = ANY($2::text[])

-- name: store_erased
-- What was erased, and the version of its tombstone.
INSERT INTO erased (topic, key, version) SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[])
ON CONFLICT (topic, key) DO UPDATE SET version = excluded.version, erased_at = now()

-- name: delete_old_erased
-- Versions that nobody needs any more.
DELETE FROM erased WHERE erased_at < now() - $1::interval

-- name: list_member_versions
-- All members, a page at a time; $1 is the last one seen.
SELECT member_id, version, digest FROM members WHERE $1::text IS NULL OR member_id > $1 ORDER BY member_id LIMIT $2

-- name: list_contact_versions
-- All contacts, a page at a time; $1 is the last one seen.
SELECT contact_id, owner_id, member_id, person_version, person_digest, tie_version, tie_digest
FROM contacts WHERE $1::text IS NULL OR contact_id > $1 ORDER BY contact_id LIMIT $2

-- name: lock_members
-- Those of these members who are there, as in lock_member.
SELECT * FROM members WHERE member_id = ANY($1::text[]) ORDER BY member_id FOR NO KEY UPDATE

-- name: lock_contacts_by_id
-- Those of these contacts that are there.
SELECT * FROM contacts WHERE contact_id = ANY($1::text[]) ORDER BY contact_id FOR UPDATE

-- name: find_known_people
-- Which of these ids people.v1 has a reason to know.
SELECT member_id AS key FROM members WHERE member_id = ANY($1::text[])
UNION ALL
SELECT contact_id FROM contacts WHERE contact_id = ANY($1::text[]) AND member_id IS NULL

-- name: find_known_ties
-- Which of these ties ($1 owners, $2 the ids they know the other by) are there.
SELECT c.owner_id, coalesce(c.member_id, c.contact_id) AS person_id
FROM contacts c JOIN unnest($1::text[], $2::text[]) AS wanted (owner_id, person_id) ON c.owner_id = wanted.owner_id
    AND (c.member_id = wanted.person_id OR (c.member_id IS NULL AND c.contact_id = wanted.person_id))
