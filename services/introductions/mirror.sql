-- name: put_openings
-- Keep openings, one object each in $1; `closed_at` is when the record was written where it says closed. One that was
-- closed before keeps its time. An older version changes nothing.
INSERT INTO openings (posting_id, version, company, title, url, closed_at)
SELECT posting_id, version, company, title, url, closed_at FROM jsonb_populate_recordset(NULL::openings, $1)
ON CONFLICT (posting_id) DO UPDATE SET
    version = excluded.version, company = excluded.company, title = excluded.title, url = excluded.url,
    closed_at = CASE WHEN excluded.closed_at IS NULL THEN NULL ELSE COALESCE(openings.closed_at, excluded.closed_at) END,
    seen_at = clock_timestamp()
WHERE openings.version < excluded.version;

-- name: close_openings
-- Openings $1 of versions $2 were deleted at $3: closed, if they were not before.
UPDATE openings SET version = gone.version, closed_at = COALESCE(closed_at, gone.at), seen_at = clock_timestamp()
FROM unnest($1::text[], $2::bigint[], $3::timestamptz[]) AS gone (posting_id, version, at)
WHERE openings.posting_id = gone.posting_id AND openings.version < gone.version;

-- name: put_suggestions
-- Keep suggestions, live or withdrawn, one object each in $1. An older version changes nothing.
INSERT INTO suggestions (suggestion_id, version, seeker_id, posting_id, fit, paths, introducers, changed_at)
SELECT suggestion_id, version, seeker_id, posting_id, fit, paths, introducers, clock_timestamp()
FROM jsonb_populate_recordset(NULL::suggestions, $1)
ON CONFLICT (suggestion_id) DO UPDATE SET
    version = excluded.version, seeker_id = excluded.seeker_id, posting_id = excluded.posting_id, fit = excluded.fit,
    paths = excluded.paths, introducers = excluded.introducers, changed_at = excluded.changed_at
WHERE suggestions.version < excluded.version;

-- name: put_people
-- Keep members, one object each in $1. An older version, or one from before an erasure, changes nothing.
INSERT INTO people (person_id, version, introduces, looks_openly)
SELECT person_id, version, introduces, looks_openly FROM jsonb_populate_recordset(NULL::people, $1) AS said
WHERE NOT EXISTS (SELECT FROM erased WHERE erased.person_id = said.person_id AND erased.version >= said.version)
ON CONFLICT (person_id) DO UPDATE SET
    version = excluded.version, introduces = excluded.introduces, looks_openly = excluded.looks_openly
WHERE people.version < excluded.version;

-- name: unmark_erased
-- People $1 are there again with versions $2, newer than their erasure.
DELETE FROM erased USING unnest($1::text[], $2::bigint[]) AS there (person_id, version)
WHERE erased.person_id = there.person_id AND erased.version < there.version;

-- name: put_blocks
-- Persons $1 block contacts $2, by records of versions $3. An older version changes nothing.
INSERT INTO blocks (person_id, contact_id, version, blocked)
SELECT person_id, contact_id, version, true
FROM unnest($1::text[], $2::text[], $3::bigint[]) AS said (person_id, contact_id, version)
ON CONFLICT (person_id, contact_id) DO UPDATE SET
    version = excluded.version, blocked = true, changed_at = clock_timestamp()
WHERE blocks.version < excluded.version;

-- name: lift_blocks
-- Ties of persons $1 to contacts $2 hold no block, or are gone, as of versions $3. What was never blocked has no row.
UPDATE blocks SET version = said.version, blocked = false, changed_at = clock_timestamp()
FROM unnest($1::text[], $2::text[], $3::bigint[]) AS said (person_id, contact_id, version)
WHERE blocks.person_id = said.person_id AND blocks.contact_id = said.contact_id AND blocks.version < said.version;

-- name: erase_people
-- Of tombstones of people $1 with versions $2: forget the members among them, and return their ids. Only (id, version)
-- stays. Suggestions and ties that name them are withdrawn by their own topics; their own go at once.
WITH gone AS (SELECT * FROM unnest($1::text[], $2::bigint[]) AS gone (person_id, version)),
members AS (
    DELETE FROM people USING gone WHERE people.person_id = gone.person_id AND people.version < gone.version
    RETURNING gone.person_id, gone.version
), suggested AS (
    UPDATE suggestions
    SET seeker_id = NULL, posting_id = NULL, fit = NULL, paths = NULL, introducers = NULL, changed_at = clock_timestamp()
    WHERE seeker_id IN (SELECT person_id FROM members)
), blocking AS (
    DELETE FROM blocks WHERE person_id IN (SELECT person_id FROM members) OR contact_id IN (SELECT person_id FROM members)
)
INSERT INTO erased (person_id, version) SELECT person_id, version FROM members
ON CONFLICT (person_id) DO UPDATE SET version = excluded.version, erased_at = clock_timestamp()
RETURNING person_id;

-- name: delete_old_suggestions
-- Forget versions of suggestions that were withdrawn longer than $1 ago.
DELETE FROM suggestions WHERE seeker_id IS NULL AND changed_at < clock_timestamp() - $1::interval;

-- name: delete_old_blocks
-- Forget versions of blocks that were lifted longer than $1 ago.
DELETE FROM blocks WHERE NOT blocked AND changed_at < clock_timestamp() - $1::interval;

-- name: delete_old_erased
-- Forget versions of people who were erased longer than $1 ago.
DELETE FROM erased WHERE erased_at < clock_timestamp() - $1::interval;

-- name: delete_old_openings
-- Forget openings that were closed longer than $1 ago and that nothing is about.
DELETE FROM openings WHERE closed_at < clock_timestamp() - $1::interval
  AND NOT EXISTS (SELECT FROM introductions i WHERE i.posting_id = openings.posting_id)
  AND NOT EXISTS (SELECT FROM suggestions s WHERE s.posting_id = openings.posting_id);
