-- name: overshoots
-- A cap held against the ledger by other means than the verdict: for each counted contact, how many of its subject lie in
-- the window that ends with it. Showings reported over a cap are marked and are not violations of ours; nor are windows in
-- which every contact is from before our time, which has no playbook. Two customers who were merged since were held to the cap
-- each for themselves: their contacts count together where the last was handed over after the merger.
WITH counted AS (
  SELECT id, over_cap, playbook,
    CASE :subject WHEN 'account' THEN account_id WHEN 'number' THEN number_hash WHEN 'household' THEN household_id
      WHEN 'device' THEN device_id ELSE contact.customer_id END AS subject_key,
    coalesce(attempt_us, planned_us) AS at_us, coalesce(attempt_us, created_us) AS decided_us,
    coalesce(o.customer_id, contact.customer_id) AS owner,
    CASE WHEN o.customer_id IS NOT NULL AND :subject NOT IN ('number', 'household', 'device')
      THEN (SELECT max(m.at_us) FROM merged_customer m WHERE m.into_id = contact.customer_id) END AS merged_us
  FROM contact LEFT JOIN first_owner o ON o.contact_id = contact.id
  WHERE state NOT IN ('expired', 'cancelled', 'released', 'not_sent') AND coalesce(result, '') NOT IN (:not_counted...)
  AND (:every_channel = 1 OR channel IN (:channels...)) AND (:every_category = 1 OR category IN (:categories...))
  AND (:every_strategy = 1 OR strategy IN (:strategies...)) AND (:every_offer = 1 OR offer IN (:offers...))
  AND (:every_family = 1 OR family IN (:families...)) AND (:every_direction = 1 OR direction = :direction)
  AND (:any_promotional = 1 OR promotional = :promotional) AND category NOT IN (:exempt...)
)
SELECT last.id AS contact, count(*) AS counted FROM counted last
JOIN counted other ON other.subject_key = last.subject_key AND other.at_us <= last.at_us
  AND (other.at_us > last.at_us - :length_us OR (:closed = 1 AND other.at_us = last.at_us - :length_us))
  AND (other.owner = last.owner OR (last.decided_us >= coalesce(last.merged_us, 0) AND last.decided_us >= coalesce(other.merged_us, 0)))
WHERE last.over_cap = 0 GROUP BY last.id HAVING count(*) > :max AND max(other.playbook) <> ''
ORDER BY last.id;

-- name: calendar_overshoots
-- The same for a cap over days, weeks or months: each contact with those that lie so close before it that they may share its
-- day, where these are more than the cap; whether they share it is for whoever knows the zones.
WITH counted AS (
  SELECT id, contact.customer_id AS customer_id, over_cap, playbook,
    CASE :subject WHEN 'account' THEN account_id WHEN 'number' THEN number_hash WHEN 'household' THEN household_id
      WHEN 'device' THEN device_id ELSE contact.customer_id END AS subject_key,
    coalesce(attempt_us, planned_us) AS at_us, coalesce(attempt_us, created_us) AS decided_us,
    coalesce(o.customer_id, contact.customer_id) AS owner,
    CASE WHEN o.customer_id IS NOT NULL AND :subject NOT IN ('number', 'household', 'device')
      THEN (SELECT max(m.at_us) FROM merged_customer m WHERE m.into_id = contact.customer_id) END AS merged_us
  FROM contact LEFT JOIN first_owner o ON o.contact_id = contact.id
  WHERE state NOT IN ('expired', 'cancelled', 'released', 'not_sent') AND coalesce(result, '') NOT IN (:not_counted...)
  AND (:every_channel = 1 OR channel IN (:channels...)) AND (:every_category = 1 OR category IN (:categories...))
  AND (:every_strategy = 1 OR strategy IN (:strategies...)) AND (:every_offer = 1 OR offer IN (:offers...))
  AND (:every_family = 1 OR family IN (:families...)) AND (:every_direction = 1 OR direction = :direction)
  AND (:any_promotional = 1 OR promotional = :promotional) AND category NOT IN (:exempt...)
)
SELECT crowded.contact, crowded.last_us, crowded.other_us, crowded.zone, crowded.playbook FROM (
  SELECT last.id AS contact, last.at_us AS last_us, other.at_us AS other_us, other.playbook, i.zone,
    count(*) OVER (PARTITION BY last.id) AS counted
  FROM counted last
  JOIN counted other ON other.subject_key = last.subject_key AND other.at_us <= last.at_us AND other.at_us > last.at_us - :length_us
    AND (other.owner = last.owner OR (last.decided_us >= coalesce(last.merged_us, 0) AND last.decided_us >= coalesce(other.merged_us, 0)))
  LEFT JOIN identity i ON i.customer_id = last.customer_id
  WHERE last.over_cap = 0
) crowded WHERE crowded.counted > :max ORDER BY crowded.contact;

-- name: handed_over_after_withdrawal
-- Outgoing promotional contacts handed over after the person or the number had withdrawn, and no later grant names the same scope.
-- What was handed over before a merger into its customer is left out: whose withdrawal it was is not known any more.
SELECT c.id AS contact FROM contact c JOIN consent w ON w.given = 0
  AND (w.customer_id = c.customer_id OR (w.number_hash IS NOT NULL AND w.number_hash = c.number_hash))
WHERE c.promotional = 1 AND c.direction = 'outgoing' AND c.task_id IS NOT NULL AND c.attempt_us > coalesce(w.recorded_us, w.at_us)
AND c.state NOT IN ('released', 'not_sent') AND w.channel IN ('all', c.channel) AND w.category IN ('all', 'promotional', c.category)
AND (w.until_us IS NULL OR w.until_us > c.attempt_us)
AND (w.customer_id IS NULL OR NOT EXISTS (SELECT 1 FROM merged_customer m WHERE m.into_id = w.customer_id AND m.at_us > c.attempt_us))
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

-- name: unlawful_moves
-- Contacts with a move that the table of moves does not know; a correction of the outcome stays where it is.
SELECT DISTINCT contact_id AS contact FROM contact_move m WHERE from_state IS NOT NULL AND from_state || '>' || to_state NOT IN (:lawful...)
AND NOT (from_state = to_state AND EXISTS (SELECT 1 FROM correction k WHERE k.contact_id = m.contact_id AND k.at_us = m.at_us))
ORDER BY contact_id;

-- name: broken_moves
-- Contacts with a move that does not begin where the one before it ended.
SELECT DISTINCT contact_id AS contact FROM (
  SELECT contact_id, from_state, lag(to_state) OVER (PARTITION BY contact_id ORDER BY seq) AS before FROM contact_move
) moved WHERE coalesce(from_state, '') <> coalesce(before, '') ORDER BY contact_id;

-- name: contacts_without_moves
-- Contacts of which nobody wrote down how they came about.
SELECT c.id AS contact FROM contact c WHERE NOT EXISTS (SELECT 1 FROM contact_move m WHERE m.contact_id = c.id) ORDER BY c.id;

-- name: attempts_astray
-- Contacts that were handed over at no instant, or were not and have one.
SELECT id AS contact FROM contact WHERE playbook <> '' AND (
  (attempt_us IS NULL AND state IN ('sending', 'sent', 'delivered', 'undelivered', 'unknown'))
  OR (attempt_us IS NOT NULL AND state IN ('reserved', 'expired', 'cancelled'))) ORDER BY id;

-- name: handed_over_too_late
-- Outgoing contacts handed over when their task was no longer valid; what a restore only takes as handed over is none.
SELECT c.id AS contact FROM contact c WHERE c.task_id IS NOT NULL AND c.direction = 'outgoing' AND c.attempt_us >= c.valid_until_us
AND c.state NOT IN ('released', 'not_sent') AND c.playbook <> ''
AND NOT EXISTS (SELECT 1 FROM contact_move m WHERE m.contact_id = c.id AND m.why = 'restored') ORDER BY c.id;

-- name: started_without_contact
-- Tasks under way whose contact is over or missing: nothing would ever end them.
SELECT t.id AS task FROM task t LEFT JOIN contact c ON c.id = t.contact_id
WHERE t.state = 'started' AND (c.id IS NULL OR c.state NOT IN ('sending', 'sent', 'unknown')) ORDER BY t.id;

-- name: unlapsed_leases
-- Leases that ended more than ten minutes ago in real time: the sweeper does not run.
SELECT id AS task FROM task WHERE state = 'leased' AND lease_until_us < :real_us - 600000000 ORDER BY id;

-- name: unsettled_hand_overs
-- Hand-overs of a channel that nobody confirmed, ten minutes past the time after which they are unknown.
SELECT id AS contact FROM contact WHERE state = 'sending' AND channel = :channel AND attempt_us < :before_us - 600000000 ORDER BY id;

-- name: unsettled_receipts
-- Contacts whose last report could have come more than ten minutes ago and that still wait for it.
SELECT id AS contact FROM contact WHERE state IN ('sent', 'unknown') AND final = 0 AND task_id IS NOT NULL
AND receipt_until_us < :now_us - 600000000 ORDER BY id;

-- name: unapplied_reports
-- Reports on contacts that are past their hand-over, and that had no effect.
SELECT i.contact_id AS contact FROM inbox i JOIN contact c ON c.id = i.contact_id
WHERE i.applied = 0 AND c.state <> 'sending' AND i.at_us < :now_us - 60000000 ORDER BY i.contact_id;

-- name: consents_without_epoch
-- Consents recorded here whose person or number has no epoch: a verdict taken before them would not be taken anew.
SELECT 'consent ' || c.seq AS contact FROM consent c WHERE c.recorded_us IS NOT NULL AND (
  (c.customer_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM subject s WHERE s.kind = 'customer' AND s.key = c.customer_id AND s.epoch > 0))
  OR (c.number_hash IS NOT NULL AND NOT EXISTS (SELECT 1 FROM subject s WHERE s.kind = 'number' AND s.key = c.number_hash AND s.epoch > 0)))
ORDER BY c.seq;

-- name: open_epochs
-- What the verdicts on open contacts saw of their subjects' consents.
SELECT id, epochs FROM contact WHERE state IN ('reserved', 'sending') ORDER BY id;

-- name: standing_epochs
-- The consent epoch of every subject that has one.
SELECT kind, key, epoch FROM subject WHERE epoch > 0;

-- name: orphans
-- Rows that point to what is not there.
SELECT 'contact ' || c.id || ' of task ' || c.task_id AS contact FROM contact c LEFT JOIN task t ON t.id = c.task_id
  WHERE c.task_id IS NOT NULL AND t.id IS NULL
UNION ALL SELECT 'task ' || t.id || ' with contact ' || t.contact_id FROM task t LEFT JOIN contact c ON c.id = t.contact_id
  WHERE t.contact_id IS NOT NULL AND c.id IS NULL
UNION ALL SELECT 'move ' || m.seq || ' of contact ' || m.contact_id FROM contact_move m LEFT JOIN contact c ON c.id = m.contact_id
  WHERE c.id IS NULL
UNION ALL SELECT 'report ' || i.id || ' of contact ' || i.contact_id FROM inbox i LEFT JOIN contact c ON c.id = i.contact_id
  WHERE i.contact_id IS NOT NULL AND i.applied = 1 AND c.id IS NULL
UNION ALL SELECT 'correction ' || k.seq || ' of contact ' || k.contact_id FROM correction k LEFT JOIN contact c ON c.id = k.contact_id
  WHERE c.id IS NULL
UNION ALL SELECT 'contact ' || c.id || ' of playbook ' || c.playbook FROM contact c LEFT JOIN playbook p ON p.version = c.playbook
  WHERE c.playbook <> '' AND p.version IS NULL AND EXISTS (SELECT 1 FROM publication)
UNION ALL SELECT 'publication ' || n.seq || ' of playbook ' || n.version FROM publication n LEFT JOIN playbook p ON p.version = n.version
  WHERE p.version IS NULL
UNION ALL SELECT 'schedule ' || n.seq || ' of playbook ' || n.version FROM schedule n LEFT JOIN playbook p ON p.version = n.version
  WHERE p.version IS NULL
UNION ALL SELECT 'pointer to playbook ' || n.value FROM pointer n LEFT JOIN playbook p ON p.version = n.value
  WHERE n.name = 'playbook' AND p.version IS NULL
UNION ALL SELECT 'pointer to generation ' || n.value FROM pointer n LEFT JOIN generation g ON CAST(g.number AS TEXT) = n.value
  WHERE n.name = 'generation' AND g.number IS NULL
UNION ALL SELECT 'promotion ' || n.seq || ' of model ' || n.model_id FROM promotion n LEFT JOIN model m ON m.id = n.model_id
  WHERE m.id IS NULL
UNION ALL SELECT 'file ' || f.path || ' of ' || f.draft FROM draft_file f LEFT JOIN draft d ON d.id = f.draft WHERE d.id IS NULL
UNION ALL SELECT 'approval of ' || a.draft FROM draft_approval a LEFT JOIN draft d ON d.id = a.draft WHERE d.id IS NULL
UNION ALL SELECT 'entry of list ' || e.name FROM customer_list_member e LEFT JOIN customer_list l ON l.name = e.name
  WHERE l.name IS NULL
ORDER BY 1 LIMIT 1000;
