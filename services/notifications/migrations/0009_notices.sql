-- Items about introductions are planned before they are told: they are live from then on.
ALTER TABLE items ADD COLUMN due_at timestamptz;
CREATE INDEX items_due ON items (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX items_of_introduction ON items (posting_id) WHERE kind <> 'suggestion';

-- Within these hours of the member's day no e-mail is sent; it waits until they end.
ALTER TABLE preferences
    ADD COLUMN quiet_from time,
    ADD COLUMN quiet_until time,
    ADD CONSTRAINT preferences_quiet CHECK ((quiet_from IS NULL) = (quiet_until IS NULL));
