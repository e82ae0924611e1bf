-- Who said yes to whom in an introduction, whatever comes of it: introduced_at is that moment until they are introduced.
ALTER TABLE introduced ADD COLUMN talked boolean NOT NULL DEFAULT true;  -- person_id says that it led to a talk
