-- Organisations, their keys, their openings, and the day.

CREATE TABLE organisations (
    organisation_id text PRIMARY KEY,
    name            text NOT NULL,
    created_at      timestamptz NOT NULL
);

-- A key is kept as its SHA-256 only; whoever loses it asks for another.
CREATE TABLE api_keys (
    key_id          text PRIMARY KEY,
    organisation_id text NOT NULL REFERENCES organisations ON DELETE CASCADE,
    key_hash        text NOT NULL UNIQUE,
    created_at      timestamptz NOT NULL
);
CREATE INDEX api_keys_of_organisation ON api_keys (organisation_id);

-- `record` is the value last written to postings.v1; the columns beside it are what queries look for.
-- company and title are case-folded, so that searching does not depend on the database's locale.
CREATE TABLE postings (
    posting_id      text COLLATE "C" PRIMARY KEY,
    organisation_id text NOT NULL REFERENCES organisations,
    external_id     text,
    status          text NOT NULL CHECK (status IN ('open', 'closed')),
    company         text NOT NULL,
    company_domain  text,
    title           text NOT NULL,
    posted_at       timestamptz NOT NULL,
    valid_through   date,
    hiring_contact  text,
    record          jsonb NOT NULL,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    UNIQUE (organisation_id, external_id)
);
CREATE INDEX postings_newest_first ON postings (organisation_id, posted_at DESC, posting_id DESC);
CREATE INDEX postings_to_expire ON postings (valid_through) WHERE status = 'open' AND valid_through IS NOT NULL;
CREATE INDEX postings_by_contact ON postings (hiring_contact) WHERE hiring_contact IS NOT NULL;

-- The day last written to clock.v1: one row.
CREATE TABLE clock (
    key     text PRIMARY KEY,
    day     date NOT NULL,
    version bigint NOT NULL
);
