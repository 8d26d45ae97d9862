-- name: attempted_contacts
-- Contacts that may have reached somebody, ours and those from before our time.
SELECT customer_id, strategy, offer, channel, attempt_us, connected_us, clicked_us, accepted_us, rejected_us, final,
  receipt_until_us
FROM contact WHERE attempt_us IS NOT NULL AND state NOT IN ('reserved', 'expired', 'cancelled', 'released', 'not_sent')
ORDER BY seq;

-- name: held_back
-- Places that the control group would have had.
SELECT customer_id, strategy, offer, channel, arm, at_us FROM would_have ORDER BY seq;
