-- Members, their address books, and what was erased. The only tables of the stack with names and e-mail addresses.

CREATE TABLE members (
    member_id        text PRIMARY KEY,
    name             text NOT NULL,
    email            text NOT NULL,  -- lower case
    email_verified   boolean NOT NULL,
    profile_url      text,
    profile_key      text,  -- whom the link names, whatever its spelling
    profile_verified boolean NOT NULL,
    time_zone        text NOT NULL,
    employments      jsonb NOT NULL,
    skills           jsonb NOT NULL,
    seeking          jsonb,
    introduces       boolean NOT NULL,
    listed           integer NOT NULL DEFAULT 0,  -- how many the latest address book holds
    imported         bytea,  -- fingerprint of the latest address book: the same one again changes nothing
    version          bigint,  -- what people.v1 has: its version, and a digest of its content
    digest           bytea,
    created_at       timestamptz NOT NULL DEFAULT now()
);
-- What is verified belongs to one member. A mere claim does not keep the owner out.
CREATE UNIQUE INDEX members_email ON members (email) WHERE email_verified;
CREATE UNIQUE INDEX members_profile ON members (profile_key) WHERE profile_verified;
CREATE INDEX members_claims ON members (profile_key) WHERE NOT profile_verified;

CREATE TABLE tokens (
    token_hash text PRIMARY KEY,  -- SHA-256 in hex
    member_id  text NOT NULL REFERENCES members ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX tokens_member ON tokens (member_id);

CREATE TABLE contacts (
    contact_id      text COLLATE "C" PRIMARY KEY,
    owner_id        text NOT NULL REFERENCES members ON DELETE CASCADE,
    name            text NOT NULL,
    name_key        text COLLATE "C" NOT NULL,  -- what lists are ordered by
    folded          text NOT NULL,  -- name and company without case, for searching
    email           text,
    profile_url     text,
    profile_key     text,
    company         text,
    company_key     text COLLATE "C",
    position        text,
    connected_on    date,
    source          text NOT NULL,
    listed          boolean NOT NULL,  -- the latest import has it
    seen            date,  -- the day of the latest import that had it
    closeness       smallint CHECK (closeness BETWEEN 1 AND 5),
    worked_together jsonb,
    blocked         boolean NOT NULL,
    member_id       text REFERENCES members,  -- the contact turned out to be this member
    person_version  bigint,  -- what people.v1 and ties.v1 have
    person_digest   bytea,
    tie_version     bigint,
    tie_digest      bytea,
    CHECK (member_id <> owner_id)
);
CREATE UNIQUE INDEX contacts_member ON contacts (owner_id, member_id) WHERE member_id IS NOT NULL;
CREATE INDEX contacts_of_member ON contacts (member_id) WHERE member_id IS NOT NULL;
CREATE INDEX contacts_list ON contacts (owner_id, name_key, contact_id);
CREATE INDEX contacts_company ON contacts (owner_id, company_key);
CREATE INDEX contacts_email ON contacts (email) WHERE member_id IS NULL AND email IS NOT NULL;
CREATE INDEX contacts_profile ON contacts (profile_key) WHERE member_id IS NULL AND profile_key IS NOT NULL;

-- The version each erased record had, for 30 days: should its key come back, it goes on from there.
CREATE TABLE erased (
    topic     text NOT NULL,
    key       text NOT NULL,
    version   bigint NOT NULL,
    erased_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topic, key)
);
CREATE INDEX erased_at ON erased (erased_at);
