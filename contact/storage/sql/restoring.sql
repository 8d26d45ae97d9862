-- name: backed_up_models
-- Models whose files belong to a backup.
SELECT id FROM model ORDER BY id;

-- name: moves_to_sending
-- A reservation whose time had come may have gone out after the backup: it is taken as handed over …
INSERT INTO contact_move (contact_id, from_state, to_state, at_us, why)
SELECT id, 'reserved', 'sending', :now_us, 'restored' FROM contact WHERE state = 'reserved' AND planned_us <= :now_us ORDER BY seq;

-- name: send_perhaps
-- … now, so that it counts for as long as it can.
UPDATE contact SET state = 'sending', attempt_us = :now_us, receipt_until_us = :now_us, fence = fence + 1
WHERE state = 'reserved' AND planned_us <= :now_us;

-- name: start_perhaps
-- Its task waits for what is reported of it.
UPDATE task SET state = 'started', attempts = attempts + 1, lease_until_us = NULL WHERE state IN ('waiting', 'leased')
AND contact_id IN (SELECT id FROM contact WHERE state = 'sending');

-- name: moves_to_unknown
-- Nobody can say whether what was under way has gone out.
INSERT INTO contact_move (contact_id, from_state, to_state, at_us, why)
SELECT id, 'sending', 'unknown', :now_us, 'restored' FROM contact WHERE state = 'sending' ORDER BY seq;

-- name: wait_for_reports
-- How long reports of a channel may still come.
UPDATE contact SET receipt_until_us = :until_us WHERE state = 'sending' AND channel = :channel;

-- name: make_unknown
-- It counts and is never sent again by itself.
UPDATE contact SET state = 'unknown', final = 0 WHERE state = 'sending';

-- name: early_and_unknown
-- Contacts of which a report came before the hand-over was confirmed.
SELECT DISTINCT c.id FROM contact c JOIN inbox i ON i.contact_id = c.id AND i.applied = 0 WHERE c.state = 'unknown' ORDER BY c.id;

-- name: moves_to_cancelled
-- A reservation for later is given up: who was contacted after the backup is not known here, so the day is planned again.
INSERT INTO contact_move (contact_id, from_state, to_state, at_us, why)
SELECT id, 'reserved', 'cancelled', :now_us, 'restored' FROM contact WHERE state = 'reserved' ORDER BY seq;

-- name: cancel_tasks_of_later
-- With its task.
UPDATE task SET state = 'cancelled', reason = 'restored', ended_us = :now_us, lease_until_us = NULL
WHERE state IN ('waiting', 'leased') AND contact_id IN (SELECT id FROM contact WHERE state = 'reserved');

-- name: cancel_later
-- The reservations themselves.
UPDATE contact SET state = 'cancelled', final = 1 WHERE state = 'reserved';

-- name: end_open_jobs
-- Jobs that waited or ran at the backup are not done again by themselves.
UPDATE job SET state = 'failed', finished_us = :now_us, message = 'failed', problems = :problems WHERE state IN ('queued', 'running');

-- name: end_all_sessions
-- Whoever was logged in at the backup logs in again.
DELETE FROM session;

-- name: end_all_links
-- Console links of that time open nothing.
DELETE FROM console_link;

-- name: anybody_there
-- Whether a store holds anything that a restore would replace.
SELECT CASE WHEN EXISTS (SELECT 1 FROM contact) OR EXISTS (SELECT 1 FROM identity) OR EXISTS (SELECT 1 FROM publication)
  OR EXISTS (SELECT 1 FROM consent) OR EXISTS (SELECT 1 FROM audit) THEN 1 ELSE 0 END AS anybody;

-- name: read_revision
-- The revision of the schema.
SELECT version_num FROM alembic_version;
