-- For how many messages of their own a member had within the last minute, however many events there are.
CREATE INDEX events_told ON events (member_id, at) WHERE kind = 'suggestion';
