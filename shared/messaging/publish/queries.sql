-- name: outbox_insert
-- One record, superseding older ones of its key as the next statement does; the trigger wakes the relay at commit.
WITH superseded AS (DELETE FROM outbox WHERE topic = $2 AND key = $3)
INSERT INTO outbox (lane, topic, key, value, header_names, header_values, partition)
VALUES ($1, $2, $3, $4, $5, $6, $7)

-- name: outbox_supersede
-- Delete waiting rows of the same keys: they are older by construction, and must not be published later, whatever their
-- lane, their `not_before` or their parking. One lookup a key, whatever the statistics say of a table that was empty when
-- they were made.
DELETE FROM outbox WHERE ctid = ANY (ARRAY(
    SELECT older.ctid FROM unnest($1::text[], $2::text[]) AS newer (topic, key),
        LATERAL (SELECT o.ctid FROM outbox o WHERE o.topic = newer.topic AND o.key = newer.key OFFSET 0 FOR UPDATE) AS older))

-- name: outbox_republish_later
-- The rows just written for these keys a second time, to be published later.
INSERT INTO outbox (lane, topic, key, value, header_names, header_values, partition, not_before)
SELECT $3::smallint, topic, key, value, header_names, header_values, partition, now() + $4::interval
FROM outbox JOIN unnest($1::text[], $2::text[]) AS written (topic, key) USING (topic, key)

-- name: outbox_due
-- The next rows to publish: people and consent before bulk ties, delayed rows once their time has come. At most $1 rows,
-- and no further row once there are $2 bytes.
WITH due AS (
    (SELECT seq, lane, topic, key, value, header_names, header_values, partition, created_at AS due_at
     FROM outbox WHERE parked_at IS NULL AND not_before IS NULL ORDER BY lane, seq LIMIT $1)
    UNION ALL
    (SELECT seq, lane, topic, key, value, header_names, header_values, partition, not_before AS due_at
     FROM outbox WHERE parked_at IS NULL AND not_before <= now() ORDER BY not_before, seq LIMIT $1)
    ORDER BY lane, seq LIMIT $1
), summed AS (
    SELECT *, sum(octet_length(value)) OVER (ORDER BY lane, seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
    FROM due
)
SELECT seq, topic, key, value, header_names, header_values, partition, due_at
FROM summed WHERE coalesce(before, 0) < $2 ORDER BY lane, seq

-- name: outbox_delete
-- Delete published rows. A row that a writer is superseding is left to that writer, which prevents deadlocks. By ctid:
-- one lookup a row whatever the statistics say.
DELETE FROM outbox WHERE ctid = ANY (ARRAY(SELECT ctid FROM outbox WHERE seq = ANY($1::bigint[]) FOR UPDATE SKIP LOCKED))

-- name: outbox_park
-- Take a row that cannot be published out of the queue.
UPDATE outbox SET parked_at = now(), parked_reason = $2 WHERE seq = $1

-- name: outbox_state
-- For the gauges: how many rows are due (counted up to $1), how many seconds the oldest has waited, how many are parked.
-- $2 are the lanes, each of which starts with its oldest row: with `>=` and the order that is one step in the index.
SELECT
    least($1, (SELECT count(*) FROM (SELECT FROM outbox WHERE parked_at IS NULL AND not_before IS NULL LIMIT $1) AS now)
        + (SELECT count(*) FROM (SELECT FROM outbox WHERE parked_at IS NULL AND not_before <= now() LIMIT $1) AS later)
    )::bigint AS depth,
    (SELECT coalesce(max(extract(epoch FROM now() - first.created_at)), 0)::float8
     FROM unnest($2::smallint[]) AS lanes (number),
        LATERAL (SELECT created_at FROM outbox
                 WHERE parked_at IS NULL AND not_before IS NULL AND lane >= lanes.number ORDER BY lane, seq LIMIT 1) AS first
    ) AS oldest_seconds,
    (SELECT count(*) FROM outbox WHERE parked_at IS NOT NULL) AS parked

-- name: outbox_newest
-- The newest row's sequence number.
SELECT coalesce(max(seq), 0) FROM outbox

-- name: outbox_waiting
-- How many rows up to that number are due and not published yet.
SELECT count(*) FROM outbox WHERE seq <= $1 AND parked_at IS NULL AND (not_before IS NULL OR not_before <= now())

-- name: relay_lock
-- One relay a schema. The session holds the lock, so it ends with the process.
SELECT pg_try_advisory_lock(hashtextextended('warmpath relay ' || current_schema(), 0))

-- name: relay_by_index
-- For the session: the outbox's length changes faster than its statistics, and every query here has its index.
SELECT set_config('enable_seqscan', 'off', false), set_config('enable_bitmapscan', 'off', false)

-- name: relay_channel
-- Where `outbox_wake` notifies.
SELECT 'outbox_' || current_schema()
