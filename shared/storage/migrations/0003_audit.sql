-- Who did what to what: written in the effect's own transaction, never changed, without personal data. People's ids are
-- digests: whoever asks about a person knows the id, and nobody can get from here to it.
CREATE TABLE audit (
    seq        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor      text NOT NULL,  -- kind of caller: member, recruiter, operator, service
    actor_id   text NOT NULL,
    action     text NOT NULL,
    subject    text NOT NULL,
    request_id text,
    trace_id   text
);
CREATE INDEX audit_by_subject ON audit (subject, seq);

CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit is only added to' USING ERRCODE = 'insufficient_privilege';
END
$$;
-- Against mistakes of ours, not against whoever owns the schema: ship the rows elsewhere where that is asked for.
CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_stays();
