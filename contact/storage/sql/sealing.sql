-- name: is_all_sealed
-- Whether every name and number here was written sealed, or has been sealed since.
SELECT 1 AS yes FROM pointer WHERE name = 'sealed';

-- name: mark_secret
-- Whose secret names and numbers here are sealed and hashed under: whoever opens the store first.
INSERT INTO pointer (name, value) VALUES ('secret', :fingerprint) ON CONFLICT (name) DO NOTHING;

-- name: open_identities
-- Names and numbers in order of customer, as an earlier release may have left them.
SELECT customer_id AS id, name, number FROM identity WHERE customer_id > :after ORDER BY customer_id LIMIT :limit;

-- name: open_lines
-- The same of lines.
SELECT line_id AS id, NULL AS name, number FROM line_identity WHERE line_id > :after ORDER BY line_id LIMIT :limit;

-- name: seal_identity
-- What lay open is replaced by its sealed form.
UPDATE identity SET name = :name, number = :number WHERE customer_id = :id;

-- name: seal_line
-- The same of a line.
UPDATE line_identity SET number = :number WHERE line_id = :id;
