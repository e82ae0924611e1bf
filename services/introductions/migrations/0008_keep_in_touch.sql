-- Keeping in touch: whom a member was shown in which week, and what they said of somebody.

CREATE TABLE weeks_in_touch (
    member_id text COLLATE "C" NOT NULL,
    week      date NOT NULL,
    people    text[] NOT NULL,
    PRIMARY KEY (member_id, week)
);

-- `until`: not to be shown before; null: never again.
CREATE TABLE touches (
    member_id text COLLATE "C" NOT NULL,
    person_id text COLLATE "C" NOT NULL,
    until     timestamptz,
    PRIMARY KEY (member_id, person_id)
);
CREATE INDEX touches_of_person ON touches (person_id);
