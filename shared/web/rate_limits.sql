-- name: use
-- Uses a limit ($1) once, unless it is used up: each use frees itself after $2, and $3 / $2 of them may be open at once.
INSERT INTO limits AS known (key, free_at) VALUES ($1, clock_timestamp() + $2::interval)
ON CONFLICT (key) DO UPDATE SET free_at = greatest(known.free_at, clock_timestamp()) + $2::interval
WHERE greatest(known.free_at, clock_timestamp()) + $2::interval <= clock_timestamp() + $3::interval
RETURNING true

-- name: frees_in
-- How long until a limit that is used up can be used once more.
SELECT free_at + $2::interval - $3::interval - clock_timestamp() FROM limits WHERE key = $1

-- name: clean_up
-- Limits that are not used at all, which is as good as having no row.
DELETE FROM limits WHERE free_at < clock_timestamp()
