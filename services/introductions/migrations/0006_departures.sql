-- People whose record is gone from people.v1 and who stand in introductions, or may: whether they were erased, or a contact
-- turned out to be a member, is asked of profiles, which no transaction waits for.
CREATE TABLE departures (
    person_id text COLLATE "C" PRIMARY KEY,
    noted_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX departures_by_age ON departures (noted_at);
CREATE INDEX introductions_next ON introductions USING gin (next_introducers) WHERE next_introducers <> '{}';
