-- name: lock_organisation
-- Whether it exists, locked until the transaction ends against other writers that take this lock.
SELECT 1 FROM organisations WHERE organisation_id = $1 FOR NO KEY UPDATE;

-- name: find_organisation
-- Whether an organisation is vouched for, by an operator or its web domain; no row for an unknown one.
SELECT coalesce(vouched, domain IS NOT NULL) AS vouched FROM organisations WHERE organisation_id = $1;

-- name: add_day_of_openings
-- Add today's row of an organisation if there is none yet.
INSERT INTO new_openings (organisation_id, day, made) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING;

-- name: lock_day_of_openings
-- How many openings it created today, locked until the transaction ends.
SELECT made FROM new_openings WHERE organisation_id = $1 AND day = $2 FOR UPDATE;

-- name: count_new_openings
-- Add to the number of openings created today.
UPDATE new_openings SET made = made + $3 WHERE organisation_id = $1 AND day = $2;

-- name: delete_days_of_openings
-- Delete the counts of earlier days.
DELETE FROM new_openings WHERE day < $1;

-- name: lock_agreed_contacts
-- Which of these people agreed to be named by this organisation, locked until the transaction ends.
SELECT person_id FROM willing_contacts WHERE organisation_id = $1 AND person_id = ANY($2::text[]) FOR SHARE;

-- name: withdraw_consents
-- Delete the person's consents but for these organisations.
DELETE FROM hiring_consents WHERE person_id = $1 AND organisation_id <> ALL($2::text[]);

-- name: add_consents
-- Add the person's consents to be named by these organisations.
INSERT INTO hiring_consents (person_id, organisation_id) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING;

-- name: lock_outdated
-- Postings whose record is outdated: in whether the organisation is vouched for, or by naming a hiring contact who has not
-- agreed. At most $1 of them, locked until the transaction ends.
SELECT p.organisation_id, p.external_id, p.record, p.created_at, p.updated_at, p.closed_by,
    coalesce(o.vouched, o.domain IS NOT NULL) AS vouched, p.hiring_contact IS NULL OR c.person_id IS NOT NULL AS agreed
FROM postings p
JOIN organisations o USING (organisation_id)
LEFT JOIN willing_contacts c ON c.person_id = p.hiring_contact AND c.organisation_id = p.organisation_id
WHERE (p.record->>'vouched')::boolean IS DISTINCT FROM coalesce(o.vouched, o.domain IS NOT NULL)
   OR (p.hiring_contact IS NOT NULL AND c.person_id IS NULL)
ORDER BY p.posting_id LIMIT $1 FOR UPDATE OF p;

-- name: mark_closed_by_hand
-- Of a closed posting: from now on feeds do not open it again.
UPDATE postings SET closed_by = 'hand' WHERE posting_id = $1;

-- name: find_posting
-- One posting of an organisation.
SELECT organisation_id, external_id, record, created_at, updated_at, closed_by
FROM postings WHERE organisation_id = $1 AND posting_id = $2;

-- name: lock_posting
-- One posting of an organisation, locked until the transaction ends.
SELECT organisation_id, external_id, record, created_at, updated_at, closed_by
FROM postings WHERE organisation_id = $1 AND posting_id = $2 FOR UPDATE;

-- name: find_reach
-- The reach of an opening as worked out last.
SELECT reach, reach_at FROM postings WHERE organisation_id = $1 AND posting_id = $2;

-- name: claim_reach_due
-- An opening whose reach is due at $1, or for the first time since it was created by $2: taken until $3, when it is due
-- again unless `keep_reach` says otherwise. Other processes skip it.
UPDATE postings SET reach_due_at = $3 WHERE posting_id = (
    SELECT posting_id FROM postings
    WHERE status = 'open' AND (reach_due_at <= $1 OR (reach_due_at IS NULL AND created_at <= $2))
    LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING posting_id;

-- name: keep_reach
-- What was worked out at $3, and when it is due again.
UPDATE postings SET reach = $2, reach_at = $3, reach_due_at = $4 WHERE posting_id = $1;

-- name: list_all_postings
-- All postings, a page at a time; $1 is the last one seen.
SELECT posting_id, record FROM postings WHERE $1::text IS NULL OR posting_id > $1 ORDER BY posting_id LIMIT $2;

-- name: lock_postings
-- Those of these postings that exist, locked until the transaction ends.
SELECT organisation_id, external_id, record, created_at, updated_at, closed_by
FROM postings WHERE posting_id = ANY($1::text[]) ORDER BY posting_id FOR UPDATE;

-- name: find_known_postings
-- Which of these postings exist.
SELECT posting_id FROM postings WHERE posting_id = ANY($1::text[]);

-- name: find_clock
-- The day last written.
SELECT day, version FROM clock WHERE key = $1;

-- name: lock_by_external_id
-- The postings of an organisation with these external ids, locked until the transaction ends.
SELECT organisation_id, external_id, record, created_at, updated_at, closed_by
FROM postings WHERE organisation_id = $1 AND external_id = ANY($2::text[]) ORDER BY posting_id FOR UPDATE;

-- name: list_postings
-- A page of an organisation's postings, newest first; a filter that is null does not filter.
SELECT organisation_id, external_id, record, created_at, updated_at, closed_by, reach, reach_at
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
-- Store a posting; a row of another organisation is never replaced.
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
-- Delete a posting; its tombstone is written in the same transaction.
DELETE FROM postings WHERE posting_id = $1;

-- name: lock_by_contact
-- Postings that name this person as hiring contact, except those of these organisations; locked until the transaction
-- ends.
SELECT organisation_id, external_id, record, created_at, updated_at, closed_by
FROM postings WHERE hiring_contact = $1 AND organisation_id <> ALL($2::text[]) ORDER BY posting_id FOR UPDATE;

-- name: lock_by_contact_of
-- Postings of an organisation that name this person as hiring contact, locked until the transaction ends.
SELECT organisation_id, external_id, record, created_at, updated_at, closed_by
FROM postings WHERE hiring_contact = $1 AND organisation_id = $2 ORDER BY posting_id FOR UPDATE;

-- name: lock_open
-- The open postings of an organisation, locked until the transaction ends.
SELECT organisation_id, external_id, record, created_at, updated_at, closed_by
FROM postings WHERE organisation_id = $1 AND status = 'open' ORDER BY posting_id FOR UPDATE;

-- name: lock_expired
-- Open postings whose last day is over, at most $2 of them, locked until the transaction ends.
SELECT organisation_id, external_id, record, created_at, updated_at, closed_by
FROM postings WHERE status = 'open' AND valid_through < $1 ORDER BY posting_id LIMIT $2 FOR UPDATE;

-- name: add_clock
-- Add the row of the clock if there is none yet, with a day before any other.
INSERT INTO clock (key, day, version) VALUES ($1, '0001-01-01', 0) ON CONFLICT DO NOTHING;

-- name: lock_clock
-- The day last written, locked until the transaction ends: of two processes one writes the next day.
SELECT day, version FROM clock WHERE key = $1 FOR UPDATE;

-- name: advance_clock
-- Set the day that was written.
UPDATE clock SET day = $2, version = $3 WHERE key = $1;
