-- When this schema came back from a backup (infra/postgres/restored.sql writes it): what was suggested until then may
-- have been told by the messages that were lost.
CREATE TABLE restores (
    until timestamptz NOT NULL DEFAULT clock_timestamp()
);
