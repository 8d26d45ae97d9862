-- name: held_task_of_customer
-- What this person holds of a customer's, if anything.
SELECT id FROM task WHERE leased_to = :person AND customer_id = :customer AND state IN ('leased', 'started') LIMIT 1;

-- name: seen_today
-- Whether this viewer has looked at this customer's card on this day already.
SELECT 1 AS yes FROM card_view WHERE viewer = :viewer AND day = :day AND customer_id = :customer;

-- name: views_of_day
-- How many customers' cards this viewer has looked at on this day, and how many more than usual are allowed.
SELECT (SELECT count(*) FROM card_view WHERE viewer = :viewer AND day = :day) AS used,
  coalesce((SELECT more FROM card_allowance WHERE viewer = :viewer AND day = :day), 0) AS more;

-- name: insert_view
-- A card was looked at.
INSERT INTO card_view (viewer, day, customer_id) VALUES (:viewer, :day, :customer) ON CONFLICT DO NOTHING;

-- name: allow_views
-- More cards than usual for one viewer on one day.
INSERT INTO card_allowance (viewer, day, more) VALUES (:viewer, :day, :more)
ON CONFLICT (viewer, day) DO UPDATE SET more = card_allowance.more + excluded.more;

-- name: old_contacts
-- Contacts that ended before an instant and of which nothing happened since; open ones stay.
SELECT id FROM contact WHERE final = 1 AND planned_us < :before_us AND coalesce(attempt_us, 0) < :before_us
AND coalesce(clicked_us, 0) < :before_us AND coalesce(accepted_us, 0) < :before_us AND coalesce(rejected_us, 0) < :before_us
AND NOT EXISTS (SELECT 1 FROM contact_move WHERE contact_id = contact.id AND at_us >= :before_us)
AND NOT EXISTS (SELECT 1 FROM task WHERE task.id = contact.task_id AND task.contact_id = contact.id AND task.state IN ('waiting', 'leased', 'started'))
LIMIT :limit;

-- name: count_old_contacts
-- How many those are.
SELECT count(*) AS count FROM contact WHERE final = 1 AND planned_us < :before_us AND coalesce(attempt_us, 0) < :before_us
AND coalesce(clicked_us, 0) < :before_us AND coalesce(accepted_us, 0) < :before_us AND coalesce(rejected_us, 0) < :before_us
AND NOT EXISTS (SELECT 1 FROM contact_move WHERE contact_id = contact.id AND at_us >= :before_us)
AND NOT EXISTS (SELECT 1 FROM task WHERE task.id = contact.task_id AND task.contact_id = contact.id AND task.state IN ('waiting', 'leased', 'started'));

-- name: delete_moves
-- The moves of contacts that go.
DELETE FROM contact_move WHERE contact_id IN (:contacts...);

-- name: delete_inbox
-- And the reports on them.
DELETE FROM inbox WHERE contact_id IN (:contacts...);

-- name: delete_corrections
-- What was set right about them.
DELETE FROM correction WHERE contact_id IN (:contacts...);

-- name: delete_first_owners
-- And whose they were before a merger.
DELETE FROM first_owner WHERE contact_id IN (:contacts...);

-- name: delete_tasks
-- And the tasks that are over with them, found by them.
DELETE FROM task WHERE contact_id IN (:contacts...) AND state NOT IN ('waiting', 'leased', 'started')
AND id /*pg = ANY(ARRAY( *//*lite IN ( */ SELECT task_id FROM contact WHERE id IN (:contacts...) /*pg )) *//*lite ) */;

-- name: delete_contacts
-- The contacts themselves.
DELETE FROM contact WHERE id IN (:ids...);

-- name: old_would_have
-- Places held back for control before an instant.
SELECT seq AS id FROM would_have WHERE at_us < :before_us LIMIT :limit;

-- name: delete_would_have
-- They go with the contacts of their time, which they are compared with.
DELETE FROM would_have WHERE seq IN (:ids...);

-- name: old_showings
-- Reports of what was shown, which name a decision and no contact.
SELECT id FROM inbox WHERE source = 'showing' AND at_us < :before_us LIMIT :limit;

-- name: delete_showings
-- They go.
DELETE FROM inbox WHERE source = 'showing' AND id IN (:ids...);

-- name: old_astray
-- Reports on contacts that nobody has.
SELECT id FROM inbox WHERE source = 'astray' AND at_us < :before_us LIMIT :limit;

-- name: delete_astray
-- They go.
DELETE FROM inbox WHERE source = 'astray' AND id IN (:ids...);

-- name: old_changes
-- What events had set for customers until before an instant.
SELECT seq AS id FROM profile_change WHERE until_us < :before_us LIMIT :limit;

-- name: delete_changes
-- It goes.
DELETE FROM profile_change WHERE seq IN (:ids...);

-- name: old_notes
-- Contacts with a note that is older than notes are kept.
SELECT id FROM contact WHERE note IS NOT NULL AND note <> '' AND planned_us < :before_us LIMIT :limit;

-- name: count_old_notes
-- How many those are.
SELECT count(*) AS count FROM contact WHERE note IS NOT NULL AND note <> '' AND planned_us < :before_us;

-- name: clear_notes
-- The contact stays, what an agent noted goes.
UPDATE contact SET note = NULL WHERE id IN (:ids...);

-- name: old_decisions
-- Decision records older than they are kept.
SELECT id FROM decision WHERE at_us < :before_us LIMIT :limit;

-- name: count_old_decisions
-- How many those are.
SELECT count(*) AS count FROM decision WHERE at_us < :before_us;

-- name: delete_decisions
-- They go.
DELETE FROM decision WHERE id IN (:ids...);

-- name: old_events
-- Events older than they are kept, but for those that a rule still looks at.
SELECT id FROM event WHERE at_us < :before_us AND (at_us < :looked_at_us OR type NOT IN (:watched...)) LIMIT :limit;

-- name: count_old_events
-- How many those are.
SELECT count(*) AS count FROM event WHERE at_us < :before_us AND (at_us < :looked_at_us OR type NOT IN (:watched...));

-- name: delete_events
-- They go.
DELETE FROM event WHERE id IN (:ids...);

-- name: old_jobs
-- Jobs that ended before an instant.
SELECT id FROM job WHERE finished_us IS NOT NULL AND finished_us < :before_us LIMIT :limit;

-- name: count_old_jobs
-- How many those are.
SELECT count(*) AS count FROM job WHERE finished_us IS NOT NULL AND finished_us < :before_us;

-- name: delete_jobs
-- They go.
DELETE FROM job WHERE id IN (:ids...);

-- name: count_old_views
-- Views of cards before a day.
SELECT count(*) AS count FROM card_view WHERE day < :day;

-- name: delete_views
-- They go.
DELETE FROM card_view WHERE day < :day;

-- name: delete_allowances
-- And what was allowed then.
DELETE FROM card_allowance WHERE day < :day;

-- name: old_generations
-- Generations that were replaced before an instant; where they still hold somebody who was erased, before a later one.
SELECT g.number AS id FROM generation g JOIN generation n ON n.number = g.number + 1
WHERE n.created_us < :before_us OR (n.created_us < :soon_us AND g.created_us <= (SELECT max(at_us) FROM erased_customer))
LIMIT :limit;

-- name: count_old_generations
-- How many those are.
SELECT count(*) AS count FROM generation g JOIN generation n ON n.number = g.number + 1
WHERE n.created_us < :before_us OR (n.created_us < :soon_us AND g.created_us <= (SELECT max(at_us) FROM erased_customer));

-- name: delete_generations
-- They are no longer listed; their files go with the next sweep of unused files.
DELETE FROM generation WHERE number IN (:ids...);

-- name: read_retained
-- When records were last deleted for their age, and before which instant the ledger has gaps.
SELECT name, value FROM pointer WHERE name IN ('retention.last', 'retention.contacts');
