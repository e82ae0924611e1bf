-- How many seekers an opening reaches, as worked out last: a step of the count (0 for less than the first step), which is
-- kept nowhere. Null while it is not known yet. `reach_due_at`: when it is worked out again, whatever is changed meanwhile.
ALTER TABLE postings
    ADD COLUMN reach integer,
    ADD COLUMN reach_at timestamptz,
    ADD COLUMN reach_due_at timestamptz;
CREATE INDEX postings_reach_due ON postings (reach_due_at) WHERE status = 'open' AND reach_due_at IS NOT NULL;
CREATE INDEX postings_reach_first ON postings (created_at) WHERE status = 'open' AND reach_due_at IS NULL;
