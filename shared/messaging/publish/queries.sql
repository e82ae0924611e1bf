-- name: outbox_put
-- One record in place of older ones of its key, as by the next statement; the trigger wakes the relay at commit.
WITH superseded AS (DELETE FROM outbox WHERE topic = $2 AND key = $3)
INSERT INTO outbox (lane, topic, key, value, header_names, header_values, partition)
VALUES ($1, $2, $3, $4, $5, $6, $7)

-- name: outbox_supersede
-- Rows of the same keys that are still here: older by construction, so that nothing older is published later, whatever
-- its lane, its `not_before` or its parking.
DELETE FROM outbox o USING unnest($1::text[], $2::text[]) AS newer (topic, key)
WHERE o.topic = newer.topic AND o.key = newer.key

-- name: outbox_again
-- The rows just written for these keys once more, later.
INSERT INTO outbox (lane, topic, key, value, header_names, header_values, partition, not_before)
SELECT $3::smallint, topic, key, value, header_names, header_values, partition, now() + $4::interval
FROM outbox JOIN unnest($1::text[], $2::text[]) AS written (topic, key) USING (topic, key)

-- name: outbox_due
-- The next rows to publish, people and consent before bulk ties, and what was due later once its time has come: $1 rows
-- at most, and none more once there are $2 bytes.
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
-- What Kafka has. A row that a writer is superseding right now is left to that writer, so that nobody deadlocks. By
-- place: whatever the statistics say, that is one look a row.
DELETE FROM outbox WHERE ctid = ANY (ARRAY(SELECT ctid FROM outbox WHERE seq = ANY($1::bigint[]) FOR UPDATE SKIP LOCKED))

-- name: outbox_park
-- A row that cannot be published steps aside.
UPDATE outbox SET parked_at = now(), parked_reason = $2 WHERE seq = $1

-- name: outbox_state
-- For the gauges: how many rows are due ($1 at most), for how many seconds the oldest of them has waited, and how many
-- rows are parked. $2 are the lanes, each of which begins with its oldest row: `>=` and the order make it one step in the
-- index, not a look through them all.
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
-- Up to where the outbox goes now.
SELECT coalesce(max(seq), 0) FROM outbox

-- name: outbox_waiting
-- How many rows up to there are due and still to be published.
SELECT count(*) FROM outbox WHERE seq <= $1 AND parked_at IS NULL AND (not_before IS NULL OR not_before <= now())

-- name: relay_lock
-- One relay a schema: held by the session, so that it ends with the process that holds it.
SELECT pg_try_advisory_lock(hashtextextended('warmpath relay ' || current_schema(), 0))

-- name: relay_by_index
-- For the session: the outbox is empty one moment and long the next, so its statistics are of another moment; every query
-- here has its index.
SELECT set_config('enable_seqscan', 'off', false), set_config('enable_bitmapscan', 'off', false)

-- name: relay_channel
-- Where `outbox_wake` notifies.
SELECT 'outbox_' || current_schema()
