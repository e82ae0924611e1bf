-- What sign-in, sessions and tokens ask of the database.

-- name: add_proof
-- A proof that is begun. Its e-mail, if any, is due at once.
INSERT INTO proofs (proof_id, purpose, email, member_id, browser_hash, link_hash, send_at, expires_at)
SELECT $1, $2, $3, $4, $5, $6, CASE WHEN $7 THEN clock_timestamp() END, clock_timestamp() + $8::interval

-- name: delete_new_address
-- The member proves another address, or none.
DELETE FROM proofs WHERE member_id = $1 AND purpose = 'address'

-- name: lock_proof_by_link
-- The sign-in whose link this is, or ($2) that through another provider whose `state` it is, while it holds.
SELECT * FROM proofs WHERE link_hash = $1 AND (purpose = 'provider') = $2 AND purpose <> 'forget'
    AND expires_at > clock_timestamp() FOR UPDATE

-- name: lock_proof_of_sign_in
-- The sign-in with this id, while it holds.
SELECT * FROM proofs WHERE proof_id = $1 AND purpose = 'sign_in' AND expires_at > clock_timestamp() FOR UPDATE

-- name: lock_proof_of_forgetting
-- The wish to be forgotten with this id, while it holds.
SELECT * FROM proofs WHERE proof_id = $1 AND purpose = 'forget' AND expires_at > clock_timestamp() FOR UPDATE

-- name: lock_forgetting_by_link
-- The wish to be forgotten whose link this is, while it holds.
SELECT * FROM proofs WHERE link_hash = $1 AND purpose = 'forget' AND expires_at > clock_timestamp() FOR UPDATE

-- name: lock_proof_of_new_address
-- What the member has begun to prove, while it holds.
SELECT * FROM proofs WHERE member_id = $1 AND purpose = 'address' AND expires_at > clock_timestamp() FOR UPDATE

-- name: count_try
-- One more code was tried.
UPDATE proofs SET tries = tries + 1 WHERE proof_id = $1

-- name: delete_proof
-- It was used.
DELETE FROM proofs WHERE proof_id = $1

-- name: delete_proofs_of
-- All that is under way for an address.
DELETE FROM proofs WHERE email = ANY($1::text[])

-- name: delete_expired
-- Proofs and sessions that have ended.
WITH proofs_gone AS (DELETE FROM proofs WHERE expires_at < clock_timestamp())
DELETE FROM tokens WHERE expires_at < clock_timestamp()

-- name: lock_due_proof
-- A proof whose e-mail is due and that nobody else is sending.
SELECT proof_id, purpose, email, attempts FROM proofs
WHERE send_at <= clock_timestamp() AND expires_at > clock_timestamp()
ORDER BY send_at LIMIT 1 FOR UPDATE SKIP LOCKED

-- name: store_secrets
-- What the next e-mail will hold, as hashes. Should this process end meanwhile, another attempt is due after $4.
UPDATE proofs SET link_hash = $2, code_hash = $3, attempts = attempts + 1, send_at = clock_timestamp() + $4::interval
WHERE proof_id = $1

-- name: sending_ended
-- Another attempt is due after $2, or never.
UPDATE proofs SET send_at = clock_timestamp() + $2::interval WHERE proof_id = $1

-- name: next_proof_in
-- How long until an e-mail is due.
SELECT min(send_at) - clock_timestamp() FROM proofs WHERE send_at IS NOT NULL AND expires_at > clock_timestamp()

-- name: find_verified
-- Whose verified address it is.
SELECT member_id FROM members WHERE email = $1 AND email_verified

-- name: add_session
-- Somebody who is there has signed in.
INSERT INTO tokens (token_hash, member_id, session, name, last_used_at, expires_at)
SELECT $1, member_id, true, $3, clock_timestamp(), clock_timestamp() + $4::interval FROM members WHERE member_id = $2
RETURNING token_id

-- name: list_sessions
-- Where a member is signed in, last used first.
SELECT token_id, token_hash, name, created_at, last_used_at FROM tokens
WHERE member_id = $1 AND session AND expires_at > clock_timestamp() ORDER BY last_used_at DESC, token_id

-- name: delete_session
-- One of a member's sessions.
DELETE FROM tokens WHERE member_id = $1 AND token_id = $2 AND session RETURNING token_id

-- name: delete_session_by_hash
-- The session with this token.
DELETE FROM tokens WHERE member_id = $1 AND token_hash = $2 AND session RETURNING token_id

-- name: delete_other_sessions
-- All of a member's sessions but the one with this token.
DELETE FROM tokens WHERE member_id = $1 AND token_hash <> $2 AND session RETURNING token_id

-- name: add_named_token
-- A token for a program, unless the member has $5 of them.
INSERT INTO tokens (token_hash, member_id, name, scope) SELECT $1, member_id, $3, $4 FROM members
WHERE member_id = $2 AND (SELECT count(*) FROM tokens WHERE member_id = $2 AND NOT session) < $5
RETURNING token_id, name, scope, created_at, last_used_at

-- name: list_tokens
-- A member's tokens for programs, newest first.
SELECT token_id, name, scope, created_at, last_used_at FROM tokens
WHERE member_id = $1 AND NOT session ORDER BY created_at DESC, token_id

-- name: delete_token
-- One of a member's tokens for programs.
DELETE FROM tokens WHERE member_id = $1 AND token_id = $2 AND NOT session RETURNING token_id
