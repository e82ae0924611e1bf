-- What a member gets of what is kept of them, a page at a time: $1 the member, $2 the last key seen, $3 rows a page.

-- name: contacts
-- Their address book, what they said of the people in it, and what each of the files that they imported says.
SELECT ARRAY[name_key, contact_id] AS key, coalesce(member_id, contact_id) AS id, member_id IS NOT NULL AS member, name,
    given_name, email, profile_url, company, position, corrected, connected_on, closeness, worked_together, blocked, may_find_me,
    confirmed IS NOT NULL AS confirmed, introduced,
    (SELECT jsonb_agg(to_jsonb(s) - 'contact_id' ORDER BY source) FROM contact_sources s
        WHERE s.contact_id = c.contact_id) AS sources
FROM contacts c
WHERE owner_id = $1 AND ($2::text[] IS NULL OR (name_key, contact_id) > (($2::text[])[1], ($2::text[])[2]))
ORDER BY name_key, contact_id LIMIT $3

-- name: introductions
-- Introductions in which somebody said yes to them, and whether they said that it led to a talk.
SELECT ARRAY[introduction_id, other_id] AS key, introduction_id, other_id AS person_id, introduced_at, talked
FROM introduced
WHERE person_id = $1 AND ($2::text[] IS NULL OR (introduction_id, other_id) > (($2::text[])[1], ($2::text[])[2]))
ORDER BY introduction_id, other_id LIMIT $3

-- name: sessions
-- Where they are signed in.
SELECT ARRAY[token_id::text] AS key, token_id AS session_id, name AS about, created_at, last_used_at, expires_at
FROM tokens WHERE member_id = $1 AND session AND ($2::text[] IS NULL OR token_id > ($2::text[])[1]::uuid)
ORDER BY token_id LIMIT $3

-- name: tokens
-- Their tokens for programs.
SELECT ARRAY[token_id::text] AS key, token_id, name, scope, created_at, last_used_at
FROM tokens WHERE member_id = $1 AND NOT session AND ($2::text[] IS NULL OR token_id > ($2::text[])[1]::uuid)
ORDER BY token_id LIMIT $3

-- name: proofs
-- Sign-ins, changes of their address, and links that operators made for them.
SELECT ARRAY[proof_id::text] AS key, purpose, email, expires_at
FROM proofs
WHERE (member_id = $1 OR email = (SELECT email FROM members WHERE member_id = $1 AND email_verified))
    AND ($2::text[] IS NULL OR proof_id > ($2::text[])[1]::uuid)
ORDER BY proof_id LIMIT $3

-- name: audit
-- What was done to them and by what kind of caller. $1 is their digest.
SELECT ARRAY[seq::text] AS key, at, actor, action FROM audit
WHERE subject = $1 AND ($2::text[] IS NULL OR seq > ($2::text[])[1]::bigint) ORDER BY seq LIMIT $3

-- name: account
-- What the profile does not show of the account.
SELECT created_at, books, corrections FROM members WHERE member_id = $1
