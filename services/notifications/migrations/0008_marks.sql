-- What a member did with their suggestions. Hidden openings and people are nobody's business but theirs: nothing is
-- blocked, and nobody is told.
ALTER TABLE items
    ADD COLUMN saved boolean NOT NULL DEFAULT false,
    ADD COLUMN hidden boolean NOT NULL DEFAULT false;

-- Introducers whom a member does not want to be suggested.
CREATE TABLE hidden_people (
    member_id text NOT NULL,
    person_id text NOT NULL,
    hidden_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (member_id, person_id)
);
CREATE INDEX hidden_people_by_person ON hidden_people (person_id);

-- Whom a member hid.
CREATE FUNCTION hidden_by(member text) RETURNS text[] LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT COALESCE(array_agg(person_id), '{}') FROM hidden_people WHERE member_id = member;
END;

-- Whether an item has an introducer who is not hidden. Content without paths is about something else than a way in.
CREATE FUNCTION somebody_is_left(hidden_ones text[], item jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT hidden_ones = '{}' OR item -> 'paths' IS NULL OR EXISTS (
        SELECT FROM jsonb_array_elements(item -> 'paths') AS path WHERE path ->> 'introducer_id' <> ALL (hidden_ones));
END;
