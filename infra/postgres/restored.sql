-- After a service's schema came back from a backup, before the service starts:
--   psql -v schema=postings -f infra/postgres/restored.sql
-- What was pending in the backup may have been published or sent since. docs/operations.md has all the steps.
\set ON_ERROR_STOP on
\set QUIET on
BEGIN;
SET LOCAL search_path = :"schema";

-- `warmpath topics reconcile` publishes what the topics lack; a record in the outbox may be older than theirs, and
-- compaction would keep it. Tombstones that are scheduled to be published again stay: they complete an erasure.
DELETE FROM outbox WHERE not_before IS NULL OR value IS NOT NULL;

SELECT :'schema' = 'postings' AS postings, :'schema' = 'notifications' AS notifications, :'schema' = 'profiles' AS profiles,
    :'schema' = 'introductions' AS introductions \gset
\if :postings
-- The timer writes the day again when it next runs.
DELETE FROM clock;
-- Invitations that were revoked since the backup stay revoked: they are sent again.
DELETE FROM proofs;
\elif :profiles
-- Sessions that were ended since the backup stay ended: everybody signs in again.
DELETE FROM tokens WHERE session;
DELETE FROM proofs;
\elif :introductions
-- What was answered since the backup is lost: nothing ends within three days of the start, as after an outage.
UPDATE heartbeat SET at = 'epoch';
\elif :notifications
-- What is from before the restore is shown, but nobody is notified of it again.
INSERT INTO restores DEFAULT VALUES;
UPDATE items SET waiting = false, told_at = COALESCE(told_at, clock_timestamp()) WHERE waiting;
UPDATE items SET live = true, due_at = NULL, told_at = clock_timestamp() WHERE due_at <= clock_timestamp();
DELETE FROM digests;
UPDATE deliveries SET state = 'in_doubt', updated_at = clock_timestamp() WHERE state IN ('queued', 'sending');
-- Sequence numbers of streams are never reused: a client that resumes must not skip an event it does not have.
UPDATE members SET last_seq = last_seq + 1000000;
\endif
COMMIT;
