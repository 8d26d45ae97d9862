-- name: channels_with_contacts
-- Every channel the ledger knows, by jumping from one to the next in an index.
WITH RECURSIVE known (channel) AS (
  SELECT min(channel) FROM contact
  UNION ALL
  SELECT (SELECT min(channel) FROM contact WHERE channel > known.channel) FROM known WHERE known.channel IS NOT NULL
)
SELECT channel FROM known WHERE channel IS NOT NULL;

-- name: queued_contacts
-- Reserved contacts of a channel in order of their planned instants.
SELECT id, customer_id, channel, category, direction, promotional, strategy, offer, family, line_id, number_hash, planned_us,
  playbook FROM contact
WHERE channel = :channel AND state = 'reserved' AND (planned_us > :planned_us OR (planned_us = :planned_us AND id > :id))
ORDER BY planned_us, id LIMIT :limit;
