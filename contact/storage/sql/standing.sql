-- name: standing_contacts
-- Open contacts of some channels by state; the index on channel, state and instant holds all of it.
SELECT channel, state, count(*) AS n, min(planned_us) AS oldest_us FROM contact
WHERE channel IN (:channels...) AND state IN ('reserved', 'sending', 'unknown')
GROUP BY channel, state ORDER BY channel, state;

-- name: standing_tasks
-- Open tasks of some channels by state; the index on channel, state and instant holds all of it.
SELECT channel, state, count(*) AS n, min(not_before_us) AS oldest_us FROM task
WHERE channel IN (:channels...) AND state IN ('waiting', 'leased', 'started')
GROUP BY channel, state ORDER BY channel, state;

-- name: standing_jobs
-- Long work that waits, runs or lately failed.
SELECT kind, state, count(*) AS n, min(created_us) AS oldest_us FROM job
WHERE state IN ('queued', 'running') OR (state = 'failed' AND created_us >= :since_us)
GROUP BY kind, state ORDER BY kind, state;

-- name: standing_moves
-- What contacts came to since an instant.
SELECT to_state AS state, count(*) AS n FROM contact_move WHERE at_us > :since_us GROUP BY to_state ORDER BY to_state;

-- name: standing_trouble
-- The newest hand-over of a channel since an instant that its gateway did not take.
SELECT channel, at_us, why FROM contact_move WHERE channel = :channel AND at_us > :since_us ORDER BY at_us DESC LIMIT 1;

-- name: standing_put_off
-- Since when the contacts of a channel that come next are put off by its gateway; each time one is, it is planned anew.
SELECT min(m.at_us) AS since_us FROM (
  SELECT id FROM contact WHERE channel = :channel AND state = 'reserved' AND planned_us <= :until_us ORDER BY planned_us LIMIT :limit
) AS c JOIN contact_move m ON m.contact_id = c.id
WHERE m.at_us >= :since_us AND m.from_state = 'sending' AND m.to_state = 'reserved';
