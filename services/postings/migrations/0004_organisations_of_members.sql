-- Organisations that members make: who works in them, who is invited, their web domain, and keys that they keep themselves.

-- vouched: an operator's word, yes or no. Where it is null a verified web domain decides.
ALTER TABLE organisations
    ALTER COLUMN vouched DROP NOT NULL,
    ADD COLUMN by_operator boolean NOT NULL DEFAULT true,  -- an operator made it, and it may have keys without members
    ADD COLUMN domain text,
    ADD COLUMN domain_verified_at timestamptz,
    ADD CONSTRAINT organisations_domain CHECK ((domain IS NULL) = (domain_verified_at IS NULL));

ALTER TABLE api_keys
    ADD COLUMN name text,
    ADD COLUMN scope text NOT NULL DEFAULT 'post' CHECK (scope IN ('post', 'read')),
    ADD COLUMN last_used_at timestamptz,  -- within an hour
    ADD COLUMN expires_at timestamptz;  -- it was replaced, and goes on until then

CREATE TABLE organisation_members (
    organisation_id text NOT NULL REFERENCES organisations ON DELETE CASCADE,
    member_id       text NOT NULL,
    role            text NOT NULL CHECK (role IN ('owner', 'recruiter', 'viewer')),
    joined_at       timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, member_id)
);
CREATE INDEX organisation_members_member ON organisation_members (member_id);

-- Who may be named as hiring contact: members who agreed and work in the organisation; where an operator keeps one that
-- has no members, whoever agreed.
CREATE VIEW willing_contacts AS
SELECT c.person_id, c.organisation_id
FROM hiring_consents c
WHERE EXISTS (SELECT FROM organisation_members m
        WHERE m.organisation_id = c.organisation_id AND m.member_id = c.person_id)
    OR NOT EXISTS (SELECT FROM organisation_members m WHERE m.organisation_id = c.organisation_id);

-- What is under way by e-mail: a code to an address at a web domain, links to who is invited. Secrets are stored as hashes
-- only, and made when the e-mail that holds them is sent. A proof that was used is deleted.
CREATE TABLE proofs (
    proof_id        uuid PRIMARY KEY,
    purpose         text NOT NULL CHECK (purpose IN ('domain', 'invitation')),
    organisation_id text NOT NULL REFERENCES organisations ON DELETE CASCADE,
    email           text NOT NULL,  -- lower case
    role            text CHECK (role IN ('owner', 'recruiter', 'viewer')),
    made_by         text NOT NULL,  -- a member
    link_hash       text,
    code_hash       text,
    tries           smallint NOT NULL DEFAULT 0,  -- codes that were tried
    attempts        smallint NOT NULL DEFAULT 0,  -- to send the e-mail
    send_at         timestamptz,  -- when the e-mail is due; null: never, or no more
    created_at      timestamptz NOT NULL DEFAULT now(),
    expires_at      timestamptz NOT NULL,
    CHECK ((role IS NOT NULL) = (purpose = 'invitation'))
);
CREATE UNIQUE INDEX proofs_of_domain ON proofs (organisation_id) WHERE purpose = 'domain';
CREATE UNIQUE INDEX proofs_of_invited ON proofs (organisation_id, email) WHERE purpose = 'invitation';
CREATE UNIQUE INDEX proofs_link ON proofs (link_hash) WHERE link_hash IS NOT NULL;
CREATE INDEX proofs_of_member ON proofs (made_by);
CREATE INDEX proofs_due ON proofs (send_at) WHERE send_at IS NOT NULL;
CREATE INDEX proofs_expiry ON proofs (expires_at);

-- How far each limit is used up: it is free again at `free_at`. Keys are keyed digests of members and addresses.
CREATE TABLE limits (
    key     text PRIMARY KEY,
    free_at timestamptz NOT NULL
);
CREATE INDEX limits_free ON limits (free_at);
