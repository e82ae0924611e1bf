-- An item is of a kind and about a subject. Two columns keep the names that the first kind gave them, because processes
-- of the version before go on using them: suggestion_id is the item's id, posting_id the id of its subject.
ALTER TABLE items
    ADD COLUMN kind text DEFAULT 'suggestion',  -- null once its member is erased
    ADD CONSTRAINT items_kind CHECK (NOT live OR kind IS NOT NULL);
ALTER TABLE events DROP CONSTRAINT events_kind_check;
ALTER TABLE deliveries DROP CONSTRAINT deliveries_kind_check;
ALTER TABLE unsubscribe_links DROP CONSTRAINT unsubscribe_links_kind_check;

-- Kinds of messages that the member does not want by e-mail. The columns email_suggestion and email_summary are read and
-- written no more.
ALTER TABLE preferences
    ADD COLUMN turned_off text[] NOT NULL DEFAULT '{}',
    ALTER COLUMN email_suggestion SET DEFAULT true,
    ALTER COLUMN email_summary SET DEFAULT true;
UPDATE preferences SET turned_off = array_remove(ARRAY[
    CASE WHEN NOT email_suggestion THEN 'suggestion' END, CASE WHEN NOT email_summary THEN 'summary' END], NULL);
