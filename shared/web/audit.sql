-- name: note
-- One row for each subject, in the effect's own transaction.
INSERT INTO audit (actor, actor_id, action, subject, request_id, trace_id)
SELECT $1, $2, $3, subject, $5, $6 FROM unnest($4::text[]) AS subject

-- name: page
-- Newest first, below $1 if given; only rows about or by $2 (an id, and for people also its digest) if given.
SELECT seq, at, actor, actor_id, action, subject, request_id, trace_id FROM audit
WHERE ($1::bigint IS NULL OR seq < $1) AND ($2::text[] IS NULL OR subject = ANY($2) OR actor_id = ANY($2))
ORDER BY seq DESC LIMIT $3
