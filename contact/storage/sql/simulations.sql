-- name: last_contact
-- When the latest contact that happened was planned for.
SELECT MAX(planned_us) AS planned_us FROM contact
WHERE planned_us <= :now_us AND state NOT IN ('reserved', 'expired', 'cancelled', 'released', 'not_sent');
