-- name: note_erased
-- Members $1 were erased.
INSERT INTO departures (person_id) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING;

-- name: note_named
-- Those of $1 who stand in an introduction, or in what members said: something became of them.
INSERT INTO departures (person_id)
SELECT gone.person_id FROM unnest($1::text[]) AS gone (person_id)
WHERE EXISTS (SELECT FROM introductions WHERE introducer_id = gone.person_id)
   OR EXISTS (SELECT FROM introductions WHERE insider_id = gone.person_id)
   OR EXISTS (SELECT FROM introductions WHERE next_introducers @> ARRAY[gone.person_id] AND next_introducers <> '{}')
   OR EXISTS (SELECT FROM limits WHERE person_id = gone.person_id)
   OR EXISTS (SELECT FROM limits WHERE never_members @> ARRAY[gone.person_id])
   OR EXISTS (SELECT FROM touches WHERE person_id = gone.person_id)
   OR EXISTS (SELECT FROM weeks_in_touch WHERE people @> ARRAY[gone.person_id])
ON CONFLICT DO NOTHING;

-- name: note_unknown
-- Everybody in an open introduction of whom people.v1 says nothing: contacts, and whoever left while it began.
INSERT INTO departures (person_id)
SELECT DISTINCT person_id FROM introductions,
    LATERAL (VALUES (seeker_id), (introducer_id), (insider_id)) AS three (person_id)
WHERE due_at IS NOT NULL AND NOT EXISTS (SELECT FROM people WHERE people.person_id = three.person_id)
ON CONFLICT DO NOTHING;

-- name: find_departures
-- The first of those to ask about.
SELECT person_id FROM departures ORDER BY noted_at, person_id LIMIT $1;

-- name: delete_departures
-- These are dealt with.
DELETE FROM departures WHERE person_id = ANY($1::text[]);

-- name: seekers_with
-- Seekers of introductions that name a person.
SELECT DISTINCT seeker_id FROM introductions WHERE seeker_id = $1 OR introducer_id = $1 OR insider_id = $1
   OR (next_introducers @> ARRAY[$1] AND next_introducers <> '{}')
ORDER BY seeker_id;

-- name: introductions_with
-- A seeker's introductions that name a person.
SELECT i.*, quiet_answers(i.introduction_id) AS sealed
FROM introductions i
WHERE seeker_id = $1
  AND (seeker_id = $2 OR introducer_id = $2 OR insider_id = $2 OR (next_introducers @> ARRAY[$2] AND next_introducers <> '{}'))
ORDER BY introduction_id;

-- name: delete_introduction
-- Delete an introduction of which nobody is left; its tombstone is written in the same transaction.
DELETE FROM introductions WHERE introduction_id = $1;

-- name: move_touches
-- What members said about keeping in touch with a contact $1 holds for the member $2 whom they turned out to be.
UPDATE touches SET person_id = $2 WHERE person_id = $1
    AND NOT EXISTS (SELECT FROM touches AS said WHERE said.member_id = touches.member_id AND said.person_id = $2);

-- name: forget_person
-- Delete what else is kept of somebody who was erased, and their id from what others said.
WITH own AS (DELETE FROM limits WHERE person_id = $1),
    seeking AS (DELETE FROM seekers WHERE seeker_id = $1),
    weeks AS (DELETE FROM weeks_in_touch WHERE member_id = $1 OR people @> ARRAY[$1]),
    touched AS (DELETE FROM touches WHERE member_id = $1 OR person_id = $1)
UPDATE limits SET never_members = array_remove(never_members, $1) WHERE never_members @> ARRAY[$1];
