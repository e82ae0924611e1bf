-- Links by which somebody answers without an account: for one part of one introduction, as long as that part may answer.
-- Only the SHA-256 of a link's 256 random bits is stored. `mailed_to`: the member to whose verified address we sent it;
-- null: the writer sends it themself, and holds it too.
CREATE TABLE links (
    token_hash      text PRIMARY KEY,
    introduction_id text COLLATE "C" NOT NULL REFERENCES introductions ON DELETE CASCADE,
    role            text NOT NULL CHECK (role IN ('introducer', 'target')),
    mailed_to       text COLLATE "C",
    made_at         timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX links_of_introduction ON links (introduction_id, role);
