-- What each source says of a contact. One import is compared with what its own source listed, and with nothing else.
-- contacts keeps what is shown of them all. Its columns source, listed and seen are written no more.
CREATE TABLE contact_sources (
    contact_id   text COLLATE "C" NOT NULL REFERENCES contacts ON DELETE CASCADE,
    source       text NOT NULL,
    listed       boolean NOT NULL,  -- the latest import of this source has the contact
    seen         date,  -- the first day of the quarter of the latest import that had it
    name         text NOT NULL,
    email        text,
    profile_url  text,
    company      text,
    position     text,
    connected_on date,
    connected    boolean NOT NULL,  -- they are connected on a network
    address      boolean NOT NULL,  -- the owner's address book has an address or a number of theirs
    sent         integer NOT NULL,  -- messages each way, and the day of the last one
    received     integer NOT NULL,
    last_message date,
    PRIMARY KEY (contact_id, source)
);
INSERT INTO contact_sources
SELECT contact_id, source, listed, date_trunc('quarter', seen)::date, name, email, profile_url, company, position,
    connected_on, true, false, 0, 0, NULL
FROM contacts;
ALTER TABLE contacts ALTER COLUMN source SET DEFAULT '', ALTER COLUMN listed SET DEFAULT true;

-- By source: {"listed": how many the latest import has, "content": its fingerprint}. Fingerprints are not carried over:
-- the next import of the same file publishes what is published differently from now on.
ALTER TABLE members ADD COLUMN books jsonb NOT NULL DEFAULT '{}';
UPDATE members SET books = jsonb_build_object('linkedin', jsonb_build_object('listed', listed)) WHERE listed > 0;
