-- name: keep_ready_answer
-- An answer fetched before anybody asks, in the place of an older one.
INSERT INTO ready_answer (customer_id, topic, language, text, at_us, until_us)
VALUES (:customer_id, :topic, :language, :text, :at_us, :until_us)
ON CONFLICT (customer_id, topic, language) DO UPDATE
SET text = excluded.text, at_us = excluded.at_us, until_us = excluded.until_us;

-- name: drop_old_answers
-- Those that are no longer told.
DELETE FROM ready_answer WHERE until_us <= :now_us;

-- name: ready_answers_of
-- A customer's answers that may still be told.
SELECT customer_id, topic, language, text, at_us, until_us FROM ready_answer
WHERE customer_id = :customer AND until_us > :now_us ORDER BY topic, language;

-- name: ready_answers_known
-- What was ready for some customers, without the words.
SELECT customer_id, topic, language, '' AS text, at_us, until_us FROM ready_answer
WHERE customer_id IN (:customers...) ORDER BY customer_id, topic, language;

-- name: count_ready_answers
-- How many answers may still be told, and when the newest of them was fetched.
SELECT COUNT(*) AS answers, MAX(at_us) AS fetched_us FROM ready_answer WHERE until_us > :now_us;

-- name: erase_answers
-- The answers fetched for a customer.
DELETE FROM ready_answer WHERE customer_id = :customer;
