-- name: calls_ended
-- Calls of known callers in the order they ended, after one of them and up to an instant, that began not too long ago.
SELECT id, customer_id, at_us, menu, version, arm, source, outcome, goal, unit, segment, language, path, heard, facts, ended_us
FROM call
WHERE ended_us >= :since_us AND ended_us <= :until_us AND (ended_us > :since_us OR id > :after)
  AND at_us >= :began_us AND customer_id IS NOT NULL
ORDER BY ended_us, id LIMIT :limit;

-- name: calls_of_callers
-- The calls of some callers since an instant, oldest first.
SELECT id, customer_id, at_us, menu, version, arm, source, outcome, goal, unit, segment, language, path, heard, facts FROM call
WHERE customer_id IN (:customers...) AND at_us >= :since_us AND steps >= 0 ORDER BY at_us, id;

-- name: told_of_callers
-- What was told of some callers since an instant, oldest first.
SELECT customer_id, type, at_us, data FROM event
WHERE customer_id IN (:customers...) AND type IN (:types...) AND at_us >= :since_us ORDER BY at_us, id;

-- name: read_journeys_told
-- Up to when ended calls were looked at.
SELECT until_us FROM journeys_told WHERE id = 1;

-- name: keep_journeys_told
-- They were looked at so far; never less far than before.
INSERT INTO journeys_told (id, until_us) VALUES (1, :until_us)
ON CONFLICT (id) DO UPDATE SET until_us = :until_us WHERE journeys_told.until_us < :until_us;
