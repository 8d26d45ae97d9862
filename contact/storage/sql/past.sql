-- name: generation_by_number
-- The files of one generation, if it was ever made.
SELECT number, manifest FROM generation WHERE number = :number;

-- name: changes_until
-- What events had set by then and had not run out, up to one change, oldest first.
SELECT seq, fields FROM profile_change WHERE customer_id = :customer AND seq <= :seq AND at_us <= :at_us
AND (until_us IS NULL OR until_us > :at_us) ORDER BY seq;

-- name: unit_changes_until
-- The same of events of units.
SELECT seq, unit, fields FROM unit_change WHERE unit IN (:units...) AND seq <= :seq AND at_us <= :at_us
AND (until_us IS NULL OR until_us > :at_us) ORDER BY seq;

-- name: consents_recorded_by
-- Consent records that bind a person or one of the numbers, as far as they were on file by then.
SELECT customer_id, number_hash, channel, category, given, at_us, source, evidence, until_us FROM consent
WHERE customer_id = :customer AND coalesce(recorded_us, at_us) <= :at_us
UNION ALL
SELECT customer_id, number_hash, channel, category, given, at_us, source, evidence, until_us FROM consent
WHERE number_hash IN (:numbers...) AND coalesce(recorded_us, at_us) <= :at_us;
