-- name: merged_into
-- Into whom a customer was merged.
SELECT into_id FROM merged_customer WHERE customer_id = :customer;

-- name: mergers_into
-- Who was merged into a customer.
SELECT customer_id FROM merged_customer WHERE into_id = :customer ORDER BY customer_id;

-- name: note_merger
-- The old id stays on record, with who merged it and why.
INSERT INTO merged_customer (customer_id, into_id, at_us, author, why) VALUES (:old, :new, :at_us, :author, :why);

-- name: follow_merger
-- Whoever was merged into the old id before is the new one's too.
UPDATE merged_customer SET into_id = :new WHERE into_id = :old;

-- name: merge_contacts
-- The history of the old id; an account that was the old id's own is the new one's.
UPDATE contact SET customer_id = :new, account_id = CASE WHEN account_id = :old THEN :account ELSE account_id END
WHERE customer_id = :old;

-- name: merge_tasks
-- Tasks, waiting and ended, found by their contacts, which are the new id's by now.
UPDATE task SET customer_id = :new, account_id = CASE WHEN account_id = :old THEN :account ELSE account_id END
WHERE customer_id = :old
AND id /*pg = ANY(ARRAY( *//*lite IN ( */ SELECT task_id FROM contact WHERE customer_id = :new /*pg )) *//*lite ) */;

-- name: merge_consents
-- Consent records, each with its own instant.
UPDATE consent SET customer_id = :new WHERE customer_id = :old;

-- name: merge_annulled
-- And those that no longer bind.
UPDATE annulled_consent SET customer_id = :new WHERE customer_id = :old;

-- name: merge_events
-- What happened to the old id.
UPDATE event SET customer_id = :new WHERE customer_id = :old;

-- name: merge_changes
-- What events have set.
UPDATE profile_change SET customer_id = :new WHERE customer_id = :old;

-- name: merge_would_have
-- Places held back for control.
UPDATE would_have SET customer_id = :new WHERE customer_id = :old;

-- name: merge_lines
-- Lines with their numbers.
UPDATE line_identity SET customer_id = :new WHERE customer_id = :old;

-- name: merge_lists
-- The new id stands on every list the old one stood on.
INSERT INTO customer_list_member (name, customer_id)
SELECT name, CAST(:new AS TEXT) FROM customer_list_member WHERE customer_id = :old ON CONFLICT DO NOTHING;

-- name: leave_lists
-- The old id stands on none.
DELETE FROM customer_list_member WHERE customer_id = :old;

-- name: end_identity
-- The old id is nobody any more.
DELETE FROM identity WHERE customer_id = :old;

-- name: end_consents_of_number
-- A number that was given to somebody else: what its former owner said of it ends, and stays on record with its end.
UPDATE consent SET until_us = :at_us WHERE number_hash = :number AND at_us < :at_us AND (until_us IS NULL OR until_us > :at_us);

-- name: tasks_of_number
-- Waiting tasks that would go to this number, found by their contacts.
SELECT * FROM task WHERE state IN ('waiting', 'leased') AND number_hash = :number
AND id /*pg = ANY(ARRAY( *//*lite IN ( */ SELECT task_id FROM contact WHERE number_hash = :number /*pg )) *//*lite ) */
ORDER BY id /*pg FOR UPDATE */;

-- name: part_contacts
-- Contacts to a number before it changed hands: from then on they count for their customers, and for no number in use. What is
-- under way is marked as theirs in any case, so that nobody tries again.
UPDATE contact SET number_hash = :former WHERE number_hash = :number AND created_us < :at_us AND state <> 'reserved'
AND (state = 'sending' OR coalesce(attempt_us, created_us) < :at_us);

-- name: owners_before
-- Whose contacts to this number there are from before it changed hands; whoever is forgotten is nobody's owner.
SELECT DISTINCT customer_id FROM contact WHERE number_hash = :number AND created_us < :at_us
AND NOT EXISTS (SELECT 1 FROM erased_customer WHERE erased_customer.customer_id = contact.customer_id) ORDER BY customer_id;

-- name: former_owners
-- Under which former names contacts keep a number, and whose they are; the names lie between the number and the last of them.
SELECT DISTINCT number_hash, customer_id FROM contact WHERE number_hash > :number AND number_hash <= :last
ORDER BY number_hash, customer_id;
