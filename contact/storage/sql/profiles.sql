-- name: current_generation
-- The generation in force with the file of each kind.
SELECT number, manifest FROM generation
WHERE number = (SELECT CAST(value AS BIGINT) FROM pointer WHERE name = 'generation');

-- name: bucket_of_customer
-- The storage part of a customer.
SELECT bucket FROM identity WHERE customer_id = :customer;

-- name: changes_of_customer
-- What events have set since, and has not run out, oldest first.
SELECT seq, fields FROM profile_change
WHERE customer_id = :customer AND at_us <= :now_us AND (until_us IS NULL OR until_us > :now_us) ORDER BY seq;

-- name: all_changes
-- The same for everybody.
SELECT seq, customer_id, fields FROM profile_change
WHERE at_us <= :now_us AND (until_us IS NULL OR until_us > :now_us) ORDER BY seq;

-- name: all_consents
-- Every consent record, in the order in which they were stored.
SELECT customer_id, number_hash, channel, category, given, at_us, source, evidence, until_us FROM consent ORDER BY seq;

-- name: all_history
-- Every contact that can still count: open, or not older than the widest window.
SELECT id, channel, category, state, planned_us, direction, promotional, strategy, offer, family, customer_id, account_id,
  number_hash, household_id, device_id, attempt_us, delivered_us, connected_us, shown_us, clicked_us, accepted_us, rejected_us,
  result, final, receipt_until_us
FROM contact WHERE planned_us >= :since_us OR attempt_us >= :since_us OR
  clicked_us >= :since_us OR accepted_us >= :since_us OR rejected_us >= :since_us OR final = 0 ORDER BY seq;

-- name: all_epochs
-- Every consent epoch that was ever raised.
SELECT kind, key, epoch FROM subject WHERE epoch > 0;

-- name: unit_changes_of
-- What events have set for these units, and has not run out, in the order in which it was told.
SELECT seq, unit, fields FROM unit_change
WHERE unit IN (:units...) AND at_us <= :now_us AND (until_us IS NULL OR until_us > :now_us) ORDER BY seq;

-- name: all_unit_changes
-- The same for every unit.
SELECT seq, unit, fields FROM unit_change WHERE at_us <= :now_us AND (until_us IS NULL OR until_us > :now_us) ORDER BY seq;

-- name: last_unit_change
-- The newest of them.
SELECT coalesce(max(seq), 0) AS seq FROM unit_change;
