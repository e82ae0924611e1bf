-- What organisations, the people in them and their keys ask of the database.

-- name: add_organisation
-- A new organisation. $4: an operator's word, or null; $5: an operator made it.
INSERT INTO organisations (organisation_id, name, created_at, vouched, by_operator) VALUES ($1, $2, $3, $4, $5);

-- name: find_organisation
-- An organisation, and the address that a code was sent to last, while that holds.
SELECT o.organisation_id, o.name, o.created_at, o.domain, o.domain_verified_at,
    coalesce(o.vouched, o.domain IS NOT NULL) AS vouched, p.email AS proof_email, p.expires_at AS proof_expires_at
FROM organisations o
LEFT JOIN proofs p ON p.organisation_id = o.organisation_id AND p.purpose = 'domain' AND p.expires_at > clock_timestamp()
WHERE o.organisation_id = $1;

-- name: list_organisations
-- The organisations that a member works in, by name.
SELECT o.organisation_id, o.name, o.domain, coalesce(o.vouched, o.domain IS NOT NULL) AS vouched, m.role, m.joined_at
FROM organisation_members m JOIN organisations o USING (organisation_id)
WHERE m.member_id = $1 ORDER BY lower(o.name), o.organisation_id;

-- name: rename
-- Another name.
UPDATE organisations SET name = $2 WHERE organisation_id = $1;

-- name: vouch
-- An operator's word, which outweighs a web domain; a timer publishes the openings again.
UPDATE organisations SET vouched = $2 WHERE organisation_id = $1 RETURNING organisation_id;

-- name: set_domain
-- A web domain that was proven at $3, by a record if $4; or none.
UPDATE organisations SET domain = $2, domain_verified_at = $3::timestamptz,
    domain_record_seen_at = CASE WHEN $4::boolean THEN $3::timestamptz END
WHERE organisation_id = $1 AND (domain IS NOT NULL OR $2::text IS NOT NULL) RETURNING organisation_id;

-- name: list_records
-- Web domains that a record proves.
SELECT organisation_id, domain FROM organisations WHERE domain_record_seen_at IS NOT NULL ORDER BY organisation_id;

-- name: record_seen
-- The record is there.
UPDATE organisations SET domain_record_seen_at = $3 WHERE organisation_id = $1 AND domain = $2;

-- name: record_gone
-- The record is not there: where it was not since $3 either, the domain is taken away.
UPDATE organisations SET domain = NULL, domain_verified_at = NULL, domain_record_seen_at = NULL
WHERE organisation_id = $1 AND domain = $2 AND domain_record_seen_at < $3 RETURNING organisation_id;

-- name: find_role
-- The role of member $1 in organisation $2.
SELECT role FROM organisation_members WHERE member_id = $1 AND organisation_id = $2;

-- name: list_members
-- Who works in an organisation, in which role, and whether they may be named as hiring contact; longest there first.
SELECT m.member_id, m.role, m.joined_at, c.person_id IS NOT NULL AS hiring_contact
FROM organisation_members m
LEFT JOIN hiring_consents c ON c.organisation_id = m.organisation_id AND c.person_id = m.member_id
WHERE m.organisation_id = $1 ORDER BY m.joined_at, m.member_id;

-- name: count_owners
-- How many own an organisation.
SELECT count(*) FROM organisation_members WHERE organisation_id = $1 AND role = 'owner';

-- name: is_nobodys
-- Whether members kept the organisation and nobody works in it any more.
SELECT NOT by_operator AND NOT EXISTS (SELECT FROM organisation_members m WHERE m.organisation_id = o.organisation_id)
FROM organisations o WHERE organisation_id = $1;

-- name: add_member
-- Somebody new in an organisation; nothing where they are in it already.
INSERT INTO organisation_members (organisation_id, member_id, role, joined_at) VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING RETURNING member_id;

-- name: set_role
-- Another role.
UPDATE organisation_members SET role = $3 WHERE organisation_id = $1 AND member_id = $2 RETURNING member_id;

-- name: delete_member
-- They work there no more.
DELETE FROM organisation_members WHERE organisation_id = $1 AND member_id = $2 RETURNING member_id;

-- name: delete_invitations_by
-- Whom somebody invited into an organisation is not invited any more.
DELETE FROM proofs WHERE organisation_id = $1 AND made_by = $2;

-- name: forget_member
-- A member is erased: where they worked.
WITH invitations AS (DELETE FROM proofs WHERE made_by = $1)
DELETE FROM organisation_members WHERE member_id = $1 RETURNING organisation_id;

-- name: invitations_by
-- Whom a member has invited, and where.
SELECT organisation_id, email, role, created_at, expires_at FROM proofs
WHERE made_by = $1 AND purpose = 'invitation' ORDER BY created_at, proof_id;

-- name: delete_proof_of_domain
-- What is under way for another address of the same organisation.
DELETE FROM proofs WHERE organisation_id = $1 AND purpose = 'domain';

-- name: delete_invitation_of
-- An earlier invitation of the same address.
DELETE FROM proofs WHERE organisation_id = $1 AND email = $2 AND purpose = 'invitation';

-- name: count_invitations
-- How many invitations are open.
SELECT count(*) FROM proofs WHERE organisation_id = $1 AND purpose = 'invitation' AND expires_at > clock_timestamp();

-- name: add_proof
-- A proof that is begun: who proves what for whom. Its e-mail is due at once if $7.
INSERT INTO proofs (proof_id, purpose, organisation_id, email, role, made_by, send_at, expires_at)
SELECT $1, $2, $3, $4, $5, $6, CASE WHEN $7 THEN clock_timestamp() END, clock_timestamp() + $8::interval
RETURNING created_at, expires_at;

-- name: list_invitations
-- Who is invited, newest first.
SELECT proof_id, email, role, created_at, expires_at FROM proofs
WHERE organisation_id = $1 AND purpose = 'invitation' AND expires_at > clock_timestamp()
ORDER BY created_at DESC, proof_id;

-- name: delete_invitation
-- Its link opens nothing any more.
DELETE FROM proofs WHERE organisation_id = $1 AND proof_id = $2 AND purpose = 'invitation' RETURNING proof_id;

-- name: find_invitation
-- What a link invites to, while it holds.
SELECT p.proof_id, p.organisation_id, p.role, p.expires_at, o.name, o.domain
FROM proofs p JOIN organisations o USING (organisation_id)
WHERE p.link_hash = $1 AND p.purpose = 'invitation' AND p.expires_at > clock_timestamp();

-- name: lock_proof_of_domain
-- What an organisation has begun to prove, while it holds.
SELECT * FROM proofs WHERE organisation_id = $1 AND purpose = 'domain' AND expires_at > clock_timestamp() FOR UPDATE;

-- name: count_try
-- One more code was tried.
UPDATE proofs SET tries = tries + 1 WHERE proof_id = $1;

-- name: delete_proof
-- It was used; nothing where somebody else was quicker.
DELETE FROM proofs WHERE proof_id = $1 RETURNING proof_id;

-- name: delete_expired
-- Proofs that nobody answered, and keys that were replaced.
WITH proofs_gone AS (DELETE FROM proofs WHERE expires_at < clock_timestamp())
DELETE FROM api_keys WHERE expires_at < clock_timestamp();

-- name: lock_due_proof
-- A proof whose e-mail is due and that nobody else is sending.
SELECT p.proof_id, p.purpose, p.email, p.role, p.attempts, o.name, o.domain
FROM proofs p JOIN organisations o USING (organisation_id)
WHERE p.send_at <= clock_timestamp() AND p.expires_at > clock_timestamp()
ORDER BY p.send_at LIMIT 1 FOR UPDATE OF p SKIP LOCKED;

-- name: store_secrets
-- What the next e-mail will hold, as hashes. Should this process end meanwhile, another attempt is due after $4.
UPDATE proofs SET link_hash = $2, code_hash = $3, attempts = attempts + 1, send_at = clock_timestamp() + $4::interval
WHERE proof_id = $1;

-- name: sending_ended
-- Another attempt is due after $2, or never.
UPDATE proofs SET send_at = clock_timestamp() + $2::interval WHERE proof_id = $1;

-- name: next_proof_in
-- How long until an e-mail is due.
SELECT min(send_at) - clock_timestamp() FROM proofs WHERE send_at IS NOT NULL AND expires_at > clock_timestamp();

-- name: find_key
-- The organisation whose key has this hash, and what the key is good for. That it was used is noted once an hour; a request
-- never waits for another one that notes it.
WITH used AS (
    UPDATE api_keys SET last_used_at = clock_timestamp()
    WHERE key_hash IN (SELECT key_hash FROM api_keys
        WHERE key_hash = $1 AND (last_used_at IS NULL OR last_used_at < clock_timestamp() - interval '1 hour')
        FOR NO KEY UPDATE SKIP LOCKED))
SELECT organisation_id, CASE scope WHEN 'read' THEN 'read' ELSE 'all' END AS scope FROM api_keys
WHERE key_hash = $1 AND (expires_at IS NULL OR expires_at > clock_timestamp());

-- name: add_key
-- A new key of an organisation, as a hash.
INSERT INTO api_keys (key_id, organisation_id, key_hash, created_at, name, scope) VALUES ($1, $2, $3, $4, $5, $6);

-- name: list_keys
-- An organisation's keys, oldest first.
SELECT key_id, name, scope, created_at, last_used_at, expires_at FROM api_keys
WHERE organisation_id = $1 AND (expires_at IS NULL OR expires_at > clock_timestamp()) ORDER BY created_at, key_id;

-- name: lock_key
-- One key, locked until the transaction ends.
SELECT key_id, name, scope, expires_at FROM api_keys
WHERE organisation_id = $1 AND key_id = $2 AND (expires_at IS NULL OR expires_at > clock_timestamp()) FOR UPDATE;

-- name: end_key
-- A key that was replaced goes on for $2.
UPDATE api_keys SET expires_at = clock_timestamp() + $2::interval WHERE key_id = $1;

-- name: delete_key
-- Delete a key; returns its id if there was one.
DELETE FROM api_keys WHERE organisation_id = $1 AND key_id = $2 RETURNING key_id;

-- name: delete_keys
-- Nobody works there any more who could keep its keys.
DELETE FROM api_keys WHERE organisation_id = $1;
