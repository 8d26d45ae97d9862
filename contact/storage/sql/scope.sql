-- name: customer_within
-- Whether a customer is one of the caller's: of their units, and theirs to look after.
SELECT 1 AS theirs FROM identity WHERE customer_id = :customer AND (:everywhere = 1 OR
  ((:any_unit = 1 OR unit IN (:within...)) AND (CAST(:manager AS TEXT) IS NULL OR manager = :manager)));

-- name: customers_within
-- All of them.
SELECT customer_id FROM identity WHERE (:everywhere = 1 OR
  ((:any_unit = 1 OR unit IN (:within...)) AND (CAST(:manager AS TEXT) IS NULL OR manager = :manager)));

-- name: decision_within
-- Whether a decision was about one of them.
SELECT 1 AS theirs FROM decision d JOIN identity i ON i.customer_id = d.customer_id WHERE d.id = :decision AND (:everywhere = 1 OR
  ((:any_unit = 1 OR i.unit IN (:within...)) AND (CAST(:manager AS TEXT) IS NULL OR i.manager = :manager)));
