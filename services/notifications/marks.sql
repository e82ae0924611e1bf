-- name: save_item
-- Keep a live item at hand, or no longer.
UPDATE items SET saved = $3 WHERE suggestion_id = $1 AND member_id = $2 AND live AND kind = 'suggestion'
RETURNING kind, status, content, suggested_at, created_at, updated_at, saved, hidden,
    hidden_by(member_id) AS hidden_people;

-- name: hide_item
-- A hidden item is as good as read: no message about it is needed any more. Shown again, it stays read.
UPDATE items SET hidden = $3, waiting = false,
    status = CASE WHEN $3 THEN 'read' ELSE status END, told_at = COALESCE(told_at, clock_timestamp())
WHERE suggestion_id = $1 AND member_id = $2 AND live AND kind = 'suggestion'
RETURNING kind, status, content, suggested_at, created_at, updated_at, saved, hidden,
    hidden_by(member_id) AS hidden_people;

-- name: hide_person
-- Not to be suggested any more; at most $3 people a member.
INSERT INTO hidden_people (member_id, person_id)
SELECT $1, $2 WHERE (SELECT count(*) FROM hidden_people WHERE member_id = $1) < $3
ON CONFLICT (member_id, person_id) DO NOTHING;

-- name: show_person
-- To be suggested again.
DELETE FROM hidden_people WHERE member_id = $1 AND person_id = $2;

-- name: hidden_people
-- Whom a member hid, the last first.
SELECT person_id FROM hidden_people WHERE member_id = $1 ORDER BY hidden_at DESC, person_id;

-- name: hidden_items
-- Live items that a member hid, the newest first; at most $2.
SELECT kind, status, content, suggested_at, created_at, updated_at, saved, hidden,
    hidden_by(member_id) AS hidden_people
FROM items WHERE member_id = $1 AND live AND hidden AND kind = 'suggestion' ORDER BY created_at DESC, suggestion_id LIMIT $2;

-- name: hidden_ids
-- Ids of the live suggestions that a member hid.
SELECT suggestion_id FROM items WHERE member_id = $1 AND live AND hidden AND kind = 'suggestion' ORDER BY suggestion_id;

-- name: withdrawn_subject
-- What an item of a member was about that is no longer live.
SELECT posting_id FROM items WHERE suggestion_id = $1 AND member_id = $2 AND NOT live AND kind = 'suggestion';
