-- name: overshoots
-- A cap held against the ledger by other means than the verdict: for each counted contact, how many of its subject lie in
-- the window that ends with it. Showings reported over a cap are marked and are not violations of ours; nor are windows in
-- which every contact is from before our time, which has no playbook.
WITH counted AS (
  SELECT id, over_cap, playbook,
    CASE :subject WHEN 'account' THEN account_id WHEN 'number' THEN number_hash WHEN 'household' THEN household_id
      WHEN 'device' THEN device_id ELSE customer_id END AS subject_key,
    coalesce(attempt_us, planned_us) AS at_us
  FROM contact
  WHERE state NOT IN ('expired', 'cancelled', 'released', 'not_sent') AND coalesce(result, '') NOT IN (:not_counted...)
  AND (:every_channel = 1 OR channel IN (:channels...)) AND (:every_category = 1 OR category IN (:categories...))
  AND (:every_strategy = 1 OR strategy IN (:strategies...)) AND (:every_offer = 1 OR offer IN (:offers...))
  AND (:every_family = 1 OR family IN (:families...)) AND (:every_direction = 1 OR direction = :direction)
  AND (:any_promotional = 1 OR promotional = :promotional) AND category NOT IN (:exempt...)
)
SELECT last.id AS contact, count(*) AS counted FROM counted last
JOIN counted other ON other.subject_key = last.subject_key AND other.at_us <= last.at_us
  AND (other.at_us > last.at_us - :length_us OR (:closed = 1 AND other.at_us = last.at_us - :length_us))
WHERE last.over_cap = 0 GROUP BY last.id HAVING count(*) > :max AND max(other.playbook) <> ''
ORDER BY last.id;

-- name: handed_over_after_withdrawal
-- Outgoing promotional contacts handed over after the person or the number had withdrawn, and no later grant names the same scope.
SELECT c.id AS contact FROM contact c JOIN consent w ON w.given = 0
  AND (w.customer_id = c.customer_id OR (w.number_hash IS NOT NULL AND w.number_hash = c.number_hash))
WHERE c.promotional = 1 AND c.direction = 'outgoing' AND c.task_id IS NOT NULL AND c.attempt_us > coalesce(w.recorded_us, w.at_us)
AND c.state NOT IN ('released', 'not_sent') AND w.channel IN ('all', c.channel) AND w.category IN ('all', 'promotional', c.category)
AND (w.until_us IS NULL OR w.until_us > c.attempt_us)
AND NOT EXISTS (SELECT 1 FROM consent g WHERE g.given = 1 AND g.at_us >= w.at_us AND coalesce(g.recorded_us, g.at_us) <= c.attempt_us
  AND (g.customer_id = c.customer_id OR g.number_hash = c.number_hash)
  AND (g.channel = w.channel OR g.channel = c.channel) AND (g.category = w.category OR g.category = c.category))
ORDER BY c.id;

-- name: moves_astray
-- Contacts whose state is not where their last move led.
SELECT c.id AS contact FROM contact c
WHERE c.state <> coalesce((SELECT m.to_state FROM contact_move m WHERE m.contact_id = c.id ORDER BY m.seq DESC LIMIT 1), c.state)
ORDER BY c.id;

-- name: crowded_tasks
-- Tasks with more than one open contact.
SELECT task_id AS task FROM contact WHERE task_id IS NOT NULL AND state IN ('reserved', 'sending')
GROUP BY task_id HAVING count(*) > 1 ORDER BY task_id;

-- name: orphaned_reservations
-- Reserved contacts whose task is over or missing: nobody would ever hand them over.
SELECT c.id AS contact FROM contact c LEFT JOIN task t ON t.id = c.task_id
WHERE c.state = 'reserved' AND (t.id IS NULL OR t.state NOT IN ('waiting', 'leased')) ORDER BY c.id;

-- name: tasks_without_contact
-- Queued tasks that hold no reservation.
SELECT t.id AS task FROM task t LEFT JOIN contact c ON c.id = t.contact_id
WHERE t.state IN ('waiting', 'leased') AND (c.id IS NULL OR c.state <> 'reserved') ORDER BY t.id;

-- name: unswept_reservations
-- Reservations past their validity by more than ten minutes: the sweeper does not run.
SELECT id AS contact FROM contact WHERE state = 'reserved' AND valid_until_us < :now_us - 600000000 ORDER BY id;
