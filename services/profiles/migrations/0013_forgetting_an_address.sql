-- A code that proves an address whose owner wants to be in nobody's address book.
ALTER TABLE proofs
    DROP CONSTRAINT proofs_purpose, DROP CONSTRAINT proofs_address,
    ADD CONSTRAINT proofs_purpose CHECK (purpose IN ('sign_in', 'address', 'operator', 'provider', 'forget')),
    ADD CONSTRAINT proofs_address CHECK ((email IS NOT NULL) = (purpose IN ('sign_in', 'address', 'forget')));
CREATE INDEX contact_sources_email ON contact_sources (email) WHERE email IS NOT NULL;
