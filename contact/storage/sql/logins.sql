-- name: read_login
-- Who may log in with a password, and as what.
SELECT person, role, unit, password_hash, set_us, barred FROM login WHERE person = :person;

-- name: list_logins
-- All of them, with whether the staff file still knows them.
SELECT l.person, l.role, l.unit, l.set_us, l.barred, CASE WHEN s.id IS NULL THEN 0 ELSE 1 END AS on_staff
FROM login l LEFT JOIN staff s ON s.id = l.person ORDER BY l.person;

-- name: put_login
-- What the person may do once logged in; a password there was stays until the link is used.
INSERT INTO login (person, role, unit, barred) VALUES (:person, :role, :unit, 0)
ON CONFLICT (person) DO UPDATE SET role = excluded.role, unit = excluded.unit, barred = 0;

-- name: set_password
-- Only its argon2 hash is kept.
UPDATE login SET password_hash = :password_hash, set_us = :now_us WHERE person = :person;

-- name: bar_login
-- No password of this person opens anything.
UPDATE login SET barred = 1, password_hash = NULL WHERE person = :person;

-- name: put_password_link
-- A link with which a person sets a password, once.
INSERT INTO password_link (token_hash, person, expires_us) VALUES (:token_hash, :person, :expires_us);

-- name: find_password_link
-- A link that was not used and is not too old.
SELECT person FROM password_link WHERE token_hash = :token_hash AND expires_us > :now_us;

-- name: use_password_link
-- Whoever comes first uses the link up.
DELETE FROM password_link WHERE token_hash = :token_hash AND expires_us > :now_us RETURNING person;

-- name: forget_password_links
-- Earlier links of this person, and everybody's that are too old.
DELETE FROM password_link WHERE person = :person OR expires_us <= :now_us;

-- name: count_attempt
-- One more attempt under this name; failures before the given instant are forgotten.
INSERT INTO login_attempt (name_hash, failures, at_us) VALUES (:name_hash, 1, :now_us)
ON CONFLICT (name_hash) DO UPDATE SET
  failures = CASE WHEN login_attempt.at_us <= :before_us THEN 1 ELSE login_attempt.failures + 1 END, at_us = :now_us
WHERE login_attempt.at_us <= :before_us OR login_attempt.failures < :most
RETURNING failures;

-- name: forget_attempts
-- The person was let in, or was given a new link.
DELETE FROM login_attempt WHERE name_hash = :name_hash;

-- name: forget_old_attempts
-- Names that were tried long ago.
DELETE FROM login_attempt WHERE at_us <= :before_us;
