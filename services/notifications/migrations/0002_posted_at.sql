-- For how long an e-mail took since its opening's record was written; not there for summaries.
ALTER TABLE deliveries ADD COLUMN posted_at timestamptz;
