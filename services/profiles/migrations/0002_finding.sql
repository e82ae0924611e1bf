-- Who may find a member, and what else they agree to. Every consent is off until it is given.
ALTER TABLE members
    ADD COLUMN visible_to_contacts boolean NOT NULL DEFAULT false,
    ADD COLUMN findable text NOT NULL DEFAULT 'contacts' CHECK (findable IN ('contacts', 'anyone')),
    ADD COLUMN looks_openly boolean NOT NULL DEFAULT false,
    ADD COLUMN discreet boolean NOT NULL DEFAULT true,
    ADD COLUMN hiring_contact_for jsonb,  -- organisations; null where nothing was ever said
    ADD COLUMN to_refind boolean NOT NULL DEFAULT false;  -- who finds them, and whom they find, is to be decided again
UPDATE members SET discreet = coalesce((seeking ->> 'discreet')::boolean, true), to_refind = true;
CREATE INDEX members_to_refind ON members (member_id) WHERE to_refind;

ALTER TABLE contacts
    ADD COLUMN may_find_me boolean NOT NULL DEFAULT false,  -- the owner says yes to whom the entry refers to
    ADD COLUMN confirmed text;  -- the member whom the owner recognised behind a claimed link
CREATE INDEX contacts_confirmed ON contacts (confirmed) WHERE confirmed IS NOT NULL;
DROP INDEX contacts_email, contacts_profile;
CREATE INDEX contacts_email ON contacts (email) WHERE email IS NOT NULL;
CREATE INDEX contacts_profile ON contacts (profile_key) WHERE profile_key IS NOT NULL;
