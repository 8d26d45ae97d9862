-- name: read_identity
-- Who a customer is: personal data, in its own table.
SELECT * FROM identity WHERE customer_id = :customer;

-- name: read_line
-- The sealed number of a line.
SELECT line_id, number, number_hash FROM line_identity WHERE line_id = :line AND customer_id = :customer;

-- name: number_of_hash
-- The customer's sealed number that the ledger knows by this hash, and the line that has it.
SELECT number, NULL AS line_id FROM identity WHERE customer_id = :customer AND number_hash = :number_hash AND number IS NOT NULL
UNION ALL
SELECT number, line_id FROM line_identity WHERE customer_id = :customer AND number_hash = :number_hash AND number IS NOT NULL
LIMIT 1;

-- name: any_line
-- The first line that has a number, for customers without one of their own.
SELECT line_id, number, number_hash FROM line_identity WHERE customer_id = :customer AND number IS NOT NULL ORDER BY line_id LIMIT 1;

-- name: customers_of_number
-- Whose number this is.
SELECT customer_id FROM identity WHERE customer_id IN (SELECT customer_id FROM identity WHERE number_hash = :number_hash
  UNION SELECT customer_id FROM line_identity WHERE number_hash = :number_hash) AND (:everywhere = 1 OR
  ((:any_unit = 1 OR unit IN (:within...)) AND (CAST(:manager AS TEXT) IS NULL OR manager = :manager)))
ORDER BY 1;

-- name: read_person
-- One of the staff.
SELECT * FROM staff WHERE id = :id;

-- name: list_persons
-- The staff, by id.
SELECT * FROM staff WHERE (CAST(:role AS TEXT) IS NULL OR role = :role) ORDER BY id;

-- name: count_customers
-- How many customers there are.
SELECT count(*) AS count FROM identity WHERE (:everywhere = 1 OR
  ((:any_unit = 1 OR unit IN (:within...)) AND (CAST(:manager AS TEXT) IS NULL OR manager = :manager)));

-- name: customer_contacts
-- A customer's contacts over all channels, newest first.
SELECT * FROM contact WHERE customer_id = :customer ORDER BY coalesce(attempt_us, planned_us) DESC, seq DESC LIMIT :limit;

-- name: moves_of_contacts
-- Every move of some contacts, in order.
SELECT contact_id, from_state, to_state, at_us, why FROM contact_move WHERE contact_id IN (:contacts...) ORDER BY seq;

-- name: customer_consents
-- A customer's consent records, those of a number included, newest first.
SELECT channel, category, given, at_us, source FROM consent
WHERE customer_id = :customer OR number_hash IN (:numbers...) ORDER BY at_us DESC, seq DESC LIMIT :limit;

-- name: customer_events
-- What happened to a customer, newest first.
SELECT type, at_us FROM event WHERE customer_id = :customer ORDER BY at_us DESC, id DESC LIMIT :limit;
