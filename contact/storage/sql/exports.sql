-- name: insert_export
-- Somebody asks for a file with names or numbers.
INSERT INTO export_request (id, asked, columns, customers, asked_by, why, asked_us, state, until_us)
VALUES (:id, :asked, :columns, :customers, :asked_by, :why, :asked_us, 'asked', :until_us);

-- name: insert_export_customer
-- Who is meant: whoever approves approves these and no others.
INSERT INTO export_customer (export, place, customer_id) VALUES (:export, :place, :customer_id);

-- name: read_export
-- A request that names nobody but the caller's customers; one of which it is forgotten whom it named is nobody's but the operator's.
SELECT r.* FROM export_request r WHERE r.id = :id AND (:everywhere = 1 OR EXISTS (SELECT 1 FROM export_customer WHERE export = r.id) AND NOT EXISTS (
  SELECT 1 FROM export_customer e LEFT JOIN identity i ON i.customer_id = e.customer_id
    AND (:any_unit = 1 OR i.unit IN (:within...)) AND (CAST(:manager AS TEXT) IS NULL OR i.manager = :manager)
  WHERE e.export = r.id AND i.customer_id IS NULL));

-- name: recent_exports
-- The same, newest first.
SELECT r.* FROM export_request r WHERE r.asked_us > :since_us AND (:everywhere = 1 OR EXISTS (SELECT 1 FROM export_customer WHERE export = r.id) AND NOT EXISTS (
  SELECT 1 FROM export_customer e LEFT JOIN identity i ON i.customer_id = e.customer_id
    AND (:any_unit = 1 OR i.unit IN (:within...)) AND (CAST(:manager AS TEXT) IS NULL OR i.manager = :manager)
  WHERE e.export = r.id AND i.customer_id IS NULL)) ORDER BY r.asked_us DESC, r.id DESC LIMIT 200;

-- name: decide_export
-- The second person's word; the file is there for a while from then on.
UPDATE export_request SET state = :state, decided_by = :decided_by, decided_us = :now_us, until_us = :until_us
WHERE id = :id AND state = 'asked';

-- name: customers_of_export
-- Whom the file holds, in the order in which they were found.
SELECT e.customer_id FROM export_customer e JOIN identity i ON i.customer_id = e.customer_id WHERE e.export = :id AND (:everywhere = 1 OR
  ((:any_unit = 1 OR i.unit IN (:within...)) AND (CAST(:manager AS TEXT) IS NULL OR i.manager = :manager))) ORDER BY e.place;

-- name: forget_exports
-- Who was meant by requests whose time is over; that they were made stays.
DELETE FROM export_customer WHERE export IN (SELECT id FROM export_request WHERE until_us <= :now_us OR state = 'refused');

-- name: list_is_there
-- Whether there is a list of this name.
SELECT name FROM customer_list WHERE name = :name;

-- name: members_of_list
-- The caller's customers who stand on a list.
SELECT m.customer_id FROM customer_list_member m JOIN identity i ON i.customer_id = m.customer_id WHERE m.name = :name AND (:everywhere = 1 OR
  ((:any_unit = 1 OR i.unit IN (:within...)) AND (CAST(:manager AS TEXT) IS NULL OR i.manager = :manager))) ORDER BY m.customer_id;
