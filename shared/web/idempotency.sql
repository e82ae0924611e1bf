-- name: claim
-- True when the key is ours: new, or older than it is kept. Waits for another transaction that has just claimed it.
INSERT INTO idempotency AS held (caller, endpoint, key, fingerprint)
VALUES ($1, $2, $3, $4)
ON CONFLICT (caller, endpoint, key) DO UPDATE
    SET fingerprint = excluded.fingerprint, status = NULL, headers = NULL, body = NULL, created_at = now()
    WHERE held.created_at < now() - $5::interval
RETURNING true

-- name: find
-- What was answered to the first request with this key.
SELECT fingerprint, status, headers, body FROM idempotency WHERE caller = $1 AND endpoint = $2 AND key = $3

-- name: keep
-- Store the answer beside the effect.
UPDATE idempotency SET status = $4, headers = $5, body = $6 WHERE caller = $1 AND endpoint = $2 AND key = $3

-- name: clean_up
-- Forget answers older than they are kept.
DELETE FROM idempotency WHERE created_at < now() - $1::interval

-- name: forget
-- Forget one caller's answers.
DELETE FROM idempotency WHERE caller = $1
