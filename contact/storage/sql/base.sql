-- name: base_contacts
-- Contacts that can still count, from one place in the ledger on, some at a time.
SELECT seq, channel, category, state, planned_us, direction, promotional, strategy, offer, family, customer_id, account_id,
  number_hash, household_id, device_id, attempt_us, delivered_us, connected_us, shown_us, clicked_us, accepted_us, rejected_us,
  result, final, receipt_until_us
FROM contact WHERE seq > :after AND (planned_us >= :since_us OR attempt_us >= :since_us OR
  clicked_us >= :since_us OR accepted_us >= :since_us OR rejected_us >= :since_us OR final = 0)
ORDER BY seq LIMIT :limit;

-- name: base_contacts_changed
-- Contacts up to a place in the ledger that may have changed: still open, moved since, or something happened to them.
SELECT seq, channel, category, state, planned_us, direction, promotional, strategy, offer, family, customer_id, account_id,
  number_hash, household_id, device_id, attempt_us, delivered_us, connected_us, shown_us, clicked_us, accepted_us, rejected_us,
  result, final, receipt_until_us
FROM contact WHERE seq <= :until AND (final = 0 OR delivered_us >= :since_us OR connected_us >= :since_us OR shown_us >= :since_us
  OR clicked_us >= :since_us OR accepted_us >= :since_us OR rejected_us >= :since_us
  OR id IN (SELECT contact_id FROM contact_move WHERE seq > :after_move)
  OR id IN (SELECT contact_id FROM correction WHERE at_us >= :since_us))
ORDER BY seq;

-- name: base_last_move
-- The last move written.
SELECT coalesce(max(seq), 0) AS seq FROM contact_move;

-- name: base_consents
-- Consent records from one place on, some at a time.
SELECT seq, customer_id, number_hash, channel, category, given, at_us, until_us FROM consent WHERE seq > :after ORDER BY seq LIMIT :limit;

-- name: base_changes
-- What events have set, from one place on.
SELECT seq, customer_id, fields, at_us, until_us FROM profile_change WHERE seq > :after ORDER BY seq;

-- name: base_rewritten
-- How often rows that were read before have been changed or taken away since.
SELECT (SELECT count(*) FROM merged_customer) AS merged, (SELECT count(*) FROM annulled_consent) AS annulled;

-- name: base_marks
-- What tells whether the rows up to these numbers are the ones that were read: those of a restored store are others.
SELECT (SELECT id FROM contact WHERE seq = :contact) AS contact, (SELECT contact_id FROM contact_move WHERE seq = :move) AS move,
  (SELECT at_us FROM consent WHERE seq = :consent) AS consent, (SELECT min(seq) FROM contact) AS first_contact,
  (SELECT min(seq) FROM consent) AS first_consent;
