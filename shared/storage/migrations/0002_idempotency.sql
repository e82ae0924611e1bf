-- Answers kept for a day, so that a repeated POST gets the first one's answer instead of a second effect.
-- A row is written in the effect's own transaction: either both are there or neither.
CREATE TABLE idempotency (
    caller      text        NOT NULL,  -- kind and id: a key means nothing to anybody else
    endpoint    text        NOT NULL,  -- method and path template
    key         text        NOT NULL,  -- what the client sent
    fingerprint text        NOT NULL,  -- of path, query and body: the same key with another one is refused
    status      integer,               -- NULL only inside the transaction that is still at work
    headers     jsonb,
    body        bytea,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (caller, endpoint, key)
);

CREATE INDEX idempotency_created_at ON idempotency (created_at);
