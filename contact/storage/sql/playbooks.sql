-- name: current_version
-- The version in force, and when the next scheduled one shall be.
SELECT (SELECT value FROM pointer WHERE name = 'playbook') AS version,
  (SELECT min(at_us) FROM schedule WHERE state = 'waiting') AS next_us;

-- name: point
-- One pointer moves; readers see the old or the new, never a mix.
INSERT INTO pointer (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: hold_pointer
-- Compare-and-set: whoever publishes holds the pointer until the commit.
SELECT value FROM pointer WHERE name = :name /*pg FOR UPDATE */;

-- name: insert_playbook
-- A playbook's texts are kept for good: past decisions name its version.
INSERT INTO playbook (version, texts) VALUES (:version, :texts) ON CONFLICT (version) DO NOTHING;

-- name: insert_publication
-- Each publishing is a row of its own, also of a version that was in force before.
INSERT INTO publication (version, base, published_us, author, why, approved_by, draft, predicted, words, sweep_job, swept)
VALUES (:version, :base, :published_us, :author, :why, :approved_by, :draft, :predicted, :words, :sweep_job, :swept);

-- name: read_playbook
-- One playbook as text.
SELECT * FROM playbook WHERE version = :version;

-- name: last_publication
-- When and why a version was last put in force.
SELECT * FROM publication WHERE version = :version ORDER BY seq DESC LIMIT 1;

-- name: list_publications
-- Everything that was ever published, newest first.
SELECT * FROM publication ORDER BY seq DESC;

-- name: record_swept
-- What the sweep after the latest publishing of a version did.
UPDATE publication SET swept = coalesce(swept, 0) + :count
WHERE seq = (SELECT max(seq) FROM publication WHERE version = :version);

-- name: some_reserved
-- Whether anything is queued that a new playbook could make unlawful.
SELECT 1 AS there FROM contact WHERE state = 'reserved' LIMIT 1;

-- name: insert_schedule
-- It shall take force at this instant, if its base is in force then.
INSERT INTO schedule (draft, version, base, at_us, author, why, approved_by, predicted, words, state, reason, created_us)
VALUES (:draft, :version, :base, :at_us, :author, :why, :approved_by, :predicted, :words, 'waiting', '', :created_us);

-- name: due_schedules
-- What shall be in force by now.
SELECT * FROM schedule WHERE state = 'waiting' AND at_us <= :now_us ORDER BY at_us, seq /*pg FOR UPDATE */;

-- name: see_due_schedules
-- The same without holding them, so that they are compiled before.
SELECT version FROM schedule WHERE state = 'waiting' AND at_us <= :now_us ORDER BY at_us, seq;

-- name: next_scheduled
-- What shall take force soon, so that it can be compiled before.
SELECT version FROM schedule WHERE state = 'waiting' AND at_us <= :until_us ORDER BY at_us, seq LIMIT 1;

-- name: end_schedule
-- It started, or failed and says why.
UPDATE schedule SET state = :state, reason = :reason, ended_us = :at_us WHERE seq = :seq;

-- name: list_schedules
-- What shall take force, and what should have and did not.
SELECT * FROM schedule WHERE state IN ('waiting', 'failed') ORDER BY at_us DESC, seq DESC;

-- name: contacts_handed_over
-- Contacts of a stretch of time by channel, by the index that dispatch uses.
SELECT channel, count(*) AS contacts FROM contact
WHERE channel IN (:channels...) AND state IN ('sending', 'sent', 'unknown') AND planned_us >= :since_us AND planned_us < :until_us
GROUP BY channel;

-- name: contacts_cancelled
-- Contacts that a permit or the sweep after a publishing refused in a stretch of time, by what they said; one planned more
-- than a week before is not looked for.
SELECT m.why, count(*) AS contacts FROM contact c JOIN contact_move m ON m.contact_id = c.id AND m.to_state = 'cancelled'
WHERE c.channel IN (:channels...) AND c.state = 'cancelled' AND c.planned_us >= :since_us - 604800000000
AND m.at_us >= :since_us AND m.at_us < :until_us GROUP BY m.why;

-- name: refusals_of_plans
-- What plans made in a stretch of time refused, by rule.
SELECT r.rule, sum(r.count) AS refused FROM plan_refusal r JOIN plan_summary s ON s.day = r.day
WHERE s.at_us >= :since_us AND s.at_us < :until_us GROUP BY r.rule;
