-- Whoever is gone is looked for in what members said and were shown, at each tombstone.
CREATE INDEX weeks_of_people ON weeks_in_touch USING gin (people);
CREATE INDEX limits_of_members ON limits USING gin (never_members);
