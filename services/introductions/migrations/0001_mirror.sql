-- What introductions keeps of other services' topics: as little as its rules need, no names and no searches.
-- Each row has the version of its record, so that an older record changes nothing.

-- Openings. One that was deleted stays as a closed one while an introduction is about it.
CREATE TABLE openings (
    posting_id text COLLATE "C" PRIMARY KEY,
    version    bigint NOT NULL,
    company    text NOT NULL,
    title      text NOT NULL,
    url        text,
    closed_at  timestamptz,  -- null: open
    seen_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX openings_closed ON openings (closed_at) WHERE closed_at IS NOT NULL;

-- Members, and what they agreed to. Contacts of members are in nobody's row.
CREATE TABLE people (
    person_id  text COLLATE "C" PRIMARY KEY,
    version    bigint NOT NULL,
    introduces boolean NOT NULL,
    looks_openly boolean NOT NULL
);

-- Suggestions; one that was withdrawn keeps its version only, for 30 days. `paths`: objects of introducer_id, insider_id,
-- score, ask; best first.
CREATE TABLE suggestions (
    suggestion_id text COLLATE "C" PRIMARY KEY,
    version       bigint NOT NULL,
    seeker_id     text COLLATE "C",
    posting_id    text COLLATE "C",
    fit           integer,
    paths         jsonb,
    introducers   text[],
    changed_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK ((seeker_id IS NULL) = (paths IS NULL) AND (paths IS NULL) = (introducers IS NULL)
        AND (posting_id IS NULL) = (paths IS NULL) AND (fit IS NULL) = (paths IS NULL))
);
CREATE INDEX suggestions_of_seeker ON suggestions (seeker_id) WHERE seeker_id IS NOT NULL;
CREATE INDEX suggestions_of_introducer ON suggestions USING gin (introducers) WHERE introducers IS NOT NULL;
CREATE INDEX suggestions_withdrawn ON suggestions (changed_at) WHERE seeker_id IS NULL;

-- Who wants no path with whom; a block that was lifted keeps its version only, for 30 days.
CREATE TABLE blocks (
    person_id  text COLLATE "C" NOT NULL,
    contact_id text COLLATE "C" NOT NULL,
    version    bigint NOT NULL,
    blocked    boolean NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (person_id, contact_id)
);
CREATE INDEX blocks_of_contact ON blocks (contact_id) WHERE blocked;
CREATE INDEX blocks_lifted ON blocks (changed_at) WHERE NOT blocked;

-- Who was erased, by id and version: a record that was under way brings nothing of theirs back.
CREATE TABLE erased (
    person_id text COLLATE "C" PRIMARY KEY,
    version   bigint NOT NULL,
    erased_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX erased_by_age ON erased (erased_at);
