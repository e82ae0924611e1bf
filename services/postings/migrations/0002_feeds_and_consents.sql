-- Who closed an opening decides whether a feed that does not speak of its status may open it again.
ALTER TABLE postings ADD COLUMN closed_by text CHECK (closed_by IN ('hand', 'feed', 'expiry'));
UPDATE postings SET closed_by = 'hand' WHERE status = 'closed';

-- Openings of organisations that nobody vouches for reach no discreet seeker. Operators made all there are.
ALTER TABLE organisations ADD COLUMN vouched boolean NOT NULL DEFAULT true;

-- How many openings an organisation made on a day (UTC): deleting one gives no room for another.
CREATE TABLE new_openings (
    organisation_id text NOT NULL REFERENCES organisations ON DELETE CASCADE,
    day             date NOT NULL,
    made            integer NOT NULL,
    PRIMARY KEY (organisation_id, day)
);

-- Which members agreed to be named as hiring contact, and by which organisations: what people.v1 says of it.
CREATE TABLE hiring_consents (
    person_id       text NOT NULL,
    organisation_id text NOT NULL,
    PRIMARY KEY (person_id, organisation_id)
);
