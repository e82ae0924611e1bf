-- What members hold and are told. Names and e-mail addresses are never stored: they are looked up when rendering.

-- A member's place in their own stream of events: the last number given out. Its row lock makes the order of numbers
-- the order of commits.
CREATE TABLE members (
    member_id text PRIMARY KEY,
    last_seq bigint NOT NULL DEFAULT 0
);

-- One row a suggestion id, live or withdrawn. A withdrawn row has no content: it keeps the version, so that a stale
-- record does not revive it, and its place in the list, so that a cursor standing on it still works.
CREATE TABLE items (
    suggestion_id text COLLATE "C" PRIMARY KEY,
    member_id text,
    posting_id text COLLATE "C",
    version bigint NOT NULL,
    live boolean NOT NULL,
    status text NOT NULL DEFAULT 'unread' CHECK (status IN ('unread', 'updated', 'read')),
    content jsonb,
    rank numeric NOT NULL DEFAULT 0,
    posted_at timestamptz NOT NULL DEFAULT 'epoch',
    suggested_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    waiting boolean NOT NULL DEFAULT false,
    told_seq bigint,
    told_at timestamptz,
    CHECK (NOT live OR (member_id IS NOT NULL AND posting_id IS NOT NULL AND content IS NOT NULL))
);
CREATE INDEX items_by_rank ON items (member_id, rank DESC, posted_at DESC, posting_id) WHERE live;
CREATE INDEX items_by_age ON items (member_id, created_at DESC, suggestion_id) WHERE live;
CREATE INDEX items_by_message ON items (member_id, told_seq) WHERE live;
CREATE INDEX items_waiting ON items (member_id) WHERE waiting;
CREATE INDEX items_withdrawn ON items (updated_at) WHERE NOT live;

-- What a member's live streams are sent, by number; only ids, rendered when delivered.
CREATE TABLE events (
    member_id text NOT NULL,
    seq bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('suggestion', 'summary', 'updated', 'withdrawn')),
    suggestion_id text,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (member_id, seq)
);
CREATE INDEX events_by_age ON events (at);

-- Members with items waiting to be told in one summary.
CREATE TABLE digests (
    member_id text PRIMARY KEY,
    first_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL
);
CREATE INDEX digests_by_due ON digests (due_at);

-- The queue of e-mails: one row a message of the member's stream. `sending` is set before the conversation with the
-- mail server; a row found there later is in doubt and is never sent again.
CREATE TABLE deliveries (
    delivery_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    member_id text NOT NULL,
    seq bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('suggestion', 'summary')),
    state text NOT NULL DEFAULT 'queued'
        CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'cancelled', 'in_doubt')),
    attempts integer NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    error text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (member_id, seq)
);
CREATE INDEX deliveries_queued ON deliveries (next_at) WHERE state = 'queued';
CREATE INDEX deliveries_sending ON deliveries (updated_at) WHERE state = 'sending';

-- No row: everything on, dates in UTC.
CREATE TABLE preferences (
    member_id text PRIMARY KEY,
    email boolean NOT NULL,
    email_suggestion boolean NOT NULL,
    email_summary boolean NOT NULL,
    timezone text NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Who was erased, by id and version: a record that was under way does not bring anything of theirs back.
CREATE TABLE erased (
    member_id text PRIMARY KEY,
    version bigint NOT NULL,
    erased_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX erased_by_age ON erased (erased_at);
