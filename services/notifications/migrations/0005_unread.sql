-- What is unread is found without going through what was read.
CREATE INDEX items_unread_by_rank ON items (member_id, rank DESC, posted_at DESC, posting_id)
    WHERE live AND status <> 'read';
CREATE INDEX items_unread_by_age ON items (member_id, created_at DESC, suggestion_id) WHERE live AND status <> 'read';
