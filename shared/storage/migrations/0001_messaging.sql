-- What a service says to others and what it has heard, in the same database as its effects.

-- Records on their way to Kafka, written in the effect's own transaction; the relay deletes what Kafka has.
CREATE TABLE outbox (
    seq           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lane          smallint NOT NULL,
    topic         text NOT NULL,
    key           text NOT NULL,
    value         bytea,  -- NULL is a tombstone
    header_names  text[] NOT NULL,
    header_values bytea[] NOT NULL,
    partition     integer,  -- NULL: by the key
    created_at    timestamptz NOT NULL DEFAULT now(),
    not_before    timestamptz,  -- a tombstone that is published again later
    parked_at     timestamptz,  -- it cannot be published; an operator looks at it
    parked_reason text,
    CHECK (cardinality(header_names) = cardinality(header_values)),
    CHECK ((parked_at IS NULL) = (parked_reason IS NULL))
);
CREATE INDEX outbox_due ON outbox (lane, seq) WHERE parked_at IS NULL AND not_before IS NULL;
CREATE INDEX outbox_later ON outbox (not_before) WHERE parked_at IS NULL AND not_before IS NOT NULL;
CREATE INDEX outbox_parked ON outbox (parked_at) WHERE parked_at IS NOT NULL;
CREATE INDEX outbox_key ON outbox (topic, key);

-- At commit, whatever wrote: nobody can forget to wake the relay. Channels are the database's, so the schema is in it.
CREATE FUNCTION outbox_wake() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('outbox_' || TG_TABLE_SCHEMA, '');
    RETURN NULL;
END
$$;
CREATE TRIGGER outbox_wake AFTER INSERT ON outbox FOR EACH STATEMENT EXECUTE FUNCTION outbox_wake();

-- How far each group has applied each partition: moved in the effect's own transaction. A topic that is made anew has a
-- new id, and so begins again.
CREATE TABLE processed (
    consumer_group text NOT NULL,
    topic_id       uuid NOT NULL,
    partition      integer NOT NULL,
    next           bigint NOT NULL,
    topic          text NOT NULL,  -- for people who read the table
    moved_at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer_group, topic_id, partition)
);
