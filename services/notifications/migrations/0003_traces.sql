-- What somebody was told, and the trace of what it came from: the same id is in logs, on topics and in spans.

-- The trace of the last record of suggestions.v1 that changed the item and had one, 32 hexadecimal digits.
ALTER TABLE items ADD COLUMN trace_id text;

-- The whole `traceparent`, since what is sent later goes on from there.
ALTER TABLE events ADD COLUMN traceparent text;
ALTER TABLE deliveries ADD COLUMN traceparent text;
