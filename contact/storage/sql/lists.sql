-- name: lists
-- Imported lists by name.
SELECT name, customers, taken, set_aside, set_aside_file, imported_us FROM customer_list ORDER BY name;

-- name: put_list
-- A list is imported, in place of the one of that name.
INSERT INTO customer_list (name, customers, taken, set_aside, set_aside_file, imported_us, author)
VALUES (:name, :customers, :taken, :set_aside, :set_aside_file, :imported_us, :author)
ON CONFLICT (name) DO UPDATE SET customers = :customers, taken = :taken, set_aside = :set_aside,
  set_aside_file = :set_aside_file, imported_us = :imported_us, author = :author;

-- name: remove_list
-- A list is forgotten.
DELETE FROM customer_list WHERE name = :name;

-- name: clear_list
-- Nobody stands on it any more.
DELETE FROM customer_list_member WHERE name = :name;

-- name: put_on_list
-- A customer stands on a list.
INSERT INTO customer_list_member (name, customer_id) VALUES (:name, :customer_id) ON CONFLICT DO NOTHING;

-- name: list_members
-- Who stands on which list.
SELECT name, customer_id FROM customer_list_member ORDER BY name;

-- name: lists_of_customer
-- The lists a customer stands on.
SELECT name FROM customer_list_member WHERE customer_id = :customer ORDER BY name;
