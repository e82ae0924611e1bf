-- name: lock_member
-- One writer at a time for a member, until the transaction ends; works also where the member has no row yet.
SELECT pg_advisory_xact_lock(hashtextextended($1, 8104));

-- name: lock_members
-- The same for all members in $1.
SELECT pg_advisory_xact_lock(number)
FROM (SELECT DISTINCT hashtextextended(member_id, 8104) AS number FROM unnest($1::text[]) AS member_id ORDER BY 1) AS locks;

-- name: members_of
-- The members whose inboxes hold these items; tombstones do not name them.
SELECT suggestion_id AS item_id, member_id FROM items WHERE suggestion_id = ANY($1::text[]) AND member_id IS NOT NULL;

-- name: find_situations
-- All that decisions about items $1 of members $2 (null where unknown) need; $3 is the length of a burst's window,
-- and at most $4 messages in it are counted.
SELECT asked.item_id, i.kind, i.version, i.live, i.status, i.told_at, i.told_seq, i.waiting, i.suggested_at, i.created_at,
    i.updated_at, i.content, COALESCE(i.hidden, false) AS hidden,
    hidden_by(asked.member_id) AS hidden_people,
    clock_timestamp() AS now,
    EXISTS (SELECT 1 FROM erased WHERE member_id = asked.member_id) AS erased,
    (SELECT first_at FROM digests WHERE member_id = asked.member_id) AS digest_since,
    (SELECT max(until) FROM restores) AS restored,
    (SELECT count(*) FROM (
        SELECT FROM events WHERE member_id = asked.member_id AND kind = 'suggestion'
            AND at > statement_timestamp() - $3::interval
        ORDER BY at DESC LIMIT $4) AS latest) AS recent
FROM unnest($1::text[], $2::text[]) AS asked (item_id, member_id)
    LEFT JOIN items AS i ON i.suggestion_id = asked.item_id;

-- name: upsert_items
-- Store live items, one object each in $1. An older version changes nothing.
INSERT INTO items (
    suggestion_id, kind, member_id, posting_id, version, live, status, content, rank, posted_at, suggested_at, created_at,
    updated_at, waiting, told_seq, told_at, trace_id)
SELECT suggestion_id, kind, member_id, posting_id, version, true, status, content, rank, posted_at, suggested_at, created_at,
    COALESCE(updated_at, clock_timestamp()), waiting, told_seq, told_at, trace_id
FROM jsonb_populate_recordset(NULL::items, $1)
ON CONFLICT (suggestion_id) DO UPDATE SET
    kind = excluded.kind, member_id = excluded.member_id, posting_id = excluded.posting_id, version = excluded.version, live = true,
    status = excluded.status, content = excluded.content, rank = excluded.rank, posted_at = excluded.posted_at,
    suggested_at = excluded.suggested_at, created_at = excluded.created_at, updated_at = excluded.updated_at,
    waiting = excluded.waiting, told_seq = excluded.told_seq, told_at = excluded.told_at,
    trace_id = COALESCE(excluded.trace_id, items.trace_id)
WHERE items.version < excluded.version;

-- name: withdraw_items
-- Withdraw items: the content is deleted, the version stays; one object each in $1. An older version changes nothing.
INSERT INTO items (suggestion_id, kind, version, live, trace_id)
SELECT suggestion_id, kind, version, false, trace_id FROM jsonb_populate_recordset(NULL::items, $1)
ON CONFLICT (suggestion_id) DO UPDATE SET
    version = excluded.version, live = false, status = 'unread', content = NULL, suggested_at = NULL,
    waiting = false, told_seq = NULL, due_at = NULL, updated_at = clock_timestamp(),
    trace_id = COALESCE(excluded.trace_id, items.trace_id)
WHERE items.version < excluded.version;

-- name: add_events
-- Add events of members $1, of kinds $2, about items $3, in traces $4, under the next numbers of the members'
-- streams; returns the numbers in the order of the arguments. Open streams are notified at commit. Where $5 is true an
-- e-mail is queued too, if the member wants it; without preferences everything is wanted. $6 is when the opening's record
-- was written, where that caused the event.
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
        AND COALESCE(email AND kind <> ALL(turned_off), true)
)
SELECT seq FROM numbered ORDER BY place;

-- name: upsert_digests
-- The summaries of members $1, collected since $2, are due at $3.
INSERT INTO digests (member_id, first_at, due_at) SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[])
ON CONFLICT (member_id) DO UPDATE SET due_at = excluded.due_at;

-- name: due_digests
-- Members whose summary is due, the longest overdue first.
SELECT member_id FROM digests WHERE due_at <= clock_timestamp() ORDER BY due_at LIMIT $1;

-- name: take_digest
-- Take a member's summary if it is still due; returns how many items wait for it.
DELETE FROM digests WHERE member_id = $1 AND due_at <= clock_timestamp()
RETURNING (SELECT count(*) FROM items WHERE items.member_id = $1 AND waiting) AS waiting;

-- name: mark_waiting_told
-- Mark waiting items of a member as told by message $2, at most $3 of them.
UPDATE items SET told_seq = $2, told_at = clock_timestamp(), waiting = false
WHERE suggestion_id IN (SELECT suggestion_id FROM items WHERE member_id = $1 AND waiting LIMIT $3);

-- name: find_item
-- One live item of a member.
SELECT kind, status, content, suggested_at, created_at, updated_at, saved, hidden,
    hidden_by(member_id) AS hidden_people
FROM items WHERE suggestion_id = $1 AND member_id = $2 AND live;

-- name: read_item
-- The member has read it, so no message about it is needed any more.
UPDATE items SET status = 'read', waiting = false, told_at = COALESCE(told_at, clock_timestamp())
WHERE suggestion_id = $1 AND member_id = $2 AND live
RETURNING kind, status, content, suggested_at, created_at, updated_at, saved, hidden,
    hidden_by(member_id) AS hidden_people;

-- name: find_anchor
-- Whether the item of a cursor is or was in the member's list.
SELECT 1 FROM items WHERE suggestion_id = $1 AND member_id = $2;

-- name: list_best
-- A member's live items by fit × best score, the newer opening, posting id; after item $3 if given; saved ones if $5, of a
-- workplace if $6, of kinds $7 if given. Every page costs the same: the first comparison uses an index, and only ties are
-- left to the second.
WITH anchor AS (SELECT rank, posted_at, posting_id FROM items WHERE suggestion_id = $3 AND member_id = $1)
SELECT i.kind, i.status, i.content, i.suggested_at, i.created_at, i.updated_at, i.saved, i.hidden,
    hidden_by($1) AS hidden_people
FROM items AS i LEFT JOIN anchor AS a ON true
WHERE i.member_id = $1 AND i.live AND (NOT $2 OR i.status <> 'read')
    AND NOT i.hidden AND somebody_is_left((SELECT hidden_by($1)), i.content)
    AND (NOT $5 OR i.saved) AND ($6::text IS NULL OR i.content -> 'opening' ->> 'workplace' = $6)
    AND ($7::text[] IS NULL OR i.kind = ANY($7))
    AND (i.rank, i.posted_at) <= (
        COALESCE((SELECT rank FROM anchor), 'Infinity'), COALESCE((SELECT posted_at FROM anchor), 'infinity'))
    AND ($3::text IS NULL OR (i.rank, i.posted_at) < (a.rank, a.posted_at) OR i.posting_id > a.posting_id)
ORDER BY i.rank DESC, i.posted_at DESC, i.posting_id LIMIT $4;

-- name: list_newest
-- A member's live items, the newest first; after item $3 if given. Pages cost the same as in list_best.
WITH anchor AS (SELECT created_at, suggestion_id FROM items WHERE suggestion_id = $3 AND member_id = $1)
SELECT i.kind, i.status, i.content, i.suggested_at, i.created_at, i.updated_at, i.saved, i.hidden,
    hidden_by($1) AS hidden_people
FROM items AS i LEFT JOIN anchor AS a ON true
WHERE i.member_id = $1 AND i.live AND (NOT $2 OR i.status <> 'read')
    AND NOT i.hidden AND somebody_is_left((SELECT hidden_by($1)), i.content)
    AND (NOT $5 OR i.saved) AND ($6::text IS NULL OR i.content -> 'opening' ->> 'workplace' = $6)
    AND ($7::text[] IS NULL OR i.kind = ANY($7))
    AND i.created_at <= COALESCE((SELECT created_at FROM anchor), 'infinity')
    AND ($3::text IS NULL OR i.created_at < a.created_at OR i.suggestion_id > a.suggestion_id)
ORDER BY i.created_at DESC, i.suggestion_id LIMIT $4;

-- name: count_suggestions
-- How many suggestions list_best has for a member.
SELECT count(*) FROM items
WHERE member_id = $1 AND live AND NOT hidden AND kind = 'suggestion' AND somebody_is_left((SELECT hidden_by($1)), content);

-- name: find_notices
-- What was planned or told of introduction $1, to whomever; null versions are none.
SELECT suggestion_id AS item_id, kind, member_id, version, live, due_at,
    (SELECT max(until) FROM restores) AS restored
FROM items WHERE posting_id = $1 AND kind <> 'suggestion';

-- name: add_notices
-- Plan notices, one object each in $1; those without a time are shown at once. Nothing is planned twice, nor for anybody
-- who was erased. Whoever tells them is woken at commit.
WITH added AS (
    INSERT INTO items (suggestion_id, kind, member_id, posting_id, version, live, content, rank, posted_at, suggested_at,
        due_at, told_at, trace_id)
    SELECT suggestion_id, kind, member_id, posting_id, version, due_at IS NULL, content, rank, posted_at, suggested_at,
        due_at, told_at, trace_id
    FROM jsonb_populate_recordset(NULL::items, $1) AS new
    WHERE NOT EXISTS (SELECT FROM erased WHERE erased.member_id = new.member_id)
    ON CONFLICT (suggestion_id) DO NOTHING
    RETURNING member_id)
SELECT pg_notify('notifications_inbox', member_id) FROM added;

-- name: note_version
-- The newest record of introduction $1 that was read has version $2.
UPDATE items SET version = $2 WHERE posting_id = $1 AND kind <> 'suggestion' AND version < $2;

-- name: due_notices
-- Notices that are due, the longest overdue first.
SELECT suggestion_id AS item_id, member_id, kind, posting_id AS introduction_id
FROM items WHERE due_at <= clock_timestamp() ORDER BY due_at LIMIT $1;

-- name: next_notice_in
-- Seconds until the next notice is due; null without one.
SELECT EXTRACT(EPOCH FROM min(due_at) - clock_timestamp())::float8 FROM items WHERE due_at IS NOT NULL;

-- name: show_notice
-- A notice that is still due stands in the inbox from now on.
UPDATE items SET live = true, due_at = NULL, created_at = clock_timestamp(), updated_at = clock_timestamp()
WHERE suggestion_id = $1 AND due_at <= clock_timestamp() RETURNING posted_at;

-- name: mark_notice_told
-- It was told by message $2.
UPDATE items SET told_seq = $2, told_at = clock_timestamp() WHERE suggestion_id = $1;

-- name: drop_notice
-- Nothing is to be said any more.
UPDATE items SET due_at = NULL, content = NULL, updated_at = clock_timestamp()
WHERE suggestion_id = $1 AND due_at <= clock_timestamp();

-- name: postpone_notice
-- It is asked for again after $2.
UPDATE items SET due_at = clock_timestamp() + $2::interval WHERE suggestion_id = $1 AND due_at <= clock_timestamp();

-- name: find_seekers
-- Members with a live suggestion, and their time zones, but for those who got an item of kind $1 within $2.
SELECT seekers.member_id, COALESCE(timezone, 'UTC') AS timezone
FROM (SELECT DISTINCT member_id FROM items WHERE live AND kind = 'suggestion') AS seekers
    LEFT JOIN preferences USING (member_id)
WHERE NOT EXISTS (SELECT FROM items WHERE items.member_id = seekers.member_id AND kind = $1
    AND suggested_at > clock_timestamp() - $2::interval);

-- name: withdraw_old_news
-- News of kinds $1 that are older than $2 leave the inbox.
UPDATE items SET live = false, status = 'unread', content = NULL, told_seq = NULL, updated_at = clock_timestamp()
WHERE live AND kind = ANY($1::text[]) AND created_at < clock_timestamp() - $2::interval;

-- name: message_items
-- The items that message $2 of a member's stream told and that are still live and shown, best first; only unread ones if
-- $3.
WITH told AS (
    SELECT * FROM items WHERE member_id = $1 AND told_seq = $2 AND live AND NOT hidden
        AND somebody_is_left((SELECT hidden_by($1)), content) AND (NOT $3 OR status <> 'read')
)
SELECT kind, status, content, suggested_at, created_at, updated_at, saved, hidden,
    hidden_by($1) AS hidden_people, (SELECT count(*) FROM told) AS total
FROM told ORDER BY rank DESC, posted_at DESC, posting_id LIMIT $4;

-- name: events_after
-- The next events of a member's stream.
SELECT seq, kind, suggestion_id, at, traceparent FROM events WHERE member_id = $1 AND seq > $2 ORDER BY seq LIMIT $3;

-- name: stream_span
-- The first number still stored and the last number assigned.
SELECT last_seq, (SELECT min(seq) FROM events WHERE events.member_id = $1) AS first_seq
FROM members WHERE member_id = $1;

-- name: find_preferences
-- A member's preferences, if they chose any.
SELECT email, turned_off, timezone, quiet_from, quiet_until FROM preferences WHERE member_id = $1;

-- name: put_preferences
-- Replace a member's preferences.
INSERT INTO preferences (member_id, email, turned_off, timezone, quiet_from, quiet_until)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (member_id) DO UPDATE SET email = excluded.email, turned_off = excluded.turned_off,
    timezone = excluded.timezone, quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until,
    updated_at = clock_timestamp();

-- name: put_unsubscribe_link
-- The link in an e-mail, by the hash of its token; another attempt at the same e-mail has another one.
INSERT INTO unsubscribe_links (delivery_id, token_hash, member_id, kind) VALUES ($1, $2, $3, $4)
ON CONFLICT (delivery_id) DO UPDATE SET token_hash = excluded.token_hash;

-- name: find_unsubscribe_link
-- Whose e-mails of which kind a token turns off.
SELECT member_id, kind FROM unsubscribe_links WHERE token_hash = $1;

-- name: delete_old_unsubscribe_links
-- Links of e-mails that nobody is expected to look for any more.
DELETE FROM unsubscribe_links WHERE made_at < clock_timestamp() - $1::interval;

-- name: is_erased
-- Whether the member was erased recently.
SELECT 1 FROM erased WHERE member_id = $1;

-- name: mark_erased
-- Remember an erasure by id and version; an older one changes nothing.
INSERT INTO erased (member_id, version) VALUES ($1, $2)
ON CONFLICT (member_id) DO UPDATE SET version = excluded.version, erased_at = clock_timestamp()
WHERE erased.version < excluded.version;

-- name: unmark_erased
-- A newer record shows that the person exists.
DELETE FROM erased WHERE member_id = $1 AND version < $2;

-- name: erase_items
-- Erase all but (id, version) of an erased member's items, at most $2 of them.
UPDATE items SET kind = NULL, member_id = NULL, posting_id = NULL, live = false, status = 'unread', content = NULL, rank = 0,
    posted_at = 'epoch', suggested_at = NULL, waiting = false, told_seq = NULL, told_at = NULL, due_at = NULL,
    trace_id = NULL, saved = false, hidden = false, updated_at = clock_timestamp()
WHERE suggestion_id IN (SELECT suggestion_id FROM items WHERE member_id = $1 LIMIT $2);

-- name: erase_rest
-- Everything else stored for a member, and that others hid them; their open streams are woken, and end.
WITH gone_members AS (DELETE FROM members WHERE member_id = $1),
    gone_events AS (DELETE FROM events WHERE member_id = $1),
    gone_digests AS (DELETE FROM digests WHERE member_id = $1),
    gone_deliveries AS (DELETE FROM deliveries WHERE member_id = $1),
    gone_links AS (DELETE FROM unsubscribe_links WHERE member_id = $1),
    gone_preferences AS (DELETE FROM preferences WHERE member_id = $1),
    gone_hidden AS (DELETE FROM hidden_people WHERE member_id = $1 OR person_id = $1)
SELECT pg_notify('notifications_inbox', $1);

-- name: lock_delivery
-- The next e-mail that is due; other senders skip it until this transaction ends.
SELECT delivery_id, member_id, seq, kind, attempts, created_at, posted_at, clock_timestamp() AS now, traceparent
FROM deliveries WHERE state = 'queued' AND next_at <= clock_timestamp()
ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED;

-- name: mark_delivery
-- Set the state of an e-mail: $2 state, $3 attempts so far, $4 next attempt (unchanged if null), $5 the kind of error.
UPDATE deliveries SET state = $2, attempts = $3, next_at = COALESCE($4, next_at), error = $5,
    updated_at = clock_timestamp()
WHERE delivery_id = $1;

-- name: mark_in_doubt
-- E-mails whose sender died during the dialogue with the mail server: perhaps accepted, so never sent again.
UPDATE deliveries SET state = 'in_doubt', updated_at = clock_timestamp()
WHERE state = 'sending' AND updated_at < clock_timestamp() - $1::interval
RETURNING delivery_id;

-- name: next_delivery_in
-- Seconds until the next queued e-mail is due; null without one.
SELECT EXTRACT(EPOCH FROM min(next_at) - clock_timestamp())::float8 FROM deliveries WHERE state = 'queued';

-- name: stats
-- Counts for operators: live suggestions, members who have some, what was told to how many, what waits. $1: the kinds of
-- events that are messages.
SELECT
    (SELECT count(*) FROM items WHERE live AND kind = 'suggestion') AS suggestions,
    (SELECT count(DISTINCT member_id) FROM items WHERE live AND kind = 'suggestion') AS members,
    (SELECT count(*) FROM items WHERE live AND kind = 'suggestion' AND told_at IS NOT NULL) AS told,
    (SELECT count(*) FROM items WHERE waiting) AS waiting,
    (SELECT count(*) FROM events WHERE kind = ANY($1::text[])) AS messages,
    (SELECT count(DISTINCT member_id) FROM events WHERE kind = ANY($1::text[])) AS notified,
    (SELECT COALESCE(jsonb_object_agg(state, n), '{}')
        FROM (SELECT state, count(*) AS n FROM deliveries GROUP BY state) AS by_state) AS emails;

-- name: delete_old_withdrawn
-- Versions of withdrawn items, past the time in which an old record could still arrive. What a member marked stays,
-- should it come back.
DELETE FROM items
WHERE NOT live AND due_at IS NULL AND NOT (hidden OR saved) AND updated_at < clock_timestamp() - $1::interval;

-- name: delete_old_erased
-- Marks of erasures, past the same time.
DELETE FROM erased WHERE erased_at < clock_timestamp() - $1::interval;

-- name: delete_old_events
-- Events too old to resume from.
DELETE FROM events WHERE at < clock_timestamp() - $1::interval;

-- name: delete_old_deliveries
-- Finished e-mails.
DELETE FROM deliveries WHERE state NOT IN ('queued', 'sending') AND updated_at < clock_timestamp() - $1::interval;
