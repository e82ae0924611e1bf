-- The link in each e-mail by which its kind is turned off without signing in. Only the SHA-256 of its token is stored.
CREATE TABLE unsubscribe_links (
    delivery_id uuid PRIMARY KEY,
    token_hash text NOT NULL UNIQUE,
    member_id text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('suggestion', 'summary')),
    made_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX unsubscribe_links_of_member ON unsubscribe_links (member_id);
CREATE INDEX unsubscribe_links_by_age ON unsubscribe_links (made_at);
