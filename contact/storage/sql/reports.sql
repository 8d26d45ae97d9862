-- name: forget_would_have
-- A day planned again replaces what its plan left behind; a place whose hour has come stays, as a task somebody took does.
DELETE FROM would_have WHERE day = :day AND planned = 1 AND at_us > :now_us;

-- name: insert_would_have
-- A control customer's place.
INSERT INTO would_have (day, customer_id, strategy, offer, channel, arm, at_us, unit, planned)
VALUES (:day, :customer_id, :strategy, :offer, :channel, :arm, :at_us, :unit, :planned);

-- name: forget_plan_refusals
-- A day planned again counts anew.
DELETE FROM plan_refusal WHERE day = :day;

-- name: insert_plan_refusal
-- Candidates refused by a rule when a day was planned.
INSERT INTO plan_refusal (day, strategy, channel, reason, rule, count) VALUES (:day, :strategy, :channel, :reason, :rule, :count);

-- name: put_plan_summary
-- What a plan did.
INSERT INTO plan_summary (day, summary, at_us) VALUES (:day, :summary, :at_us)
ON CONFLICT (day) DO UPDATE SET summary = excluded.summary, at_us = excluded.at_us;

-- name: read_plan_summary
-- What a plan did.
SELECT summary FROM plan_summary WHERE day = :day;

-- name: last_planned_day
-- The latest day planned.
SELECT max(day) AS day FROM plan_summary;

-- name: assigned_treated
-- Everybody a plan or an online ask reserved, by assignment: whatever became of the contact. Planned again: not counted.
SELECT t.customer_id AS customer, t.day, t.offer, t.channel, 'treated' AS arm, t.assigned_us AS at_us, t.unit, t.leased_to AS person,
  c.state AS contact_state, c.result, c.attempt_us, c.delivered_us, c.connected_us, c.shown_us, c.clicked_us, c.accepted_us, c.rejected_us
FROM task t JOIN contact c ON c.task_id = t.id AND c.seq = (SELECT max(seq) FROM contact WHERE task_id = t.id)
WHERE t.strategy = :strategy AND coalesce(t.reason, '') <> 'planned again' ORDER BY t.created_us, t.id;

-- name: assigned_control
-- What the plan or an ask would have reserved for the control group.
SELECT customer_id AS customer, day, offer, channel, arm, at_us, unit FROM would_have WHERE strategy = :strategy ORDER BY seq;

-- name: goal_events
-- Events that may be goals.
SELECT customer_id, data, at_us FROM event WHERE type = :type AND at_us >= :since_us AND customer_id IS NOT NULL ORDER BY at_us, id;

-- name: plan_refusals
-- Refusals of plans by strategy, channel, reason and rule.
SELECT strategy, channel, reason, rule, CAST(sum(count) AS BIGINT) AS count FROM plan_refusal
WHERE (CAST(:strategy AS TEXT) IS NULL OR strategy = :strategy) AND (CAST(:day AS TEXT) IS NULL OR day = :day)
GROUP BY strategy, channel, reason, rule ORDER BY 5 DESC, rule;

-- name: task_refusals
-- Tasks cancelled at the permit, by an opt-out or a sweep, by the reason they ended with.
SELECT strategy, channel, reason, count(*) AS count FROM task
WHERE state = 'cancelled' AND reason <> 'planned again'
AND (CAST(:strategy AS TEXT) IS NULL OR strategy = :strategy) AND (CAST(:day AS TEXT) IS NULL OR day = :day)
AND (:everywhere = 1 OR EXISTS (SELECT 1 FROM identity i WHERE i.customer_id = task.customer_id
  AND (:any_unit = 1 OR i.unit IN (:within...)) AND (CAST(:manager AS TEXT) IS NULL OR i.manager = :manager)))
GROUP BY strategy, channel, reason ORDER BY 4 DESC, reason;

-- name: queue_counts
-- Each channel's queue at a glance.
SELECT channel,
  sum(CASE WHEN state = 'waiting' AND not_before_us <= :now_us THEN 1 ELSE 0 END) AS waiting,
  sum(CASE WHEN state IN ('leased', 'started') THEN 1 ELSE 0 END) AS in_hand,
  sum(CASE WHEN state = 'done' AND ended_us >= :today_us THEN 1 ELSE 0 END) AS done_today,
  min(CASE WHEN state = 'waiting' AND not_before_us <= :now_us THEN not_before_us END) AS oldest_us,
  sum(CASE WHEN state = 'waiting' AND valid_until_us < :tomorrow_us THEN 1 ELSE 0 END) AS expiring_today,
  min(CASE WHEN state = 'waiting' AND not_before_us > :now_us THEN not_before_us END) AS opens_us,
  sum(CASE WHEN state = 'waiting' AND not_before_us > :now_us THEN 1 ELSE 0 END) AS refused_now
FROM task WHERE (:everywhere = 1 OR EXISTS (SELECT 1 FROM identity i WHERE i.customer_id = task.customer_id
  AND (:any_unit = 1 OR i.unit IN (:within...)) AND (CAST(:manager AS TEXT) IS NULL OR i.manager = :manager)))
GROUP BY channel ORDER BY channel;

-- name: funnel_counts
-- How far tasks came; a task is counted once however many attempts it took.
SELECT count(*) AS planned,
  sum(CASE WHEN attempted = 1 THEN 1 ELSE 0 END) AS handed_over,
  sum(CASE WHEN attempted = 0 AND queued = 1 THEN 1 ELSE 0 END) AS waiting,
  sum(CASE WHEN delivered = 1 THEN 1 ELSE 0 END) AS delivered,
  sum(CASE WHEN reached = 1 THEN 1 ELSE 0 END) AS reached,
  sum(CASE WHEN accepted = 1 THEN 1 ELSE 0 END) AS accepted
FROM (
  SELECT t.id, max(CASE WHEN t.state IN ('waiting', 'leased') THEN 1 ELSE 0 END) AS queued,
    max(CASE WHEN c.attempt_us IS NOT NULL AND c.state NOT IN ('released', 'not_sent') THEN 1 ELSE 0 END) AS attempted,
    max(CASE WHEN c.delivered_us IS NOT NULL OR c.connected_us IS NOT NULL OR c.shown_us IS NOT NULL THEN 1 ELSE 0 END) AS delivered,
    max(CASE WHEN c.result IN ('accepted', 'wants_time', 'rejected', 'do_not_contact') OR c.clicked_us IS NOT NULL THEN 1 ELSE 0 END) AS reached,
    max(CASE WHEN c.accepted_us IS NOT NULL THEN 1 ELSE 0 END) AS accepted
  FROM task t JOIN contact c ON c.task_id = t.id
  WHERE (CAST(:strategy AS TEXT) IS NULL OR t.strategy = :strategy) AND (CAST(:day AS TEXT) IS NULL OR t.day = :day)
  AND coalesce(t.reason, '') <> 'planned again'
  AND (:everywhere = 1 OR EXISTS (SELECT 1 FROM identity i WHERE i.customer_id = t.customer_id
    AND (:any_unit = 1 OR i.unit IN (:within...)) AND (CAST(:manager AS TEXT) IS NULL OR i.manager = :manager)))
  GROUP BY t.id
) AS reached_tasks;

-- name: generation_in_force
-- The profile generation all readers see.
SELECT value FROM pointer WHERE name = 'generation';
