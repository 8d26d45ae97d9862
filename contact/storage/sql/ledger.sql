-- name: read_epochs
-- Consent epochs of some subjects, by the primary key; a subject without a row has epoch 0.
SELECT kind, key, epoch FROM subject WHERE kind IN (:kinds...) AND key IN (:keys...);

-- name: raised_epochs
-- The same of many subjects at once, only those above 0. PostgreSQL walks the index key by key, whatever it knows of the table.
SELECT kind, key, epoch FROM
/*pg json_array_elements_text(:customers) AS wanted(name) CROSS JOIN LATERAL (SELECT * FROM subject WHERE kind = 'customer' AND key = wanted.name OFFSET 0) AS s */
/*lite subject */ WHERE epoch > 0 /*lite AND kind = 'customer' AND key IN (SELECT value FROM json_each(:customers)) */
UNION ALL
SELECT kind, key, epoch FROM
/*pg json_array_elements_text(:accounts) AS wanted(name) CROSS JOIN LATERAL (SELECT * FROM subject WHERE kind = 'account' AND key = wanted.name OFFSET 0) AS s */
/*lite subject */ WHERE epoch > 0 /*lite AND kind = 'account' AND key IN (SELECT value FROM json_each(:accounts)) */
UNION ALL
SELECT kind, key, epoch FROM
/*pg json_array_elements_text(:numbers) AS wanted(name) CROSS JOIN LATERAL (SELECT * FROM subject WHERE kind = 'number' AND key = wanted.name OFFSET 0) AS s */
/*lite subject */ WHERE epoch > 0 /*lite AND kind = 'number' AND key IN (SELECT value FROM json_each(:numbers)) */
UNION ALL
SELECT kind, key, epoch FROM
/*pg json_array_elements_text(:households) AS wanted(name) CROSS JOIN LATERAL (SELECT * FROM subject WHERE kind = 'household' AND key = wanted.name OFFSET 0) AS s */
/*lite subject */ WHERE epoch > 0 /*lite AND kind = 'household' AND key IN (SELECT value FROM json_each(:households)) */
UNION ALL
SELECT kind, key, epoch FROM
/*pg json_array_elements_text(:devices) AS wanted(name) CROSS JOIN LATERAL (SELECT * FROM subject WHERE kind = 'device' AND key = wanted.name OFFSET 0) AS s */
/*lite subject */ WHERE epoch > 0 /*lite AND kind = 'device' AND key IN (SELECT value FROM json_each(:devices)) */;

-- name: histories
-- As read_history for many at once; a contact may come more than once. PostgreSQL walks the indexes key by key, as above.
SELECT id, channel, category, state, planned_us, direction, promotional, strategy, offer, family, customer_id, account_id,
  number_hash, household_id, device_id, attempt_us, delivered_us, connected_us, shown_us, clicked_us, accepted_us, rejected_us,
  result, final, receipt_until_us FROM
/*pg json_array_elements_text(:customers) AS wanted(name) CROSS JOIN LATERAL (SELECT * FROM contact WHERE customer_id = wanted.name OFFSET 0) AS c */
/*lite contact */ WHERE /*lite customer_id IN (SELECT value FROM json_each(:customers)) AND */
  (planned_us >= :since_us OR attempt_us >= :since_us OR
  clicked_us >= :since_us OR accepted_us >= :since_us OR rejected_us >= :since_us OR final = 0)
UNION ALL
SELECT id, channel, category, state, planned_us, direction, promotional, strategy, offer, family, customer_id, account_id,
  number_hash, household_id, device_id, attempt_us, delivered_us, connected_us, shown_us, clicked_us, accepted_us, rejected_us,
  result, final, receipt_until_us FROM
/*pg json_array_elements_text(:accounts) AS wanted(name) CROSS JOIN LATERAL (SELECT * FROM contact WHERE account_id = wanted.name OFFSET 0) AS c */
/*lite contact */ WHERE /*lite account_id IN (SELECT value FROM json_each(:accounts)) AND */
  (planned_us >= :since_us OR attempt_us >= :since_us OR
  clicked_us >= :since_us OR accepted_us >= :since_us OR rejected_us >= :since_us OR final = 0)
UNION ALL
SELECT id, channel, category, state, planned_us, direction, promotional, strategy, offer, family, customer_id, account_id,
  number_hash, household_id, device_id, attempt_us, delivered_us, connected_us, shown_us, clicked_us, accepted_us, rejected_us,
  result, final, receipt_until_us FROM
/*pg json_array_elements_text(:numbers) AS wanted(name) CROSS JOIN LATERAL (SELECT * FROM contact WHERE number_hash = wanted.name OFFSET 0) AS c */
/*lite contact */ WHERE /*lite number_hash IN (SELECT value FROM json_each(:numbers)) AND */
  (planned_us >= :since_us OR attempt_us >= :since_us OR
  clicked_us >= :since_us OR accepted_us >= :since_us OR rejected_us >= :since_us OR final = 0)
UNION ALL
SELECT id, channel, category, state, planned_us, direction, promotional, strategy, offer, family, customer_id, account_id,
  number_hash, household_id, device_id, attempt_us, delivered_us, connected_us, shown_us, clicked_us, accepted_us, rejected_us,
  result, final, receipt_until_us FROM
/*pg json_array_elements_text(:households) AS wanted(name) CROSS JOIN LATERAL (SELECT * FROM contact WHERE household_id = wanted.name OFFSET 0) AS c */
/*lite contact */ WHERE /*lite household_id IN (SELECT value FROM json_each(:households)) AND */
  (planned_us >= :since_us OR attempt_us >= :since_us OR
  clicked_us >= :since_us OR accepted_us >= :since_us OR rejected_us >= :since_us OR final = 0)
UNION ALL
SELECT id, channel, category, state, planned_us, direction, promotional, strategy, offer, family, customer_id, account_id,
  number_hash, household_id, device_id, attempt_us, delivered_us, connected_us, shown_us, clicked_us, accepted_us, rejected_us,
  result, final, receipt_until_us FROM
/*pg json_array_elements_text(:devices) AS wanted(name) CROSS JOIN LATERAL (SELECT * FROM contact WHERE device_id = wanted.name OFFSET 0) AS c */
/*lite contact */ WHERE /*lite device_id IN (SELECT value FROM json_each(:devices)) AND */
  (planned_us >= :since_us OR attempt_us >= :since_us OR
  clicked_us >= :since_us OR accepted_us >= :since_us OR rejected_us >= :since_us OR final = 0);

-- name: raise_epoch
-- A consent was recorded: whoever judged on the older epoch must read again.
INSERT INTO subject (kind, key, epoch) VALUES (:kind, :key, 1)
ON CONFLICT (kind, key) DO UPDATE SET epoch = subject.epoch + 1;

-- name: read_consents
-- All consent records that bind a person or one of the numbers.
SELECT customer_id, number_hash, channel, category, given, at_us, source, evidence, until_us FROM consent
WHERE customer_id = :customer
UNION ALL
SELECT customer_id, number_hash, channel, category, given, at_us, source, evidence, until_us FROM consent
WHERE number_hash IN (:numbers...);

-- name: read_history
-- The contacts of every subject at hand that can still count: open, or not older than the widest window.
SELECT * FROM contact WHERE customer_id = :customer AND (planned_us >= :since_us OR attempt_us >= :since_us OR
  clicked_us >= :since_us OR accepted_us >= :since_us OR rejected_us >= :since_us OR final = 0)
UNION
SELECT * FROM contact WHERE account_id = :account AND (planned_us >= :since_us OR attempt_us >= :since_us OR
  clicked_us >= :since_us OR accepted_us >= :since_us OR rejected_us >= :since_us OR final = 0)
UNION
SELECT * FROM contact WHERE number_hash IN (:numbers...) AND (planned_us >= :since_us OR attempt_us >= :since_us OR
  clicked_us >= :since_us OR accepted_us >= :since_us OR rejected_us >= :since_us OR final = 0)
UNION
SELECT * FROM contact WHERE household_id = :household AND (planned_us >= :since_us OR attempt_us >= :since_us OR
  clicked_us >= :since_us OR accepted_us >= :since_us OR rejected_us >= :since_us OR final = 0)
UNION
SELECT * FROM contact WHERE device_id = :device AND (planned_us >= :since_us OR attempt_us >= :since_us OR
  clicked_us >= :since_us OR accepted_us >= :since_us OR rejected_us >= :since_us OR final = 0);

-- name: read_ledger_sequence
-- The last contact written.
SELECT coalesce(max(seq), 0) AS seq FROM contact;

-- name: insert_contact
-- A contact enters the ledger: reserved, or shown by a channel that only reports.
INSERT INTO contact (id, task_id, customer_id, account_id, household_id, device_id, number_hash, line_id,
  strategy, offer, family, channel, direction, category, promotional, state, planned_us, valid_until_us, created_us,
  attempt_us, shown_us, receipt_until_us, final, over_cap, fence, playbook, epochs, decision, person)
VALUES (:id, :task_id, :customer_id, :account_id, :household_id, :device_id, :number_hash, :line_id,
  :strategy, :offer, :family, :channel, :direction, :category, :promotional, :state, :planned_us, :valid_until_us, :created_us,
  :attempt_us, :shown_us, :receipt_until_us, :final, :over_cap, :fence, :playbook, :epochs, :decision, :person);

-- name: insert_move
-- Each move of a contact stays, with its instant and why.
INSERT INTO contact_move (contact_id, from_state, to_state, at_us, why) VALUES (:contact_id, :from_state, :to_state, :at_us, :why);

-- name: insert_trouble
-- The same of a hand-over that a gateway did not take: these alone have their channel beside them, by which the newest is found.
INSERT INTO contact_move (contact_id, from_state, to_state, at_us, why, channel)
VALUES (:contact_id, :from_state, :to_state, :at_us, :why, :channel);

-- name: read_contact
-- One contact; on PostgreSQL its row is held until the unit commits.
SELECT * FROM contact WHERE id = :id /*pg FOR UPDATE */;

-- name: peek_contact
-- One contact, without holding it.
SELECT * FROM contact WHERE id = :id;

-- name: defer_contact
-- A refusal that may wait: the same reservation at the instant at which it clears.
UPDATE contact SET planned_us = :planned_us WHERE id = :id AND state = 'reserved';

-- name: send_contact
-- The permit: from here on the contact counts, whatever happens to us.
UPDATE contact SET state = 'sending', attempt_us = :at_us, receipt_until_us = :receipt_until_us, fence = fence + 1,
  epochs = :epochs, person = :person
WHERE id = :id AND state = 'reserved';

-- name: release_attempt
-- The gateway provably did not take it, but may later: back to reserved, as if not handed over.
UPDATE contact SET state = 'reserved', attempt_us = NULL, receipt_until_us = NULL, planned_us = :planned_us WHERE id = :id;

-- name: move_contact
-- A contact changes state without any further moment.
UPDATE contact SET state = :state, final = :final WHERE id = :id;

-- name: confirm_contact
-- The gateway or the agent has it.
UPDATE contact SET state = 'sent', reference = coalesce(:reference, reference) WHERE id = :id;

-- name: receive_contact
-- A receipt: state, moments it proves, and its result.
UPDATE contact SET state = :state, final = :final, result = coalesce(:result, result),
  delivered_us = coalesce(delivered_us, :delivered_us) WHERE id = :id;

-- name: finish_contact
-- An outcome: what it proves has happened, at the instant it was reported.
UPDATE contact SET state = :state, final = 1, result = :result, note = :note,
  connected_us = coalesce(connected_us, :connected_us), accepted_us = coalesce(accepted_us, :accepted_us),
  rejected_us = coalesce(rejected_us, :rejected_us) WHERE id = :id;

-- name: advance_contact
-- A showing goes on: clicked, accepted, rejected. A reservation that was only reported as shown is handed over by it.
UPDATE contact SET attempt_us = coalesce(attempt_us, :shown_us),
  receipt_until_us = coalesce(receipt_until_us, :receipt_until_us),
  shown_us = coalesce(shown_us, :shown_us), clicked_us = coalesce(clicked_us, :clicked_us),
  accepted_us = coalesce(accepted_us, :accepted_us), rejected_us = coalesce(rejected_us, :rejected_us),
  result = coalesce(:result, result), final = :final, state = :state WHERE id = :id;

-- name: handed_over_since
-- How many contacts a channel has handed over since an instant, for the channel's rate.
SELECT count(*) AS contacts FROM contact WHERE channel = :channel AND attempt_us > :since_us;

-- name: overdue_reservations
-- Reservations past their validity.
SELECT id, task_id FROM contact WHERE state = 'reserved' AND valid_until_us <= :now_us ORDER BY valid_until_us LIMIT :limit /*pg FOR UPDATE SKIP LOCKED */;

-- name: stale_sending
-- Handed over, or perhaps not, and nobody has told us since.
SELECT id, task_id, channel, customer_id, state FROM contact WHERE state = 'sending' AND channel = :channel AND attempt_us <= :before_us
ORDER BY id LIMIT :limit /*pg FOR UPDATE SKIP LOCKED */;

-- name: overdue_receipts
-- No receipt came within the channel's wait; with the state of the task that still stands on this contact.
SELECT c.id, c.task_id, c.state, t.state AS task_state FROM contact c LEFT JOIN task t ON t.id = c.task_id AND t.contact_id = c.id
WHERE c.state IN ('sent', 'unknown') AND c.final = 0 AND c.receipt_until_us <= :now_us AND c.task_id IS NOT NULL
ORDER BY c.receipt_until_us LIMIT :limit /*pg FOR UPDATE OF c SKIP LOCKED */;

-- name: settle_receipt
-- The contact is closed as it stands.
UPDATE contact SET final = 1 WHERE id = :id;

-- name: accept_inbox
-- Each report is kept once by its own id.
INSERT INTO inbox (source, id, contact_id, payload, at_us, applied) VALUES (:source, :id, :contact_id, :payload, :at_us, :applied)
ON CONFLICT DO NOTHING;

-- name: peek_inbox
-- Of whom a report with this id was.
SELECT contact_id FROM inbox WHERE source = :source AND id = :id;

-- name: early_receipts
-- Reports that came before the hand-over was confirmed.
SELECT id, payload FROM inbox WHERE source = 'receipt' AND contact_id = :contact_id AND applied = 0 ORDER BY at_us, id;

-- name: apply_inbox
-- The report has had its effect.
UPDATE inbox SET applied = 1 WHERE source = :source AND id = :id;

-- name: events_of_customers
-- Events of some types of many customers, as far back as one still matters.
SELECT customer_id, type, at_us FROM event WHERE type IN (:types...) AND at_us >= :since_us
AND customer_id /*pg = ANY(ARRAY(SELECT json_array_elements_text(:customers))) *//*lite IN (SELECT value FROM json_each(:customers)) */ ORDER BY at_us, id;

-- name: insert_consent
-- A consent is given or withdrawn; the records before it stay.
INSERT INTO consent (customer_id, number_hash, channel, category, given, at_us, source, evidence, until_us, idempotency, recorded_us)
VALUES (:customer_id, :number_hash, :channel, :category, :given, :at_us, :source, :evidence, :until_us, :idempotency, :recorded_us)
ON CONFLICT DO NOTHING;

-- name: mark_over_cap
-- A showing that was reported although a rule forbade it.
UPDATE contact SET over_cap = 1 WHERE id = :id;

-- name: correct_contact
-- Another outcome in place of the one reported: what only the first had proven has not happened.
UPDATE contact SET result = :result, connected_us = :connected_us, accepted_us = :accepted_us, rejected_us = :rejected_us
WHERE id = :id;

-- name: first_told
-- When the outcome of a contact was first reported, where it was corrected before.
SELECT outcome_us AS at_us FROM correction WHERE contact_id = :contact ORDER BY seq LIMIT 1;

-- name: last_move
-- The last move of a contact.
SELECT at_us FROM contact_move WHERE contact_id = :contact ORDER BY seq DESC LIMIT 1;

-- name: insert_correction
-- Both outcomes stay, with what the first had brought about.
INSERT INTO correction (contact_id, at_us, outcome_us, result_before, result, before, author, why)
VALUES (:contact_id, :at_us, :outcome_us, :result_before, :result, :before, :author, :why);

-- name: corrections_of_contact
-- Every correction of a contact, in order.
SELECT at_us, result_before, result, author, why FROM correction WHERE contact_id = :contact ORDER BY seq;

-- name: opt_outs_of_task
-- Withdrawals a person stored with the outcome of a task.
SELECT seq, customer_id, number_hash FROM consent WHERE (customer_id IN (:customers...) OR number_hash = :number)
AND given = 0 AND source = 'agent' AND evidence LIKE :evidence ORDER BY seq;

-- name: annul_consent
-- A record that no longer binds, because what it came from was wrong, is kept apart.
INSERT INTO annulled_consent (seq, customer_id, number_hash, channel, category, given, at_us, source, evidence, until_us,
  recorded_us, annulled_us, why)
SELECT seq, customer_id, number_hash, channel, category, given, at_us, source, evidence, until_us, recorded_us,
  CAST(:at_us AS BIGINT), CAST(:why AS TEXT) FROM consent WHERE seq = :seq;

-- name: was_annulled
-- Whether a record of the journal is one that no longer binds.
SELECT seq FROM annulled_consent WHERE customer_id = :customer AND channel = :channel AND category = :category
AND at_us = :at_us AND recorded_us = :recorded_us
UNION ALL
SELECT seq FROM annulled_consent WHERE CAST(:number AS TEXT) IS NOT NULL AND number_hash = :number AND channel = :channel
AND category = :category AND at_us = :at_us AND recorded_us = :recorded_us;

-- name: forget_consent
-- It stands among the annulled now.
DELETE FROM consent WHERE seq = :seq;

-- name: unknown_contacts
-- Contacts of a channel of which nobody knows whether they went out, oldest first.
SELECT * FROM contact WHERE channel = :channel AND state = 'unknown' ORDER BY planned_us, id LIMIT :limit;
