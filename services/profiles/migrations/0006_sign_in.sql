-- Sign-in: sessions beside tokens for programs, proofs of an address that are under way, and limits on both.

ALTER TABLE tokens
    ADD COLUMN token_id     uuid NOT NULL DEFAULT gen_random_uuid(),
    ADD COLUMN session      boolean NOT NULL DEFAULT false,  -- somebody signed in; else a token for a program
    ADD COLUMN name         text,  -- what its member calls it, or what a session's browser is called
    ADD COLUMN scope        text NOT NULL DEFAULT 'all' CHECK (scope IN ('all', 'read')),
    ADD COLUMN last_used_at timestamptz,  -- within an hour
    ADD COLUMN expires_at   timestamptz CHECK (session = (expires_at IS NOT NULL));
CREATE UNIQUE INDEX tokens_id ON tokens (token_id);
CREATE INDEX tokens_expiry ON tokens (expires_at) WHERE expires_at IS NOT NULL;

-- Secrets are stored as hashes only, and made when the e-mail that holds them is sent. A proof that was used is deleted.
CREATE TABLE proofs (
    proof_id     uuid PRIMARY KEY,
    purpose      text NOT NULL CHECK (purpose IN ('sign_in', 'address', 'operator')),
    email        text CHECK ((email IS NULL) = (purpose = 'operator')),  -- lower case; what is proven
    member_id    text REFERENCES members ON DELETE CASCADE
                 CHECK ((member_id IS NULL) = (purpose = 'sign_in')),  -- whose address it becomes, or who is let in
    browser_hash text,
    link_hash    text,
    code_hash    text,
    tries        smallint NOT NULL DEFAULT 0,  -- codes that were tried
    attempts     smallint NOT NULL DEFAULT 0,  -- to send the e-mail
    send_at      timestamptz,  -- when the e-mail is due; null: never, or no more
    expires_at   timestamptz NOT NULL
);
CREATE UNIQUE INDEX proofs_link ON proofs (link_hash) WHERE link_hash IS NOT NULL;
CREATE UNIQUE INDEX proofs_of_new_address ON proofs (member_id) WHERE purpose = 'address';
CREATE INDEX proofs_email ON proofs (email) WHERE email IS NOT NULL;
CREATE INDEX proofs_due ON proofs (send_at) WHERE send_at IS NOT NULL;
CREATE INDEX proofs_expiry ON proofs (expires_at);

-- How far each limit is used up: it is free again at `free_at`. Keys are keyed digests of addresses and sources.
CREATE TABLE limits (
    key     text PRIMARY KEY,
    free_at timestamptz NOT NULL
);
CREATE INDEX limits_free ON limits (free_at);
