-- name: anything_of_customer
-- Whether this customer has left anything here.
SELECT 1 AS yes WHERE EXISTS (SELECT 1 FROM identity WHERE customer_id = :customer)
OR EXISTS (SELECT 1 FROM contact WHERE customer_id = :customer) OR EXISTS (SELECT 1 FROM consent WHERE customer_id = :customer)
OR EXISTS (SELECT 1 FROM event WHERE customer_id = :customer) OR EXISTS (SELECT 1 FROM decision WHERE customer_id = :customer)
OR EXISTS (SELECT 1 FROM call WHERE customer_id = :customer);

-- name: numbers_of_customer
-- Hashes of a customer's own number and of the lines.
SELECT number_hash FROM identity WHERE customer_id = :customer AND number_hash IS NOT NULL
UNION SELECT number_hash FROM line_identity WHERE customer_id = :customer AND number_hash IS NOT NULL ORDER BY 1;

-- name: lines_of_customer
-- Ids of a customer's lines.
SELECT line_id FROM line_identity WHERE customer_id = :customer ORDER BY line_id;

-- name: insert_erased
-- The tombstone: whoever delivers this customer again is not listened to.
INSERT INTO erased_customer (customer_id, at_us) VALUES (:customer, :at_us) ON CONFLICT DO NOTHING;

-- name: insert_erased_line
-- The same of a line, by its keyed hash, for some operators call a line by its number.
INSERT INTO erased_line (line_hash) VALUES (:line_hash) ON CONFLICT DO NOTHING;

-- name: erased_customers
-- Every tombstone.
SELECT customer_id FROM erased_customer;

-- name: erased_lines
-- Every tombstone of a line.
SELECT line_hash FROM erased_line;

-- name: read_erased
-- When this customer was erased.
SELECT at_us FROM erased_customer WHERE customer_id = :customer;

-- name: withdrawals_of_customer
-- What the customer withdrew or gave, as a person, in the order in which it was stored.
SELECT customer_id, number_hash, channel, category, given, at_us, source, evidence, until_us FROM consent
WHERE customer_id = :customer ORDER BY seq;

-- name: erase_identity
-- Name, number, and who the customer is.
DELETE FROM identity WHERE customer_id = :customer;

-- name: erase_lines
-- The numbers of the lines.
DELETE FROM line_identity WHERE customer_id = :customer;

-- name: erase_changes
-- What events had laid over the profile.
DELETE FROM profile_change WHERE customer_id = :customer;

-- name: erase_events
-- What happened to the customer.
DELETE FROM event WHERE customer_id = :customer;

-- name: erase_decisions
-- What was decided, with the facts it rested on.
DELETE FROM decision WHERE customer_id = :customer;

-- name: erase_memberships
-- The lists the customer stood on.
DELETE FROM customer_list_member WHERE customer_id = :customer;

-- name: erase_exports
-- Whom requests for files name; the others of such a file stay.
DELETE FROM export_customer WHERE customer_id = :customer;

-- name: erase_views
-- Who looked at the card this day; the audit trail keeps what was revealed.
DELETE FROM card_view WHERE customer_id = :customer;

-- name: erase_notes
-- What agents noted. The contacts themselves stay, as proof of what was done and for the caps of whoever shares the number.
UPDATE contact SET note = NULL WHERE customer_id = :customer AND note IS NOT NULL;

-- name: erase_reasons
-- What the customer's tasks were made for: facts of the customer stand there in words. They are found by their contacts.
UPDATE task SET reasons = '{}' WHERE customer_id = :customer AND state NOT IN ('waiting', 'leased', 'started')
AND id /*pg = ANY(ARRAY( *//*lite IN ( */ SELECT task_id FROM contact WHERE customer_id = :customer /*pg )) *//*lite ) */;

-- name: erase_again_identities
-- Whoever was erased while a file was read in.
DELETE FROM identity WHERE customer_id IN (SELECT customer_id FROM erased_customer);

-- name: erase_again_lines
-- The same of lines.
DELETE FROM line_identity WHERE customer_id IN (SELECT customer_id FROM erased_customer);
