-- After a service's schema came back from a backup, before the service starts:
--   psql -v schema=postings -f infra/postgres/restored.sql
-- What the backup still meant to say or to send may have been said or sent since. docs/operations.md has all the steps.
\set ON_ERROR_STOP on
\set QUIET on
BEGIN;
SET LOCAL search_path = :"schema";

-- `warmpath topics reconcile` publishes what the topics lack; a record that waits here could be older than what they
-- have, and compaction would keep it. Tombstones that are to be published again later stay: they end an erasure.
DELETE FROM outbox WHERE not_before IS NULL OR value IS NOT NULL;

SELECT :'schema' = 'postings' AS postings, :'schema' = 'notifications' AS notifications \gset
\if :postings
-- The timer writes the day again at its next round.
DELETE FROM clock;
\elif :notifications
-- What was suggested up to now is shown, and told to nobody a second time.
INSERT INTO restores DEFAULT VALUES;
UPDATE items SET waiting = false, told_at = COALESCE(told_at, clock_timestamp()) WHERE waiting;
DELETE FROM digests;
UPDATE deliveries SET state = 'in_doubt', updated_at = clock_timestamp() WHERE state IN ('queued', 'sending');
-- Numbers of streams are never given twice: a client that resumes must not pass over an event it does not have.
UPDATE members SET last_seq = last_seq + 1000000;
\endif
COMMIT;
