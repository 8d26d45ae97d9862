-- name: begin_call_rows
-- A place for a call that is not on file; its state is written by ``update_call`` under the row's lock.
INSERT INTO call (id, customer_id, at_us, menu, version, arm, source, outcome, goal, unit, segment, language, steps, path, heard, ended_us, told_as)
VALUES (:id, :customer_id, :at_us, :menu, :version, :arm, :source, 'open', NULL, :unit, :segment, :language, -1, '[]', '{}', NULL, :told_as)
ON CONFLICT (id) DO NOTHING;

-- name: lock_calls
-- How far these calls are on file, and when and with whom each began.
SELECT id, customer_id, at_us, steps, ended_us FROM call WHERE id IN (:ids...) ORDER BY id /*pg FOR UPDATE */;

-- name: update_call
-- A call's latest state.
UPDATE call SET customer_id = :customer_id, at_us = :at_us, menu = :menu, version = :version, arm = :arm, source = :source,
  outcome = :outcome, goal = :goal, unit = :unit, segment = :segment, language = :language, steps = :steps, path = :path,
  heard = :heard, ended_us = :ended_us,
  facts = CASE WHEN CAST(:facts AS TEXT) = '{}' THEN COALESCE(facts, '{}') ELSE CAST(:facts AS TEXT) END WHERE id = :id;

-- name: callers_gone
-- Who of these customers was erased, or merged and into whom, unless that one was erased since.
SELECT e.customer_id AS customer_id, m.into_id AS into_id FROM erased_customer e
LEFT JOIN merged_customer m ON m.customer_id = e.customer_id
  AND NOT EXISTS (SELECT 1 FROM erased_customer gone WHERE gone.customer_id = m.into_id)
WHERE e.customer_id IN (:customers...);

-- name: begin_caller
-- A place for what is known of a caller of a menu.
INSERT INTO caller (customer_id, menu, goals, heard, at_us) VALUES (:customer_id, :menu, '[]', '{}', 0)
ON CONFLICT (customer_id, menu) DO NOTHING;

-- name: lock_callers
-- What is known of these callers, of whatever menu.
SELECT customer_id, menu, goals, heard, at_us FROM caller WHERE customer_id IN (:customers...)
ORDER BY customer_id, menu /*pg FOR UPDATE */;

-- name: update_caller
-- What an ended call left behind.
UPDATE caller SET goals = :goals, heard = :heard, at_us = :at_us WHERE customer_id = :customer_id AND menu = :menu;

-- name: read_caller
-- What earlier calls of a caller to a menu left behind.
SELECT goals, heard FROM caller WHERE customer_id = :customer AND menu = :menu;

-- name: calls_between
-- Calls of a time, oldest first, of those whom the asker may see; strangers belong to the unit they called from.
SELECT id, customer_id, at_us, menu, version, arm, source, outcome, goal, unit, segment, language, path, heard, facts FROM call
WHERE at_us >= :since_us AND at_us < :until_us AND steps >= 0
  AND (CAST(:menu AS TEXT) IS NULL OR menu = :menu) AND (CAST(:source AS TEXT) IS NULL OR source = :source)
  AND (CAST(:customer AS TEXT) IS NULL OR customer_id = :customer)
  AND (:everywhere = 1
    OR (customer_id IS NULL AND CAST(:manager AS TEXT) IS NULL AND (:any_unit = 1 OR unit IN (:within...)))
    OR EXISTS (SELECT 1 FROM identity i WHERE i.customer_id = call.customer_id AND (:any_unit = 1 OR i.unit IN (:within...))
      AND (CAST(:manager AS TEXT) IS NULL OR i.manager = :manager)))
ORDER BY at_us, id LIMIT :limit;

-- name: call_columns
-- The same without what only learning needs, of every menu and source: read column by column.
SELECT customer_id, at_us, menu, version, arm, source, outcome, goal, unit, segment, steps, path FROM call
WHERE at_us >= :since_us AND at_us < :until_us AND steps >= 0
  AND (:everywhere = 1
    OR (customer_id IS NULL AND CAST(:manager AS TEXT) IS NULL AND (:any_unit = 1 OR unit IN (:within...)))
    OR EXISTS (SELECT 1 FROM identity i WHERE i.customer_id = call.customer_id AND (:any_unit = 1 OR i.unit IN (:within...))
      AND (CAST(:manager AS TEXT) IS NULL OR i.manager = :manager)))
ORDER BY at_us, id;

-- name: read_call
-- The newest of the calls that were told under one id, if the asker may see it.
SELECT id, customer_id, at_us, menu, version, arm, source, outcome, goal, unit, segment, language, path, heard, facts FROM call
WHERE id = (SELECT id FROM call WHERE (id = :id OR told_as = :id) AND steps >= 0 ORDER BY at_us DESC, id DESC LIMIT 1)
  AND (:everywhere = 1
    OR (customer_id IS NULL AND CAST(:manager AS TEXT) IS NULL AND (:any_unit = 1 OR unit IN (:within...)))
    OR EXISTS (SELECT 1 FROM identity i WHERE i.customer_id = call.customer_id AND (:any_unit = 1 OR i.unit IN (:within...))
      AND (CAST(:manager AS TEXT) IS NULL OR i.manager = :manager)));

-- name: calls_left_open
-- Calls that began before an instant and have not ended; by the index of ended ones, where they stand together.
SELECT id, customer_id, at_us, menu, version, arm, source, outcome, goal, unit, segment, language, path, heard, facts FROM call
WHERE ended_us IS NULL AND at_us < :before_us AND steps >= 0 ORDER BY id LIMIT :limit;

-- name: read_learnt
-- What was last learnt of a menu's journeys.
SELECT learnt FROM menu_learnt WHERE menu = :menu ORDER BY seq DESC LIMIT 1;

-- name: insert_learnt
-- It is in force from now on.
INSERT INTO menu_learnt (menu, at_us, learnt) VALUES (:menu, :at_us, :learnt);

-- name: erase_calls
-- The calls of a customer.
DELETE FROM call WHERE customer_id = :customer;

-- name: erase_caller
-- And what they left behind.
DELETE FROM caller WHERE customer_id = :customer;

-- name: merge_calls
-- The calls of the old id.
UPDATE call SET customer_id = :new WHERE customer_id = :old;

-- name: old_calls
-- Calls that began before an instant.
SELECT id FROM call WHERE at_us < :before_us LIMIT :limit;

-- name: count_old_calls
-- How many those are.
SELECT count(*) AS count FROM call WHERE at_us < :before_us;

-- name: delete_calls
-- They go.
DELETE FROM call WHERE id IN (:ids...);

-- name: delete_callers
-- With what is known of callers who have not called since.
DELETE FROM caller WHERE at_us < :before_us AND customer_id IN (SELECT customer_id FROM call WHERE id IN (:ids...));

-- name: callers_of
-- What is known of a customer as a caller, by menu.
SELECT menu, goals, heard, at_us FROM caller WHERE customer_id = :customer ORDER BY menu /*pg FOR UPDATE */;

-- name: delete_unit_changes
-- What events that go have set for units and holds no longer.
DELETE FROM unit_change WHERE event_id IN (:ids...) AND until_us < :before_us;

-- name: callers_marks
-- What changes for all callers at once, each as a number or text that is another one afterwards.
SELECT (SELECT value FROM pointer WHERE name = 'generation') AS generation,
  (SELECT coalesce(max(seq), 0) FROM unit_change) AS units, (SELECT coalesce(max(seq), 0) FROM menu_learnt) AS learnt,
  (SELECT count(*) FROM customer_list) AS lists, (SELECT coalesce(max(imported_us), 0) FROM customer_list) AS listed;

-- name: callers_seen
-- Customers with what tells whether their facts are the ones that were read, and what their calls left behind.
SELECT i.customer_id AS customer_id, c.goals AS goals, c.heard AS heard,
  (SELECT count(*) FROM profile_change p WHERE p.customer_id = i.customer_id) AS changes,
  (SELECT max(seq) FROM profile_change p WHERE p.customer_id = i.customer_id) AS last_change
FROM identity i LEFT JOIN caller c ON c.customer_id = i.customer_id AND c.menu = :menu WHERE i.customer_id IN (:customers...);

-- name: owners_of_numbers
-- Whose numbers these are.
SELECT number_hash, customer_id FROM identity WHERE number_hash IN (:numbers...)
UNION SELECT number_hash, customer_id FROM line_identity WHERE number_hash IN (:numbers...) ORDER BY 1, 2;

-- name: next_change_of
-- When time alone changes what events have set for a customer and for these units: something begins or runs out.
SELECT min(at_us) AS at_us FROM (
  SELECT until_us AS at_us FROM profile_change WHERE customer_id = :customer AND until_us > :now_us
  UNION ALL SELECT at_us FROM profile_change WHERE customer_id = :customer AND at_us > :now_us
  UNION ALL SELECT until_us AS at_us FROM unit_change WHERE unit IN (:units...) AND until_us > :now_us
  UNION ALL SELECT at_us FROM unit_change WHERE unit IN (:units...) AND at_us > :now_us) AS turns;
