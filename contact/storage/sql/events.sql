-- name: accept_event
-- Applied once by its own id.
INSERT INTO event (id, type, customer_id, unit, at_us, data) VALUES (:id, :type, :customer_id, :unit, :at_us, :data)
ON CONFLICT (id) DO NOTHING;

-- name: change_profile
-- What an event sets lies over the generation until it runs out.
INSERT INTO profile_change (customer_id, fields, at_us, until_us, event_id) VALUES (:customer_id, :fields, :at_us, :until_us, :event_id);

-- name: change_unit
-- What an event sets for a unit lies over the generation for everybody in it and below.
INSERT INTO unit_change (unit, fields, at_us, until_us, event_id) VALUES (:unit, :fields, :at_us, :until_us, :event_id);

-- name: shown_contact
-- The contact that a decision's offer already made, or a reservation still waiting to be shown; one that counts no more is not it.
SELECT * FROM contact WHERE customer_id = :customer AND decision = :decision AND strategy = :strategy AND offer = :offer
AND channel = :channel AND state NOT IN ('expired', 'cancelled', 'released', 'not_sent')
ORDER BY seq LIMIT 1 /*pg FOR UPDATE */;

-- name: insert_decision
-- What was advised, on which version and instant, and what was seen; nothing of somebody who was erased before it was written.
INSERT INTO decision (id, customer_id, at_us, record)
SELECT CAST(:id AS TEXT), CAST(:customer_id AS TEXT), CAST(:at_us AS BIGINT), CAST(:record AS TEXT)
WHERE NOT EXISTS (SELECT 1 FROM erased_customer WHERE customer_id = :customer_id) ON CONFLICT (id) DO NOTHING;

-- name: read_decision
-- One decision's record.
SELECT record FROM decision WHERE id = :id;

-- name: events_of_customer
-- What happened to a customer that rules name.
SELECT type, at_us FROM event WHERE customer_id = :customer AND type IN (:types...) AND at_us >= :since_us ORDER BY at_us, id;

-- name: watched_events
-- The same for everybody.
SELECT customer_id, type, at_us FROM event
WHERE type IN (:types...) AND at_us >= :since_us AND customer_id IS NOT NULL ORDER BY at_us, id;
