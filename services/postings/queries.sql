-- name: add_organisation
-- A new organisation.
INSERT INTO organisations (organisation_id, name, created_at) VALUES ($1, $2, $3);

-- name: lock_organisation
-- Whether it exists; its other writers that need to be alone wait until the transaction ends.
SELECT 1 FROM organisations WHERE organisation_id = $1 FOR NO KEY UPDATE;

-- name: add_key
-- A new key of an organisation, as its hash.
INSERT INTO api_keys (key_id, organisation_id, key_hash, created_at) VALUES ($1, $2, $3, $4);

-- name: find_key
-- Whose key has this hash.
SELECT organisation_id FROM api_keys WHERE key_hash = $1;

-- name: drop_key
-- Take a key away; gives its id where there was one.
DELETE FROM api_keys WHERE organisation_id = $1 AND key_id = $2 RETURNING key_id;

-- name: find_posting
-- One posting of an organisation.
SELECT organisation_id, external_id, record, created_at, updated_at
FROM postings WHERE organisation_id = $1 AND posting_id = $2;

-- name: lock_posting
-- One posting of an organisation, held until the transaction ends.
SELECT organisation_id, external_id, record, created_at, updated_at
FROM postings WHERE organisation_id = $1 AND posting_id = $2 FOR UPDATE;

-- name: page_postings
-- All postings, a page at a time; $1 is the last one seen.
SELECT posting_id, record FROM postings WHERE $1::text IS NULL OR posting_id > $1 ORDER BY posting_id LIMIT $2;

-- name: lock_postings
-- Those of these postings that are there, held until the transaction ends.
SELECT organisation_id, external_id, record, created_at, updated_at
FROM postings WHERE posting_id = ANY($1::text[]) ORDER BY posting_id FOR UPDATE;

-- name: known_postings
-- Which of these postings are there.
SELECT posting_id FROM postings WHERE posting_id = ANY($1::text[]);

-- name: find_clock
-- The day last written.
SELECT day, version FROM clock WHERE key = $1;

-- name: lock_by_external_id
-- The postings of an organisation that bear one of these ids of its own, held until the transaction ends.
SELECT organisation_id, external_id, record, created_at, updated_at
FROM postings WHERE organisation_id = $1 AND external_id = ANY($2::text[]) ORDER BY posting_id FOR UPDATE;

-- name: list_postings
-- A page of an organisation's postings, newest first; what a filter leaves open is null.
SELECT organisation_id, external_id, record, created_at, updated_at
FROM postings
WHERE organisation_id = $1
  AND ($2::text IS NULL OR status = $2)
  AND ($3::text IS NULL OR company = $3 OR company_domain = $3)
  AND ($4::text IS NULL OR strpos(title, $4) > 0)
  AND ($5::timestamptz IS NULL OR posted_at >= $5)
  AND ($6::timestamptz IS NULL OR posted_at < $6)
  AND ($7::timestamptz IS NULL OR (posted_at, posting_id) < ($7, $8::text))
ORDER BY posted_at DESC, posting_id DESC
LIMIT $9;

-- name: save_posting
-- Write a posting as it is now; only its own organisation's row is ever replaced.
INSERT INTO postings (
    posting_id, organisation_id, external_id, status, company, company_domain, title, posted_at, valid_through,
    hiring_contact, record, created_at, updated_at
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT (posting_id) DO UPDATE SET
    external_id = excluded.external_id, status = excluded.status, company = excluded.company,
    company_domain = excluded.company_domain, title = excluded.title, posted_at = excluded.posted_at,
    valid_through = excluded.valid_through, hiring_contact = excluded.hiring_contact, record = excluded.record,
    updated_at = excluded.updated_at
WHERE postings.organisation_id = excluded.organisation_id;

-- name: delete_posting
-- Remove a posting; its tombstone goes out in the same transaction.
DELETE FROM postings WHERE posting_id = $1;

-- name: lock_by_contact
-- All postings that name this person as their hiring contact, held until the transaction ends.
SELECT organisation_id, external_id, record, created_at, updated_at
FROM postings WHERE hiring_contact = $1 ORDER BY posting_id FOR UPDATE;

-- name: lock_expired
-- Open postings whose last day is over, held until the transaction ends, at most $2 of them.
SELECT organisation_id, external_id, record, created_at, updated_at
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
