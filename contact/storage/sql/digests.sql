-- name: last_digest
-- How far the ledger's minutes are closed.
SELECT seq, minute FROM ledger_digest ORDER BY minute DESC, seq DESC LIMIT 1;

-- name: first_open_move
-- The earliest move that no closed minute holds; what was imported lies in the past and is not of our making.
SELECT min(at_us) AS at_us FROM contact_move WHERE at_us >= :from_us AND (from_state IS NOT NULL OR why <> 'imported');

-- name: moves_of_minute
-- The moves of a stretch of time in their order; a contact's first one with what never changes about it. Whose it was then,
-- where two customers were merged since.
SELECT m.seq, m.contact_id, m.from_state, m.to_state, m.at_us, m.why,
  CASE WHEN m.from_state IS NULL THEN coalesce(o.customer_id, c.customer_id) END AS customer,
  CASE WHEN m.from_state IS NULL THEN c.strategy END AS strategy, CASE WHEN m.from_state IS NULL THEN c.offer END AS offer,
  CASE WHEN m.from_state IS NULL THEN c.channel END AS channel, CASE WHEN m.from_state IS NULL THEN c.category END AS category,
  CASE WHEN m.from_state IS NULL THEN c.direction END AS direction, CASE WHEN m.from_state IS NULL THEN c.created_us END AS created_us
FROM contact_move m LEFT JOIN contact c ON c.id = m.contact_id AND m.from_state IS NULL
LEFT JOIN first_owner o ON o.contact_id = m.contact_id AND m.from_state IS NULL
WHERE m.at_us >= :from_us AND m.at_us < :until_us AND m.seq > :after AND (m.from_state IS NOT NULL OR m.why <> 'imported')
ORDER BY m.seq LIMIT :limit;

-- name: oldest_open_unit
-- When the oldest transaction began that is still open, other than this one; SQLite has one writer and needs not ask.
/*pg SELECT (extract(epoch FROM min(xact_start)) * 1000000)::bigint AS began_us FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
AND backend_type = 'client backend' AND application_name <> 'contact reading' */
/*lite SELECT NULL AS began_us */;

-- name: insert_digest
-- A minute of the ledger is closed.
INSERT INTO ledger_digest (seq, minute, moves, first_move, last_move, digest, why, previous, hash)
VALUES (:seq, :minute, :moves, :first_move, :last_move, :digest, :why, :previous, :hash);

-- name: digests_after
-- A page of closed minutes in the order of their chain.
SELECT seq, minute, moves, first_move, last_move, digest, why, previous, hash FROM ledger_digest WHERE seq > :after
ORDER BY seq LIMIT :limit;

-- name: count_moves_before
-- Moves that must stand in closed minutes.
SELECT count(*) AS moves FROM contact_move WHERE at_us >= :from_us AND at_us < :until_us
AND (from_state IS NOT NULL OR why <> 'imported');

-- name: retention_acts
-- Runs of the retention that are on record, with the instant before which contacts and moves were deleted.
SELECT content FROM audit WHERE act = 'retention.run' ORDER BY at_us DESC;

-- name: retention_begun
-- The instant before which a run that may not have ended deletes.
SELECT value FROM pointer WHERE name = 'retention.contacts';

-- name: remember_owner
-- Before the contacts of a customer become another's: whose they were when they were made, which their digest holds.
INSERT INTO first_owner (contact_id, customer_id) SELECT id, customer_id FROM contact WHERE customer_id = :customer
ON CONFLICT DO NOTHING;

-- name: first_owners
-- Contacts that were another customer's when they were made, and whose they are now.
SELECT o.contact_id, o.customer_id AS old, c.customer_id AS now FROM first_owner o JOIN contact c ON c.id = o.contact_id
ORDER BY o.contact_id;

-- name: merger_acts
-- Mergers of customers that are on record.
SELECT content FROM audit WHERE act = 'customers.merged' ORDER BY at_us, chain, seq;
