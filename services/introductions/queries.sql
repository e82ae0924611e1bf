-- name: add_seeker
-- Add the row of a seeker if there is none yet.
INSERT INTO seekers (seeker_id) VALUES ($1) ON CONFLICT DO NOTHING;

-- name: lock_seeker
-- One writer a seeker, until the transaction ends.
SELECT 1 FROM seekers WHERE seeker_id = $1 FOR UPDATE;

-- name: try_lock_seeker
-- The same, where no other process holds the lock; else no row.
SELECT 1 FROM seekers WHERE seeker_id = $1 FOR UPDATE SKIP LOCKED;

-- name: find_due
-- Seekers of whom something is due at $1, without those in $2: a deadline, an opening closed for $3, a consent that was
-- withdrawn, a block.
SELECT DISTINCT seeker_id FROM (
    SELECT i.seeker_id FROM introductions i WHERE i.due_at <= $1
    UNION ALL
    SELECT i.seeker_id FROM introductions i JOIN openings o USING (posting_id)
    WHERE i.state IN ('requested', 'asked') AND o.closed_at <= $1 - $3::interval
    UNION ALL
    SELECT i.seeker_id FROM introductions i JOIN people p
        ON (p.person_id = i.introducer_id AND i.leg = 'app') OR (p.person_id = i.insider_id AND i.target_leg = 'app')
    WHERE i.state IN ('requested', 'asked', 'accepted') AND NOT p.introduces
    UNION ALL
    SELECT i.seeker_id FROM introductions i JOIN blocks b
        ON b.person_id IN (i.seeker_id, i.introducer_id, i.insider_id)
        AND b.contact_id IN (i.seeker_id, i.introducer_id, i.insider_id)
    WHERE i.state IN ('requested', 'asked', 'accepted') AND b.blocked
) due
WHERE seeker_id <> ALL($2::text[]) ORDER BY seeker_id LIMIT 500;

-- name: heard_lately
-- Whether the service was there within $1, in real time.
SELECT at > clock_timestamp() - $1::interval FROM heartbeat WHERE key = 'service';

-- name: add_heartbeat
-- Add the row of the heartbeat if there is none yet.
INSERT INTO heartbeat (key, at) VALUES ('service', clock_timestamp()) ON CONFLICT DO NOTHING;

-- name: lock_heartbeat
-- Whether the service has been silent for longer than $1, in real time; locked until the transaction ends.
SELECT at < clock_timestamp() - $1::interval FROM heartbeat WHERE key = 'service' FOR UPDATE;

-- name: set_heartbeat
-- The service is there.
UPDATE heartbeat SET at = clock_timestamp() WHERE key = 'service';

-- name: find_waiting_with_room
-- People for whom something waits and who have room at $1, counting from $2 on.
SELECT waits_for AS person_id FROM (SELECT DISTINCT waits_for FROM introductions WHERE waits_for IS NOT NULL) w
LEFT JOIN limits l ON l.person_id = w.waits_for
WHERE (l.quiet_until IS NULL OR l.quiet_until <= $1)
  AND COALESCE(l.asks_a_month, 4) > (
    SELECT count(*) FROM introductions WHERE introducer_id = w.waits_for AND reached_at > $2
  ) + (
    SELECT count(*) FROM introductions WHERE insider_id = w.waits_for AND reached_target_at > $2
  )
ORDER BY waits_for;

-- name: add_limits
-- Add the rows of people who have said nothing of how often they may be asked.
INSERT INTO limits (person_id) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING;

-- name: lock_limits
-- What people allow, locked in the order of their ids until the transaction ends.
SELECT * FROM limits WHERE person_id = ANY($1::text[]) ORDER BY person_id FOR UPDATE;

-- name: find_limits
-- What people allow.
SELECT * FROM limits WHERE person_id = ANY($1::text[]);

-- name: put_limits
-- Replace what somebody allows.
INSERT INTO limits (
    person_id, asks_a_month, quiet_until, never_companies, never_company_keys, never_members, asked_from
)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (person_id) DO UPDATE SET
    asks_a_month = excluded.asks_a_month, quiet_until = excluded.quiet_until,
    never_companies = excluded.never_companies, never_company_keys = excluded.never_company_keys,
    never_members = excluded.never_members, asked_from = excluded.asked_from;

-- name: find_reached
-- Moments after $2 at which a request reached one of these people.
SELECT introducer_id AS person_id, reached_at AS at FROM introductions
WHERE introducer_id = ANY($1::text[]) AND reached_at > $2
UNION ALL
SELECT insider_id, reached_target_at FROM introductions
WHERE insider_id = ANY($1::text[]) AND reached_target_at > $2;

-- name: find_waiting
-- What waits for one of these people, with how many asks of its seeker were delivered after $2.
SELECT i.waits_for, i.introduction_id, i.seeker_id, i.introducer_id, i.insider_id, i.company_key, i.value, i.begun_at,
    i.firmness, i.target_firmness, i.agreed_at, (
        SELECT count(*) FROM introductions d
        WHERE d.seeker_id = i.seeker_id AND d.origin = 'ask' AND COALESCE(d.reached_at, d.sent_at) > $2
    ) AS delivered
FROM introductions i
WHERE i.waits_for = ANY($1::text[]) AND NOT EXISTS (
    SELECT FROM sealed_answers s WHERE s.introduction_id = i.introduction_id
);

-- name: find_all_waiting
-- At most $1 of what waits for somebody, any of them.
SELECT i.*, NULL::jsonb AS sealed FROM introductions i
WHERE i.waits_for IS NOT NULL AND NOT EXISTS (
    SELECT FROM sealed_answers s WHERE s.introduction_id = i.introduction_id
)
ORDER BY random() LIMIT $1;

-- name: set_firmness
-- How well people know each other by now, of an introduction that waits.
UPDATE introductions SET firmness = $2, target_firmness = $3 WHERE introduction_id = $1 AND waits_for IS NOT NULL;

-- name: count_delivered
-- How many asks of a seeker were delivered after $2.
SELECT count(*) FROM introductions
WHERE seeker_id = $1 AND origin = 'ask' AND COALESCE(reached_at, sent_at) > $2;

-- name: find_of_seeker
-- A seeker's introductions that have not ended, those with introducers $2, and the one with id $3.
SELECT i.*, quiet_answers(i.introduction_id) AS sealed
FROM introductions i
WHERE i.seeker_id = $1
  AND (i.due_at IS NOT NULL OR i.introducer_id = ANY($2::text[]) OR i.introduction_id = $3);

-- name: find_introduction
-- One introduction.
SELECT i.*, quiet_answers(i.introduction_id) AS sealed
FROM introductions i WHERE i.introduction_id = $1;

-- name: list_of_seeker
-- A page of a seeker's introductions, newest first. $2: only open ones, or only ended ones.
SELECT i.*, NULL::jsonb AS sealed FROM introductions i
WHERE i.seeker_id = $1 AND ($2::boolean IS NULL OR (i.due_at IS NOT NULL) = $2)
  AND NOT (i.hidden AND i.accepted_at IS NULL)
  AND ($3::timestamptz IS NULL OR (i.begun_at, i.introduction_id) < ($3, $4::text))
ORDER BY i.begun_at DESC, i.introduction_id DESC LIMIT $5;

-- name: list_of_introducer
-- A page of the introductions that reached an introducer, or that they offered, newest first.
SELECT i.*, quiet_answers(i.introduction_id) AS sealed FROM introductions i
WHERE i.introducer_id = $1 AND ($2::boolean IS NULL OR (i.due_at IS NOT NULL) = $2)
  AND (i.origin = 'offer' OR i.asked_at IS NOT NULL)
  AND ($3::timestamptz IS NULL OR (i.begun_at, i.introduction_id) < ($3, $4::text))
ORDER BY i.begun_at DESC, i.introduction_id DESC LIMIT $5;

-- name: list_of_target
-- A page of the introductions that reached a target who is not their introducer, newest first.
SELECT i.*, quiet_answers(i.introduction_id) AS sealed FROM introductions i
WHERE i.insider_id = $1 AND i.introducer_id <> i.insider_id AND i.accepted_at IS NOT NULL
  AND ($2::boolean IS NULL OR (i.due_at IS NOT NULL) = $2)
  AND ($3::timestamptz IS NULL OR (i.begun_at, i.introduction_id) < ($3, $4::text))
ORDER BY i.begun_at DESC, i.introduction_id DESC LIMIT $5;

-- name: list_all
-- A page of all introductions, newest first. $1: only in this state; $2: only those past their deadline at $3.
SELECT introduction_id, state, outcome, begun_at, due_at, waits_for FROM introductions
WHERE ($1::text IS NULL OR state = $1) AND (NOT $2::boolean OR due_at < $3)
  AND ($4::timestamptz IS NULL OR (begun_at, introduction_id) < ($4, $5::text))
ORDER BY begun_at DESC, introduction_id DESC LIMIT $6;

-- name: find_could_introduce
-- Which of these people are introducers in a live suggestion of $1.
SELECT DISTINCT person_id FROM unnest($2::text[]) AS person_id
WHERE EXISTS (SELECT FROM suggestions s WHERE s.seeker_id = $1 AND s.introducers @> ARRAY[person_id]);

-- name: find_asks
-- A seeker's asks that were delivered and have ended, the last $2 of each: what their record is made from.
SELECT i.*, NULL::jsonb AS sealed FROM introductions i
WHERE i.seeker_id = $1 AND i.origin = 'ask' AND i.asked_at IS NOT NULL AND i.ended_at IS NOT NULL
  AND cardinality(i.uncounted) = 0
  AND (i.outcome IS NULL OR i.outcome NOT IN ('opening_closed', 'erased', 'no_longer_possible', 'no_room'))
ORDER BY i.ended_at DESC, i.introduction_id DESC LIMIT $2;

-- name: count_given
-- How many introductions $1 made for $2 that are known to be by their own word.
SELECT count(*) FROM introductions
WHERE introducer_id = $1 AND seeker_id = $2 AND introduced_at IS NOT NULL AND cardinality(uncounted) = 0;

-- name: find_offers_sent
-- When an introducer sent offers after $2.
SELECT begun_at FROM introductions WHERE introducer_id = $1 AND origin = 'offer' AND begun_at > $2;

-- name: find_unanswered
-- Asks that wait for an introducer's answer, nearest deadline first: neither yes nor a quiet no was said.
SELECT i.*, NULL::jsonb AS sealed FROM introductions i
WHERE i.introducer_id = $1 AND i.state = 'asked' AND i.agreed_at IS NULL
  AND NOT EXISTS (SELECT FROM sealed_answers s WHERE s.introduction_id = i.introduction_id)
ORDER BY i.due_at, i.introduction_id LIMIT $2;

-- name: find_helpable
-- Of pairs of a seeker and an opening ($1, $2) those whose seeker looks openly and whose opening is open. Whatever the
-- seeker asks for themself makes no difference here: nobody learns of that.
SELECT pair.seeker_id, o.posting_id, o.company, o.title, o.url
FROM unnest($1::text[], $2::text[]) AS pair (seeker_id, posting_id)
JOIN people p ON p.person_id = pair.seeker_id JOIN openings o USING (posting_id)
WHERE p.looks_openly AND o.closed_at IS NULL;

-- name: find_helpers
-- People who look openly and made introductions for $1 that are known to be by their own word, most first.
SELECT i.introducer_id AS person_id, count(*) AS made
FROM introductions i JOIN people p ON p.person_id = i.introducer_id
WHERE i.seeker_id = $1 AND i.introduced_at IS NOT NULL AND cardinality(i.uncounted) = 0 AND p.looks_openly
GROUP BY i.introducer_id ORDER BY count(*) DESC, i.introducer_id LIMIT $2;

-- name: find_introduces
-- Whether a member agrees to introduce.
SELECT introduces FROM people WHERE person_id = $1;

-- name: save_introduction
-- Store an introduction.
INSERT INTO introductions SELECT * FROM jsonb_populate_record(NULL::introductions, $1)
ON CONFLICT (introduction_id) DO UPDATE SET
    version = excluded.version, seeker_id = excluded.seeker_id, introducer_id = excluded.introducer_id,
    insider_id = excluded.insider_id, state = excluded.state, outcome = excluded.outcome, history = excluded.history,
    asked_at = excluded.asked_at, accepted_at = excluded.accepted_at, introduced_at = excluded.introduced_at,
    ended_at = excluded.ended_at, due_at = excluded.due_at, sent_at = excluded.sent_at,
    target_sent_at = excluded.target_sent_at, reached_at = excluded.reached_at,
    reached_target_at = excluded.reached_target_at, agreed_at = excluded.agreed_at, answers = excluded.answers,
    uncounted = excluded.uncounted, next_introducers = excluded.next_introducers, note = excluded.note,
    contact = excluded.contact, talked_by = excluded.talked_by, waits_for = excluded.waits_for;

-- name: delete_sealed
-- Delete the quiet answers of an introduction that went on without them.
DELETE FROM sealed_answers WHERE introduction_id = $1;

-- name: add_sealed
-- Keep a quiet answer.
INSERT INTO sealed_answers (introduction_id, who, answer, answered_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING;

-- name: find_closed_openings
-- Since when these openings are closed, of those that are.
SELECT posting_id, closed_at FROM openings WHERE posting_id = ANY($1::text[]) AND closed_at IS NOT NULL;

-- name: find_unwilling
-- Which of these members do not agree to be asked.
SELECT person_id FROM people WHERE person_id = ANY($1::text[]) AND NOT introduces;

-- name: find_blocks
-- Pairs of these people of whom one keeps the other off.
SELECT person_id, contact_id FROM blocks
WHERE blocked AND person_id = ANY($1::text[]) AND contact_id = ANY($1::text[]);

-- name: find_suggestion
-- A live suggestion of a seeker, with its opening.
SELECT s.suggestion_id, s.posting_id, s.fit, s.paths, o.company, o.title, o.url, o.closed_at
FROM suggestions s JOIN openings o USING (posting_id) WHERE s.seeker_id = $1 AND s.suggestion_id = $2;

-- name: find_to_be_delivered
-- A seeker's asks that wait for an introducer, and whom they would ask next: their paths must be known.
SELECT opening_key, posting_id, company, company_key, title, url, introducer_id, next_introducers FROM introductions
WHERE seeker_id = $1 AND due_at IS NOT NULL AND origin = 'ask' AND (state = 'requested' OR next_introducers <> '{}');

-- name: find_due_before
-- Seekers of whom something ends by itself before $1.
SELECT DISTINCT seeker_id FROM introductions WHERE due_at < $1 ORDER BY seeker_id;

-- name: delete_old_notes
-- Delete notes of what ended before $1.
UPDATE introductions SET note = NULL WHERE note IS NOT NULL AND ended_at < $1;

-- name: count_by_state
-- How many introductions are in each state, how many of them are overdue at $1, and how many wait for room.
SELECT state, count(*) AS there, count(*) FILTER (WHERE due_at < $1) AS overdue, count(waits_for) AS waiting
FROM introductions GROUP BY state;

-- name: list_by_id
-- All introductions, a page at a time; $1 is the last one seen.
SELECT i.*, NULL::jsonb AS sealed FROM introductions i
WHERE $1::text IS NULL OR introduction_id > $1 ORDER BY introduction_id LIMIT $2;

-- name: find_seekers_of
-- Whose these introductions are, in the order in which they are locked.
SELECT DISTINCT seeker_id FROM introductions WHERE introduction_id = ANY($1::text[]) ORDER BY seeker_id;

-- name: find_introductions
-- Those of these introductions that are there, with their quiet answers.
SELECT i.*, quiet_answers(i.introduction_id) AS sealed
FROM introductions i WHERE introduction_id = ANY($1::text[]) ORDER BY introduction_id;

-- name: find_known
-- Which of these introductions are there.
SELECT introduction_id FROM introductions WHERE introduction_id = ANY($1::text[]);

-- name: find_losses
-- Of a member's live suggestions but $2: by introducer, fit times score, and how many openings.
SELECT path->>'introducer_id' AS person_id, sum(s.fit * (path->>'score')::double precision) / 100 AS loss,
    count(*) AS openings
FROM suggestions s, jsonb_array_elements(s.paths) AS path
WHERE s.seeker_id = $1 AND s.suggestion_id <> ALL($2::text[])
GROUP BY 1 ORDER BY loss DESC, person_id;

-- name: find_week
-- Whom a member was shown in a week.
SELECT people FROM weeks_in_touch WHERE member_id = $1 AND week = $2;

-- name: put_week
-- Keep whom a member is shown in a week.
INSERT INTO weeks_in_touch (member_id, week, people) VALUES ($1, $2, $3)
ON CONFLICT (member_id, week) DO UPDATE SET people = excluded.people;

-- name: delete_weeks
-- Forget weeks before $1.
DELETE FROM weeks_in_touch WHERE week < $1;

-- name: put_touch
-- Keep until when somebody is not to be named to a member again; null: never.
INSERT INTO touches (member_id, person_id, until) VALUES ($1, $2, $3)
ON CONFLICT (member_id, person_id) DO UPDATE SET until = excluded.until;

-- name: find_put_off
-- People who are not to be named to a member at $2.
SELECT person_id FROM touches WHERE member_id = $1 AND (until IS NULL OR until > $2);

-- name: find_introduced_lately
-- With whom a member took part in an introduction that began, or led to one, after $2. A target takes part once all agreed.
SELECT introducer_id AS person_id FROM introductions WHERE seeker_id = $1 AND greatest(asked_at, introduced_at) > $2
UNION SELECT seeker_id FROM introductions WHERE introducer_id = $1 AND greatest(asked_at, introduced_at) > $2
UNION SELECT insider_id FROM introductions WHERE (seeker_id = $1 OR introducer_id = $1) AND introduced_at > $2
UNION SELECT unnest(ARRAY[seeker_id, introducer_id]) FROM introductions WHERE insider_id = $1 AND introduced_at > $2;
