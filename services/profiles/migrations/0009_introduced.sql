-- Introductions that led to a talk, by the word of one of the two: ids and when they were introduced, nothing else.
CREATE TABLE introduced (
    introduction_id text NOT NULL,
    person_id       text NOT NULL REFERENCES members ON DELETE CASCADE,
    other_id        text NOT NULL,  -- a member, or a contact in somebody's address book
    introduced_at   timestamptz NOT NULL,
    version         bigint NOT NULL,  -- of the introduction's record
    PRIMARY KEY (introduction_id, person_id, other_id)
);
CREATE INDEX introduced_pair ON introduced (person_id, other_id);
CREATE INDEX introduced_other ON introduced (other_id);

ALTER TABLE contacts
    ADD COLUMN introduced    smallint NOT NULL DEFAULT 0,  -- how many of their introductions count as evidence
    ADD COLUMN introduced_to text;  -- under which id an introduction led the owner to them; a member has said yes to it
CREATE INDEX contacts_introduced ON contacts (introduced_to) WHERE introduced_to IS NOT NULL;
