-- name: insert_generation
-- A numbered generation with the file of each kind; only the pointer makes it the one in force.
INSERT INTO generation (number, manifest, created_us) VALUES (:number, :manifest, :created_us);

-- name: recent_generations
-- The latest generations, whose files readers may still have open.
SELECT manifest FROM generation ORDER BY number DESC LIMIT :limit;

-- name: write_identity
-- Who a customer is. What the file does not tell (`has_` 0) stays as it was.
INSERT INTO identity (customer_id, customer_hash, bucket, account_id, household_id, device_id, name, number, number_hash,
  language, zone, unit, manager)
VALUES (:customer_id, :customer_hash, :bucket, :account_id, :household_id, :device_id, :name, :number, :number_hash,
  :language, :zone, :unit, :manager)
ON CONFLICT (customer_id) DO UPDATE SET bucket = excluded.bucket, account_id = excluded.account_id,
  household_id = excluded.household_id, device_id = excluded.device_id, language = excluded.language,
  zone = excluded.zone, unit = excluded.unit, number_hash = excluded.number_hash,
  name = CASE WHEN CAST(:has_name AS INTEGER) = 1 THEN excluded.name ELSE identity.name END,
  number = CASE WHEN CAST(:has_number AS INTEGER) = 1 THEN excluded.number ELSE identity.number END,
  manager = CASE WHEN CAST(:has_manager AS INTEGER) = 1 THEN excluded.manager ELSE identity.manager END;

-- name: standing_identities
-- Some customers as they are on file.
SELECT * FROM identity
WHERE customer_id /*pg = ANY(ARRAY(SELECT json_array_elements_text(:ids))) *//*lite IN (SELECT value FROM json_each(:ids)) */;

-- name: remove_identity
-- The customer is in the operator's list no more: name and number go.
DELETE FROM identity WHERE customer_id = :customer_id;

-- name: remove_lines_of_customer
-- And the numbers of the lines.
DELETE FROM line_identity WHERE customer_id = :customer_id;

-- name: write_line_identity
-- The number of a line.
INSERT INTO line_identity (line_id, customer_id, number, number_hash) VALUES (:line_id, :customer_id, :number, :number_hash)
ON CONFLICT (line_id) DO UPDATE SET customer_id = excluded.customer_id, number_hash = excluded.number_hash,
  number = CASE WHEN CAST(:has_number AS INTEGER) = 1 THEN excluded.number ELSE line_identity.number END;

-- name: standing_lines
-- Some lines as they are on file.
SELECT * FROM line_identity
WHERE line_id /*pg = ANY(ARRAY(SELECT json_array_elements_text(:ids))) *//*lite IN (SELECT value FROM json_each(:ids)) */;

-- name: remove_line_identity
-- The line is in the operator's list no more.
DELETE FROM line_identity WHERE line_id = :line_id;

-- name: write_staff
-- One of the people who work tasks.
INSERT INTO staff (id, name, role, unit, team, languages, channels)
VALUES (:id, :name, :role, :unit, :team, :languages, :channels)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, role = excluded.role, unit = excluded.unit, team = excluded.team,
  languages = excluded.languages, channels = excluded.channels;

-- name: remove_staff
-- A person who left the staff file.
DELETE FROM staff WHERE id = :id;

-- name: write_past_contact
-- A contact from before our time, in its final state; its id makes importing it again change nothing twice.
INSERT INTO contact (id, customer_id, account_id, household_id, device_id, number_hash, line_id, strategy, offer, family,
  channel, direction, category, promotional, state, planned_us, valid_until_us, created_us, attempt_us, delivered_us,
  connected_us, shown_us, accepted_us, rejected_us, result, final, over_cap, playbook, epochs)
VALUES (:id, :customer_id, :account_id, :household_id, :device_id, :number_hash, :line_id, :strategy, :offer, :family,
  :channel, :direction, :category, :promotional, :state, :at_us, :at_us, :created_us, :at_us, :delivered_us,
  :connected_us, :shown_us, :accepted_us, :rejected_us, :result, 1, 0, '', '{}')
ON CONFLICT (id) DO UPDATE SET state = excluded.state, planned_us = excluded.planned_us, attempt_us = excluded.attempt_us,
  delivered_us = excluded.delivered_us, connected_us = excluded.connected_us, shown_us = excluded.shown_us,
  accepted_us = excluded.accepted_us, rejected_us = excluded.rejected_us, result = excluded.result,
  channel = excluded.channel, category = excluded.category, promotional = excluded.promotional,
  direction = excluded.direction, strategy = excluded.strategy, offer = excluded.offer, family = excluded.family;

-- name: write_past_move
-- Its only move, once.
INSERT INTO contact_move (contact_id, from_state, to_state, at_us, why)
SELECT :id, NULL, :state, :at_us, 'imported'
WHERE NOT EXISTS (SELECT 1 FROM contact_move WHERE contact_id = :id);
