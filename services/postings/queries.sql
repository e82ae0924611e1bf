-- name: add_organisation
-- A new organisation.
INSERT INTO organisations (organisation_id, name, created_at, vouched) VALUES ($1, $2, $3, $4);

-- name: lock_organisation
-- Whether it exists; its other writers that need to be alone wait until the transaction ends.
SELECT 1 FROM organisations WHERE organisation_id = $1 FOR NO KEY UPDATE;

-- name: add_key
-- A new key of an organisation, as its hash.
INSERT INTO api_keys (key_id, organisation_id, key_hash, created_at) VALUES ($1, $2, $3, $4);

-- name: find_organisation
-- Whether somebody vouches for an organisation; no row where there is none.
SELECT vouched FROM organisations WHERE organisation_id = $1;

-- name: vouch
-- Whether somebody vouches for an organisation; its openings are published again by the timer.
UPDATE organisations SET vouched = $2 WHERE organisation_id = $1 RETURNING organisation_id;

-- name: list_keys
-- An organisation's keys, oldest first.
SELECT key_id, created_at FROM api_keys WHERE organisation_id = $1 ORDER BY created_at, key_id;

-- name: begin_day_of_openings
-- Make today's row of an organisation where there is none yet.
INSERT INTO new_openings (organisation_id, day, made) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING;

-- name: lock_day_of_openings
-- How many new openings it made today, held until the transaction ends.
SELECT made FROM new_openings WHERE organisation_id = $1 AND day = $2 FOR UPDATE;

-- name: count_new_openings
-- So many more.
UPDATE new_openings SET made = made + $3 WHERE organisation_id = $1 AND day = $2;

-- name: forget_days_of_openings
-- Days before this one count no longer.
DELETE FROM new_openings WHERE day < $1;

-- name: agreed_contacts
-- Which of these people agreed to be named by this organisation; they cannot take it back until the transaction ends.
SELECT person_id FROM hiring_consents WHERE organisation_id = $1 AND person_id = ANY($2::text[]) FOR SHARE;

-- name: withdraw_consents
-- The person agrees to be named by none but these organisations.
DELETE FROM hiring_consents WHERE person_id = $1 AND organisation_id <> ALL($2::text[]);

-- name: add_consents
-- The person agrees to be named by these organisations.
INSERT INTO hiring_consents (person_id, organisation_id) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING;

-- name: lock_unlike_organisation
-- Postings whose record does not say what is so now: whether their organisation is vouched for, and that the hiring
-- contact agreed. Held until the transaction ends, at most $1 of them.
SELECT p.organisation_id, p.external_id, p.record, p.created_at, p.updated_at, p.closed_by, o.vouched,
    p.hiring_contact IS NULL OR c.person_id IS NOT NULL AS agreed
FROM postings p
JOIN organisations o USING (organisation_id)
LEFT JOIN hiring_consents c ON c.person_id = p.hiring_contact AND c.organisation_id = p.organisation_id
WHERE (p.record->>'vouched')::boolean IS DISTINCT FROM o.vouched
   OR (p.hiring_contact IS NOT NULL AND c.person_id IS NULL)
ORDER BY p.posting_id LIMIT $1 FOR UPDATE OF p;

-- name: note_closed_by_hand
-- It is closed already; from now on only a hand opens it again.
UPDATE postings SET closed_by = 'hand' WHERE posting_id = $1;

-- name: find_key
-- Whose key has this hash.
SELECT organisation_id FROM api_keys WHERE key_hash = $1;

-- name: drop_key
-- Take a key away; gives its id where there was one.
DELETE FROM api_keys WHERE organisation_id = $1 AND key_id = $2 RETURNING key_id;

-- name: find_posting
-- One posting of an organisation.
SELECT organisation_id, external_id, record, created_at, updated_at, closed_by
FROM postings WHERE organisation_id = $1 AND posting_id = $2;

-- name: lock_posting
-- One posting of an organisation, held until the transaction ends.
SELECT organisation_id, external_id, record, created_at, updated_at, closed_by
FROM postings WHERE organisation_id = $1 AND posting_id = $2 FOR UPDATE;

-- name: page_postings
-- All postings, a page at a time; $1 is the last one seen.
SELECT posting_id, record FROM postings WHERE $1::text IS NULL OR posting_id > $1 ORDER BY posting_id LIMIT $2;

-- name: lock_postings
-- Those of these postings that are there, held until the transaction ends.
SELECT organisation_id, external_id, record, created_at, updated_at, closed_by
FROM postings WHERE posting_id = ANY($1::text[]) ORDER BY posting_id FOR UPDATE;

-- name: known_postings
-- Which of these postings are there.
SELECT posting_id FROM postings WHERE posting_id = ANY($1::text[]);

-- name: find_clock
-- The day last written.
SELECT day, version FROM clock WHERE key = $1;

-- name: lock_by_external_id
-- The postings of an organisation that bear one of these ids of its own, held until the transaction ends.
SELECT organisation_id, external_id, record, created_at, updated_at, closed_by
FROM postings WHERE organisation_id = $1 AND external_id = ANY($2::text[]) ORDER BY posting_id FOR UPDATE;

-- name: list_postings
-- A page of an organisation's postings, newest first; what a filter leaves open is null.
SELECT organisation_id, external_id, record, created_at, updated_at, closed_by
FROM postings
WHERE organisation_id = $1
  AND ($2::text IS NULL OR status = $2)
  AND ($3::text IS NULL OR company = $3 OR company_domain = $3)
  AND NOT EXISTS (SELECT FROM unnest($4::text[]) AS word WHERE strpos(title, word) = 0)
  AND ($5::timestamptz IS NULL OR posted_at >= $5)
  AND ($6::timestamptz IS NULL OR posted_at < $6)
  AND ($7::timestamptz IS NULL OR (posted_at, posting_id) < ($7, $8::text))
  AND ($9::text IS NULL OR external_id = $9)
ORDER BY posted_at DESC, posting_id DESC
LIMIT $10;

-- name: save_posting
-- Write a posting as it is now; only its own organisation's row is ever replaced.
INSERT INTO postings (
    posting_id, organisation_id, external_id, status, company, company_domain, title, posted_at, valid_through,
    hiring_contact, record, created_at, updated_at, closed_by
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT (posting_id) DO UPDATE SET
    external_id = excluded.external_id, status = excluded.status, company = excluded.company,
    company_domain = excluded.company_domain, title = excluded.title, posted_at = excluded.posted_at,
    valid_through = excluded.valid_through, hiring_contact = excluded.hiring_contact, record = excluded.record,
    updated_at = excluded.updated_at, closed_by = excluded.closed_by
WHERE postings.organisation_id = excluded.organisation_id;

-- name: delete_posting
-- Remove a posting; its tombstone goes out in the same transaction.
DELETE FROM postings WHERE posting_id = $1;

-- name: lock_by_contact
-- Postings that name this person as their hiring contact, but those of these organisations; held until the transaction
-- ends.
SELECT organisation_id, external_id, record, created_at, updated_at, closed_by
FROM postings WHERE hiring_contact = $1 AND organisation_id <> ALL($2::text[]) ORDER BY posting_id FOR UPDATE;

-- name: lock_expired
-- Open postings whose last day is over, held until the transaction ends, at most $2 of them.
SELECT organisation_id, external_id, record, created_at, updated_at, closed_by
FROM postings WHERE status = 'open' AND valid_through < $1 ORDER BY posting_id LIMIT $2 FOR UPDATE;

-- name: begin_clock
-- Make the clock's row where there is none yet, with a day before any other.
INSERT INTO clock (key, day, version) VALUES ($1, '0001-01-01', 0) ON CONFLICT DO NOTHING;

-- name: lock_clock
-- The day last written, held until the transaction ends: of two processes one writes the next day.
SELECT day, version FROM clock WHERE key = $1 FOR UPDATE;

-- name: move_clock
-- The day that was written.
UPDATE clock SET day = $2, version = $3 WHERE key = $1;
