-- name: insert_key
-- Only the hash of a secret is kept.
INSERT INTO api_key (id, secret_hash, role, person, created_us) VALUES (:id, :secret_hash, :role, :person, :created_us);

-- name: find_key
-- A key that still holds.
SELECT id, role, person FROM api_key WHERE secret_hash = :secret_hash AND revoked_us IS NULL;

-- name: insert_link
-- A console link, good once.
INSERT INTO console_link (token_hash, role, person, expires_us, used) VALUES (:token_hash, :role, :person, :expires_us, 0);

-- name: use_link
-- Whoever comes first uses the link up.
UPDATE console_link SET used = 1 WHERE token_hash = :token_hash AND used = 0 AND expires_us > :now_us RETURNING role, person;

-- name: insert_session
-- A person at the console.
INSERT INTO session (secret_hash, role, person, created_us, expires_us) VALUES (:secret_hash, :role, :person, :created_us, :expires_us);

-- name: find_session
-- A session that has not run out.
SELECT role, person FROM session WHERE secret_hash = :secret_hash AND expires_us > :now_us;

-- name: end_session
-- Logged out.
DELETE FROM session WHERE secret_hash = :secret_hash;

-- name: begin_idempotent
-- The first request with this key writes the row; all others find it.
INSERT INTO idempotency (scope, key, payload_hash, state, at_us) VALUES (:scope, :key, :payload_hash, 'begun', :now_us)
ON CONFLICT (scope, key) DO NOTHING;

-- name: read_idempotent
-- What became of the request with this key.
SELECT payload_hash, state, status, body, at_us FROM idempotency WHERE scope = :scope AND key = :key /*pg FOR UPDATE */;

-- name: claim_idempotent
-- The process that began it is gone: begin anew.
UPDATE idempotency SET payload_hash = :payload_hash, at_us = :now_us WHERE scope = :scope AND key = :key AND state = 'begun' AND at_us <= :before_us;

-- name: hold_idempotent
-- Something is being changed under this claim: from now on it neither lapses nor is given up.
UPDATE idempotency SET state = 'effected' WHERE scope = :scope AND key = :key AND at_us = :since_us AND state <> 'done';

-- name: finish_idempotent
-- The answer every repeat will get.
UPDATE idempotency SET state = 'done', status = :status, body = :body WHERE scope = :scope AND key = :key;

-- name: abandon_idempotent
-- The request changed nothing: the key is free again.
DELETE FROM idempotency WHERE scope = :scope AND key = :key AND state = 'begun';

-- name: forget_idempotent
-- Nobody retries after a day.
DELETE FROM idempotency WHERE at_us <= :before_us;
