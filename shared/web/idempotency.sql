-- name: claim
-- True when the key is free: new, or past its retention. Waits for a transaction that has just claimed it.
INSERT INTO idempotency AS held (caller, endpoint, key, fingerprint)
VALUES ($1, $2, $3, $4)
ON CONFLICT (caller, endpoint, key) DO UPDATE
    SET fingerprint = excluded.fingerprint, status = NULL, headers = NULL, body = NULL, created_at = now()
    WHERE held.created_at < now() - $5::interval
RETURNING true

-- name: find
-- The response to the first request with this key.
SELECT fingerprint, status, headers, body FROM idempotency WHERE caller = $1 AND endpoint = $2 AND key = $3

-- name: store
-- Store the response in the effect's transaction.
UPDATE idempotency SET status = $4, headers = $5, body = $6 WHERE caller = $1 AND endpoint = $2 AND key = $3

-- name: clean_up
-- Delete responses past their retention.
DELETE FROM idempotency WHERE created_at < now() - $1::interval

-- name: forget
-- Delete the responses to one caller.
DELETE FROM idempotency WHERE caller = $1
