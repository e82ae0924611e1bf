-- name: lock_member
-- One writer a member at a time, until the transaction ends; holds also where the member has no row yet.
SELECT pg_advisory_xact_lock(hashtextextended($1, 8104));

-- name: lock_members
-- The same for all of $1.
SELECT pg_advisory_xact_lock(number)
FROM (SELECT DISTINCT hashtextextended(member_id, 8104) AS number FROM unnest($1::text[]) AS member_id ORDER BY 1) AS locks;

-- name: owners_of
-- Whose inboxes suggestions stand in; their tombstones do not say.
SELECT suggestion_id, member_id FROM items WHERE suggestion_id = ANY($1::text[]) AND member_id IS NOT NULL;

-- name: held
-- All that decisions about suggestions $1 of members $2 (null where nobody's) need; $3 is how long a burst's window is,
-- and more than $4 messages in it are not counted.
SELECT asked.suggestion_id, i.version, i.live, i.status, i.told_at, i.told_seq, i.waiting, i.suggested_at, i.created_at,
    i.content -> 'paths' -> 0 ->> 'introducer_id' AS top,
    clock_timestamp() AS now,
    EXISTS (SELECT 1 FROM erased WHERE member_id = asked.member_id) AS erased,
    (SELECT first_at FROM digests WHERE member_id = asked.member_id) AS digest_since,
    (SELECT max(until) FROM restores) AS restored,
    (SELECT count(*) FROM (
        SELECT FROM events WHERE member_id = asked.member_id AND kind = 'suggestion'
            AND at > statement_timestamp() - $3::interval
        ORDER BY at DESC LIMIT $4) AS latest) AS recent
FROM unnest($1::text[], $2::text[]) AS asked (suggestion_id, member_id)
    LEFT JOIN items AS i ON i.suggestion_id = asked.suggestion_id;

-- name: put_items
-- Live items as they are to stand, one object each in $1. An older version changes nothing.
INSERT INTO items (
    suggestion_id, member_id, posting_id, version, live, status, content, rank, posted_at, suggested_at, created_at,
    waiting, told_seq, told_at, trace_id)
SELECT suggestion_id, member_id, posting_id, version, true, status, content, rank, posted_at, suggested_at, created_at,
    waiting, told_seq, told_at, trace_id
FROM jsonb_populate_recordset(NULL::items, $1)
ON CONFLICT (suggestion_id) DO UPDATE SET
    member_id = excluded.member_id, posting_id = excluded.posting_id, version = excluded.version, live = true,
    status = excluded.status, content = excluded.content, rank = excluded.rank, posted_at = excluded.posted_at,
    suggested_at = excluded.suggested_at, created_at = excluded.created_at, updated_at = clock_timestamp(),
    waiting = excluded.waiting, told_seq = excluded.told_seq, told_at = excluded.told_at,
    trace_id = COALESCE(excluded.trace_id, items.trace_id)
WHERE items.version < excluded.version;

-- name: bury_items
-- Withdraw: the content goes, the version stays; one object each in $1. An older version changes nothing.
INSERT INTO items (suggestion_id, version, live, trace_id)
SELECT suggestion_id, version, false, trace_id FROM jsonb_populate_recordset(NULL::items, $1)
ON CONFLICT (suggestion_id) DO UPDATE SET
    version = excluded.version, live = false, status = 'unread', content = NULL, suggested_at = NULL,
    waiting = false, told_seq = NULL, updated_at = clock_timestamp(),
    trace_id = COALESCE(excluded.trace_id, items.trace_id)
WHERE items.version < excluded.version;

-- name: add_events
-- Events of members $1, of kinds $2, about suggestions $3, in traces $4, under the next numbers of their members' streams;
-- gives the numbers in the order given. Open streams hear of it at commit. Where $5 says so an e-mail goes out too, if the
-- member wants such; without preferences everything is wanted. $6 is when the opening's record was written, where it came
-- of that.
WITH given AS (
    SELECT *, row_number() OVER (PARTITION BY member_id ORDER BY place) AS nth
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::timestamptz[]) WITH ORDINALITY
        AS given (member_id, kind, suggestion_id, traceparent, mailed, posted_at, place)
), counted AS (
    SELECT member_id, count(*) AS number FROM given GROUP BY member_id
), moved AS (
    INSERT INTO members (member_id, last_seq) SELECT member_id, number FROM counted
    ON CONFLICT (member_id) DO UPDATE SET last_seq = members.last_seq + excluded.last_seq
    RETURNING member_id, last_seq, pg_notify('notifications_inbox', member_id)
), numbered AS (
    SELECT given.*, last_seq - number + nth AS seq
    FROM given JOIN counted USING (member_id) JOIN moved USING (member_id)
), added AS (
    INSERT INTO events (member_id, seq, kind, suggestion_id, traceparent)
    SELECT member_id, seq, kind, suggestion_id, traceparent FROM numbered
), queued AS (
    INSERT INTO deliveries (member_id, seq, kind, posted_at, traceparent)
    SELECT member_id, seq, kind, posted_at, traceparent FROM numbered LEFT JOIN preferences USING (member_id)
    WHERE mailed
        AND COALESCE(email AND CASE kind WHEN 'summary' THEN email_summary ELSE email_suggestion END, true)
)
SELECT seq FROM numbered ORDER BY place;

-- name: put_digests
-- When the summaries of members $1, gathered since $2, are due ($3).
INSERT INTO digests (member_id, first_at, due_at) SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[])
ON CONFLICT (member_id) DO UPDATE SET due_at = excluded.due_at;

-- name: due_digests
-- Members whose summary is due, longest waiting first.
SELECT member_id FROM digests WHERE due_at <= clock_timestamp() ORDER BY due_at LIMIT $1;

-- name: take_digest
-- Take a member's summary if it is still due; says how many items wait for it.
DELETE FROM digests WHERE member_id = $1 AND due_at <= clock_timestamp()
RETURNING (SELECT count(*) FROM items WHERE items.member_id = $1 AND waiting) AS waiting;

-- name: tell_waiting
-- Waiting items of a member are told by message $2, $3 at a time.
UPDATE items SET told_seq = $2, told_at = clock_timestamp(), waiting = false
WHERE suggestion_id IN (SELECT suggestion_id FROM items WHERE member_id = $1 AND waiting LIMIT $3);

-- name: find_item
-- One live item of a member.
SELECT suggestion_id, status, content, suggested_at, created_at, updated_at
FROM items WHERE suggestion_id = $1 AND member_id = $2 AND live;

-- name: read_item
-- The member has read it; whatever was still to be told about it is known now.
UPDATE items SET status = 'read', waiting = false, told_at = COALESCE(told_at, clock_timestamp())
WHERE suggestion_id = $1 AND member_id = $2 AND live
RETURNING suggestion_id, status, content, suggested_at, created_at, updated_at;

-- name: knows_anchor
-- Whether a cursor's item is (or was) in the member's list.
SELECT 1 FROM items WHERE suggestion_id = $1 AND member_id = $2;

-- name: list_best
-- A member's live items by fit × best score, the newer opening, posting id; after item $3 if given. A page costs the same
-- wherever it begins: an index knows the first comparison, and only ties are left to the second.
WITH anchor AS (SELECT rank, posted_at, posting_id FROM items WHERE suggestion_id = $3 AND member_id = $1)
SELECT i.suggestion_id, i.status, i.content, i.suggested_at, i.created_at, i.updated_at
FROM items AS i LEFT JOIN anchor AS a ON true
WHERE i.member_id = $1 AND i.live AND (NOT $2 OR i.status <> 'read')
    AND (i.rank, i.posted_at) <= (
        COALESCE((SELECT rank FROM anchor), 'Infinity'), COALESCE((SELECT posted_at FROM anchor), 'infinity'))
    AND ($3::text IS NULL OR (i.rank, i.posted_at) < (a.rank, a.posted_at) OR i.posting_id > a.posting_id)
ORDER BY i.rank DESC, i.posted_at DESC, i.posting_id LIMIT $4;

-- name: list_newest
-- A member's live items, the one that came last first; after item $3 if given. Likewise.
WITH anchor AS (SELECT created_at, suggestion_id FROM items WHERE suggestion_id = $3 AND member_id = $1)
SELECT i.suggestion_id, i.status, i.content, i.suggested_at, i.created_at, i.updated_at
FROM items AS i LEFT JOIN anchor AS a ON true
WHERE i.member_id = $1 AND i.live AND (NOT $2 OR i.status <> 'read')
    AND i.created_at <= COALESCE((SELECT created_at FROM anchor), 'infinity')
    AND ($3::text IS NULL OR i.created_at < a.created_at OR i.suggestion_id > a.suggestion_id)
ORDER BY i.created_at DESC, i.suggestion_id LIMIT $4;

-- name: message_items
-- What message $2 of a member's stream told that is still live, best first; only what is unread where $3 says so.
SELECT suggestion_id, status, content, suggested_at, created_at, updated_at, (
    SELECT count(*) FROM items WHERE member_id = $1 AND told_seq = $2 AND live AND (NOT $3 OR status <> 'read')) AS total
FROM items WHERE member_id = $1 AND told_seq = $2 AND live AND (NOT $3 OR status <> 'read')
ORDER BY rank DESC, posted_at DESC, posting_id LIMIT $4;

-- name: events_after
-- The next events of a member's stream.
SELECT seq, kind, suggestion_id, at, traceparent FROM events WHERE member_id = $1 AND seq > $2 ORDER BY seq LIMIT $3;

-- name: stream_span
-- The first event still kept and the last number given out.
SELECT last_seq, (SELECT min(seq) FROM events WHERE events.member_id = $1) AS first_seq
FROM members WHERE member_id = $1;

-- name: find_preferences
-- What a member chose, if anything.
SELECT email, email_suggestion, email_summary, timezone FROM preferences WHERE member_id = $1;

-- name: put_preferences
-- What a member chooses from now on.
INSERT INTO preferences (member_id, email, email_suggestion, email_summary, timezone) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (member_id) DO UPDATE SET email = excluded.email, email_suggestion = excluded.email_suggestion,
    email_summary = excluded.email_summary, timezone = excluded.timezone, updated_at = clock_timestamp();

-- name: is_erased
-- Whether the member was erased lately.
SELECT 1 FROM erased WHERE member_id = $1;

-- name: mark_erased
-- Remember an erasure by id and version; an older one changes nothing.
INSERT INTO erased (member_id, version) VALUES ($1, $2)
ON CONFLICT (member_id) DO UPDATE SET version = excluded.version, erased_at = clock_timestamp()
WHERE erased.version < excluded.version;

-- name: unmark_erased
-- A newer record says that the person is there.
DELETE FROM erased WHERE member_id = $1 AND version < $2;

-- name: erase_items
-- Everything about an erased member's suggestions but (id, version), $2 at a time.
UPDATE items SET member_id = NULL, posting_id = NULL, live = false, status = 'unread', content = NULL, rank = 0,
    posted_at = 'epoch', suggested_at = NULL, waiting = false, told_seq = NULL, told_at = NULL, trace_id = NULL,
    updated_at = clock_timestamp()
WHERE suggestion_id IN (SELECT suggestion_id FROM items WHERE member_id = $1 LIMIT $2);

-- name: erase_rest
-- Everything else held for a member; their open streams are woken, and end.
WITH gone_members AS (DELETE FROM members WHERE member_id = $1),
    gone_events AS (DELETE FROM events WHERE member_id = $1),
    gone_digests AS (DELETE FROM digests WHERE member_id = $1),
    gone_deliveries AS (DELETE FROM deliveries WHERE member_id = $1),
    gone_preferences AS (DELETE FROM preferences WHERE member_id = $1)
SELECT pg_notify('notifications_inbox', $1);

-- name: lock_delivery
-- The next e-mail that is due; other senders pass it by until this transaction ends.
SELECT delivery_id, member_id, seq, kind, attempts, created_at, posted_at, clock_timestamp() AS now, traceparent
FROM deliveries WHERE state = 'queued' AND next_at <= clock_timestamp()
ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED;

-- name: mark_delivery
-- Where an e-mail stands: $2 state, $3 attempts so far, $4 next try (kept if null), $5 the kind of error.
UPDATE deliveries SET state = $2, attempts = $3, next_at = COALESCE($4, next_at), error = $5,
    updated_at = clock_timestamp()
WHERE delivery_id = $1;

-- name: doubt_deliveries
-- E-mails whose sender died in the conversation with the mail server: perhaps accepted, never sent again.
UPDATE deliveries SET state = 'in_doubt', updated_at = clock_timestamp()
WHERE state = 'sending' AND updated_at < clock_timestamp() - $1::interval
RETURNING delivery_id;

-- name: next_delivery_in
-- Seconds until the next queued e-mail is due; null without one.
SELECT EXTRACT(EPOCH FROM min(next_at) - clock_timestamp())::float8 FROM deliveries WHERE state = 'queued';

-- name: stats
-- Counts for operators: live suggestions, members who have some, things and members told, what waits.
SELECT
    (SELECT count(*) FROM items WHERE live) AS suggestions,
    (SELECT count(DISTINCT member_id) FROM items WHERE live) AS members,
    (SELECT count(*) FROM items WHERE live AND told_at IS NOT NULL) AS told,
    (SELECT count(*) FROM items WHERE waiting) AS waiting,
    (SELECT count(*) FROM events WHERE kind IN ('suggestion', 'summary')) AS messages,
    (SELECT count(DISTINCT member_id) FROM events WHERE kind IN ('suggestion', 'summary')) AS notified,
    (SELECT COALESCE(jsonb_object_agg(state, n), '{}')
        FROM (SELECT state, count(*) AS n FROM deliveries GROUP BY state) AS by_state) AS emails;

-- name: forget_withdrawn
-- Versions of withdrawn suggestions, past the time in which a stale record could still arrive.
DELETE FROM items WHERE NOT live AND updated_at < clock_timestamp() - $1::interval;

-- name: forget_erased
-- Marks of erasures, past the same time.
DELETE FROM erased WHERE erased_at < clock_timestamp() - $1::interval;

-- name: forget_events
-- Events too old to resume from.
DELETE FROM events WHERE at < clock_timestamp() - $1::interval;

-- name: forget_deliveries
-- E-mails that are over and done.
DELETE FROM deliveries WHERE state NOT IN ('queued', 'sending') AND updated_at < clock_timestamp() - $1::interval;
