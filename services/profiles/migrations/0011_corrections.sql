-- What members say of companies in their own address book: [{"name": …, "company": … or null for no employer}].
ALTER TABLE members ADD COLUMN corrections jsonb NOT NULL DEFAULT '[]';
-- The company's name as its owner corrected it: '' for no employer, null where nothing was said of it.
ALTER TABLE contacts ADD COLUMN corrected text;
