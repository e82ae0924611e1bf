-- name: processed_lock
-- The group's offsets of partitions $3 of topics $2, locked until the transaction ends.
SELECT topic_id, partition, next FROM processed
WHERE consumer_group = $1 AND (topic_id, partition) IN (SELECT * FROM unnest($2::uuid[], $3::integer[]))
ORDER BY topic_id, partition FOR UPDATE

-- name: processed_begin
-- A row for a partition that the group has not read before.
INSERT INTO processed (consumer_group, topic_id, partition, next, topic) VALUES ($1, $2, $3, 0, $4) ON CONFLICT DO NOTHING

-- name: processed_move
-- Set the first offsets not yet applied to $4, for partitions $3 of topics $2.
UPDATE processed SET next = moved.next, moved_at = now()
FROM unnest($2::uuid[], $3::integer[], $4::bigint[]) AS moved (topic_id, partition, next)
WHERE consumer_group = $1 AND processed.topic_id = moved.topic_id AND processed.partition = moved.partition

-- name: processed_positions
-- All of a group's offsets.
SELECT topic_id, partition, next FROM processed WHERE consumer_group = $1
