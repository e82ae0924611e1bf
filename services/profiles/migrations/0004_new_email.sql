-- An address that a member gave instead of their verified one: it counts once it is verified, and the old one until then.
ALTER TABLE members ADD COLUMN new_email text;
