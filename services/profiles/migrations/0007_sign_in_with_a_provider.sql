-- A sign-in through another provider (OpenID Connect): link_hash is that of its `state`; it has no address before it ends.
ALTER TABLE proofs
    DROP CONSTRAINT proofs_purpose_check, DROP CONSTRAINT proofs_check, DROP CONSTRAINT proofs_check1,
    ADD CONSTRAINT proofs_purpose CHECK (purpose IN ('sign_in', 'address', 'operator', 'provider')),
    ADD CONSTRAINT proofs_address CHECK ((email IS NOT NULL) = (purpose IN ('sign_in', 'address'))),
    ADD CONSTRAINT proofs_of_member CHECK ((member_id IS NOT NULL) = (purpose IN ('address', 'operator')));
