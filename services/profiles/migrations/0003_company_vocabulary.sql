-- The digest of the vocabulary by which company_key was resolved. Keys of another vocabulary are resolved again by a timer.
ALTER TABLE contacts ADD COLUMN company_vocabulary text;
