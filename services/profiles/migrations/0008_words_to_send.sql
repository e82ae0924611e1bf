-- What a message to a contact says: the given name as the file told it, and what members say of themselves in a line.
ALTER TABLE contact_sources ADD COLUMN given_name text;
ALTER TABLE contacts ADD COLUMN given_name text;  -- null: imported before it was kept, or nothing was told
ALTER TABLE members ADD COLUMN headline text;
