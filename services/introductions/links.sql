-- name: count_links
-- How many links there are for a part of an introduction.
SELECT count(*) FROM links WHERE introduction_id = $1 AND role = $2 AND mailed_to IS NOT DISTINCT FROM $3;

-- name: add_link
-- A new link, by the hash of its token.
INSERT INTO links (token_hash, introduction_id, role, mailed_to) VALUES ($1, $2, $3, $4);

-- name: find_link
-- The link whose token has this hash.
SELECT introduction_id, role, mailed_to FROM links WHERE token_hash = $1;

-- name: is_member
-- Whether somebody is a member.
SELECT 1 FROM people WHERE person_id = $1;

-- name: delete_links_of_role
-- Links for a part whose person was erased.
DELETE FROM links WHERE introduction_id = $1 AND role = $2;

-- name: delete_old_links
-- Links of introductions that ended before $1.
DELETE FROM links USING introductions i WHERE i.introduction_id = links.introduction_id AND i.ended_at < $1;
