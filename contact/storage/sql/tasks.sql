-- name: insert_task
-- Work enters a queue together with its reserved contact.
INSERT INTO task (id, customer_id, line_id, number_hash, account_id, strategy, offer, family, channel, direction, category,
  promotional, value_minor, state, priority, day, rank, not_before_us, valid_until_us, created_us, assigned_us, playbook, reasons,
  held_by, contact_id, language, unit, urgency)
VALUES (:id, :customer_id, :line_id, :number_hash, :account_id, :strategy, :offer, :family, :channel, :direction, :category,
  :promotional, :value_minor, :state, :priority, :day, :rank, :not_before_us, :valid_until_us, :created_us, :not_before_us, :playbook, :reasons,
  :held_by, :contact_id, :language, :unit, :urgency);

-- name: planned_ranks
-- The natural key of a plan: one living task a day, customer and rank.
SELECT customer_id, rank FROM
/*pg json_array_elements_text(:customers) AS wanted(name) CROSS JOIN LATERAL
  (SELECT * FROM task WHERE day = :day AND customer_id = wanted.name OFFSET 0) AS t WHERE */
/*lite task WHERE day = :day AND customer_id IN (SELECT value FROM json_each(:customers)) AND */ state <> 'cancelled';

-- name: read_task
-- One task; on PostgreSQL its row is held until the unit commits.
SELECT * FROM task WHERE id = :id /*pg FOR UPDATE */;

-- name: peek_task
-- One task, without holding it.
SELECT * FROM task WHERE id = :id AND (:everywhere = 1 OR EXISTS (SELECT 1 FROM identity i WHERE i.customer_id = task.customer_id
  AND (:any_unit = 1 OR i.unit IN (:within...)) AND (CAST(:manager AS TEXT) IS NULL OR i.manager = :manager)));

-- name: held_task
-- What this person still holds in this channel.
SELECT * FROM task WHERE leased_to = :person AND channel = :channel AND state IN ('leased', 'started') ORDER BY id LIMIT 1 /*pg FOR UPDATE */;

-- name: due_by_priority
-- By urgency, which is the priority below zero: of the waiting tasks with the highest priority, so many of them looked at, those that are due and within the scope.
SELECT t.id FROM (SELECT * FROM task WHERE channel = :channel AND state = 'waiting'
  ORDER BY urgency, valid_until_us, id LIMIT :look) AS t
WHERE 1 = 1 AND t.not_before_us <= :now_us AND t.valid_until_us > :now_us
AND (:everywhere = 1 OR t.unit IN (:units...)) AND (:any_language = 1 OR t.language IS NULL OR t.language IN (:languages...))
AND (:nothing_halted = 1 OR t.strategy NOT IN (:halted...))
ORDER BY t.urgency, t.valid_until_us, t.id LIMIT :limit;

-- name: due_in_any_order
-- So many of the tasks of all units that are due and within the scope, whichever come first.
SELECT t.id, t.urgency, t.valid_until_us FROM task t WHERE t.channel = :channel AND t.state = 'waiting'
AND t.not_before_us <= :now_us AND t.valid_until_us > :now_us
AND (:any_language = 1 OR t.language IS NULL OR t.language IN (:languages...))
AND (:nothing_halted = 1 OR t.strategy NOT IN (:halted...)) LIMIT :look;

-- name: due_in_units
-- The same of some units. A statement of its own: beside "or of everybody" SQLite uses no index.
SELECT t.id, t.urgency, t.valid_until_us FROM task t WHERE t.channel = :channel AND t.state = 'waiting' AND t.unit IN (:units...)
AND t.not_before_us <= :now_us AND t.valid_until_us > :now_us
AND (:any_language = 1 OR t.language IS NULL OR t.language IN (:languages...))
AND (:nothing_halted = 1 OR t.strategy NOT IN (:halted...)) LIMIT :look;

-- name: take_first
-- The most valuable of these tasks that still waits and that nobody else is taking.
SELECT * FROM task WHERE state = 'waiting' AND id /*pg = ANY(ARRAY(SELECT json_array_elements_text(:ids))) *//*lite IN (SELECT value FROM json_each(:ids)) */
ORDER BY urgency, valid_until_us, id LIMIT 1 /*pg FOR UPDATE SKIP LOCKED */;

-- name: contacts_of_tasks
-- The reserved contacts of these tasks, most valuable first.
SELECT c.*, t.value_minor, t.reasons FROM task t JOIN contact c ON c.id = t.contact_id
WHERE c.state = 'reserved' AND t.id /*pg = ANY(ARRAY(SELECT json_array_elements_text(:ids))) *//*lite IN (SELECT value FROM json_each(:ids)) */
ORDER BY t.urgency, t.valid_until_us, t.id;

-- name: lease_task
-- A hold on the task; the fence tells an old hold from the present one.
UPDATE task SET state = 'leased', fence = fence + 1, leased_to = :person, lease_until_us = :lease_until_us WHERE id = :id;

-- name: extend_lease
-- The same person asks again: the hold goes on.
UPDATE task SET lease_until_us = :lease_until_us WHERE id = :id;

-- name: start_task
-- The permit is committed: the attempt counts, the lease no longer lapses by itself.
UPDATE task SET state = 'started', attempts = attempts + 1, lease_until_us = NULL WHERE id = :id;

-- name: return_task
-- Back to the queue: given back, lapsed, deferred or to be tried again.
UPDATE task SET state = 'waiting', leased_to = NULL, lease_until_us = NULL, not_before_us = :not_before_us,
  held_by = :held_by, contact_id = :contact_id, attempts = attempts - :undone WHERE id = :id AND state IN (:lawful...);

-- name: end_task
-- The task is over, and says why.
UPDATE task SET state = :state, reason = :reason, ended_us = :at_us, lease_until_us = NULL WHERE id = :id AND state IN (:lawful...);

-- name: waiting_tasks
-- How many tasks wait for this person, and what holds back those that are not yet due. Both halves have an index, and one is empty.
SELECT t.held_by, CASE WHEN t.not_before_us <= :now_us THEN 1 ELSE 0 END AS due, count(*) AS tasks, min(t.not_before_us) AS first_us
FROM (SELECT * FROM task WHERE :everywhere = 1 AND channel = :channel AND state = 'waiting'
  UNION ALL SELECT * FROM task WHERE :everywhere = 0 AND channel = :channel AND state = 'waiting' AND unit IN (:units...)) AS t
WHERE t.valid_until_us > :now_us AND (:any_language = 1 OR t.language IS NULL OR t.language IN (:languages...))
GROUP BY 1, 2;

-- name: halted_tasks
-- Due tasks that would be taken but for a halt: of everything, or of some strategies. Both halves have an index, and one is empty.
SELECT count(*) AS tasks
FROM (SELECT * FROM task WHERE :everywhere = 1 AND channel = :channel AND state = 'waiting'
  UNION ALL SELECT * FROM task WHERE :everywhere = 0 AND channel = :channel AND state = 'waiting' AND unit IN (:units...)) AS t
WHERE t.not_before_us <= :now_us AND t.valid_until_us > :now_us
AND (:any_language = 1 OR t.language IS NULL OR t.language IN (:languages...))
AND (:every_strategy = 1 OR t.strategy IN (:strategies...));

-- name: foreign_language_tasks
-- Due tasks that need a language this person does not speak. Both halves have an index, and one is empty.
SELECT t.language, count(*) AS tasks
FROM (SELECT * FROM task WHERE :everywhere = 1 AND channel = :channel AND state = 'waiting'
  UNION ALL SELECT * FROM task WHERE :everywhere = 0 AND channel = :channel AND state = 'waiting' AND unit IN (:units...)) AS t
WHERE t.not_before_us <= :now_us AND t.valid_until_us > :now_us
AND t.language IS NOT NULL AND t.language NOT IN (:languages...) GROUP BY t.language;

-- name: list_tasks
-- A page of everybody's tasks in order of id.
SELECT * FROM task WHERE (CAST(:channel AS TEXT) IS NULL OR channel = :channel) AND (CAST(:state AS TEXT) IS NULL OR state = :state)
AND (CAST(:day AS TEXT) IS NULL OR day = :day) AND (CAST(:after AS TEXT) IS NULL OR id > :after)
AND (:everywhere = 1 OR EXISTS (SELECT 1 FROM identity i WHERE i.customer_id = task.customer_id
  AND (:any_unit = 1 OR i.unit IN (:within...)) AND (CAST(:manager AS TEXT) IS NULL OR i.manager = :manager)))
ORDER BY id LIMIT :limit;

-- name: list_tasks_of_customer
-- The same of one customer, found by their contacts. A statement of its own: beside "or of everybody" SQLite uses no index.
SELECT * FROM task WHERE customer_id = :customer
AND id /*pg = ANY(ARRAY( *//*lite IN ( */ SELECT task_id FROM contact WHERE customer_id = :customer /*pg )) *//*lite ) */
AND (CAST(:channel AS TEXT) IS NULL OR channel = :channel) AND (CAST(:state AS TEXT) IS NULL OR state = :state)
AND (CAST(:day AS TEXT) IS NULL OR day = :day) AND (CAST(:after AS TEXT) IS NULL OR id > :after)
AND (:everywhere = 1 OR EXISTS (SELECT 1 FROM identity i WHERE i.customer_id = task.customer_id
  AND (:any_unit = 1 OR i.unit IN (:within...)) AND (CAST(:manager AS TEXT) IS NULL OR i.manager = :manager)))
ORDER BY id LIMIT :limit;

-- name: untouched_tasks
-- Planned tasks of a day that nobody has taken, a page in order of customers.
SELECT id, customer_id, contact_id FROM task WHERE day = :day AND (customer_id, id) > (:customer, :after)
AND state = 'waiting' AND attempts = 0 ORDER BY customer_id, id LIMIT :limit /*pg FOR UPDATE SKIP LOCKED */;

-- name: lapsed_leases
-- Holds whose real time is over.
SELECT id, contact_id, not_before_us, held_by FROM task WHERE state = 'leased' AND lease_until_us <= :real_us ORDER BY lease_until_us /*pg FOR UPDATE SKIP LOCKED */;

-- name: queued_tasks_of_person
-- Tasks a withdrawal may forbid: not yet handed over, of this customer or one of the numbers; found by their contacts.
SELECT * FROM task WHERE state IN ('waiting', 'leased') AND (customer_id = :customer OR number_hash IN (:numbers...))
AND id /*pg = ANY(ARRAY( *//*lite IN ( */
  SELECT task_id FROM contact WHERE customer_id = :customer UNION SELECT task_id FROM contact WHERE number_hash IN (:numbers...)
/*pg )) *//*lite ) */ ORDER BY id /*pg FOR UPDATE */;

-- name: attempts_of_task
-- This task's attempts in their order: to which number, and what came of each.
SELECT number_hash, result FROM contact WHERE task_id = :id AND attempt_us IS NOT NULL
AND state NOT IN ('expired', 'cancelled', 'released', 'not_sent') ORDER BY attempt_us, seq;

-- name: aim_task
-- The next attempt goes to another of the customer's numbers.
UPDATE task SET number_hash = :number_hash WHERE id = :id;

-- name: name_end
-- A task that is done carries the outcome as it was corrected.
UPDATE task SET reason = :reason WHERE id = :id AND state = 'done';
