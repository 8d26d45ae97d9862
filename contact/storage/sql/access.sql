-- name: insert_key
-- Only the hash of a secret is kept.
INSERT INTO api_key (id, prefix, secret_hash, role, person, unit, created_us, expires_us)
VALUES (:id, :prefix, :secret_hash, :role, :person, :unit, :created_us, :expires_us);

-- name: find_keys
-- Of these secrets, the keys that were not revoked; whether their time is over is for who asks, whose clock goes on.
SELECT secret_hash, id, role, person, unit, expires_us FROM api_key
WHERE secret_hash IN (:hashes...) AND revoked_us IS NULL;

-- name: list_keys
-- Every key that was made, newest first, without its secret.
SELECT id, prefix, role, person, unit, created_us, expires_us, revoked_us FROM api_key ORDER BY created_us DESC, id DESC;

-- name: key_of_prefix
-- One of them, by the part of it that may be shown.
SELECT id, prefix, role, person, unit, created_us, expires_us, revoked_us FROM api_key WHERE prefix = :prefix /*pg FOR UPDATE */;

-- name: revoke_key
-- From now on nobody.
UPDATE api_key SET revoked_us = :now_us WHERE id = :id AND revoked_us IS NULL;

-- name: end_key_at
-- The key stops by itself then, if it would not stop earlier.
UPDATE api_key SET expires_us = :at_us WHERE id = :id AND (expires_us IS NULL OR expires_us > :at_us);

-- name: insert_link
-- A console link, good once.
INSERT INTO console_link (token_hash, role, person, unit, expires_us, used) VALUES (:token_hash, :role, :person, :unit, :expires_us, 0);

-- name: use_link
-- Whoever comes first uses the link up.
UPDATE console_link SET used = 1 WHERE token_hash = :token_hash AND used = 0 AND expires_us > :now_us RETURNING role, person, unit;

-- name: insert_session
-- A person at the console.
INSERT INTO session (secret_hash, role, person, unit, created_us, seen_us, expires_us, login)
VALUES (:secret_hash, :role, :person, :unit, :created_us, :created_us, :expires_us, :login);

-- name: find_session
-- A session that has not run out.
SELECT s.person, s.seen_us, s.expires_us, CASE WHEN s.login IS NULL THEN s.role ELSE l.role END AS role,
  CASE WHEN s.login IS NULL THEN s.unit ELSE l.unit END AS unit
FROM session s LEFT JOIN login l ON l.person = s.login AND l.barred = 0
WHERE s.secret_hash = :secret_hash AND s.expires_us > :now_us AND s.seen_us > :idle_us
AND (s.login IS NULL OR (l.person IS NOT NULL AND EXISTS (SELECT 1 FROM staff WHERE id = s.login)));

-- name: touch_session
-- Somebody did something there.
UPDATE session SET seen_us = :now_us WHERE secret_hash = :secret_hash AND seen_us < :now_us;

-- name: end_sessions_of_person
-- Logged out everywhere.
DELETE FROM session WHERE person = :person;

-- name: forget_sessions
-- Sessions that opened nothing for a day.
DELETE FROM session WHERE expires_us <= :before_us OR seen_us <= :before_us;

-- name: end_session
-- Logged out.
DELETE FROM session WHERE secret_hash = :secret_hash;

-- name: begin_idempotent
-- The first request with a key writes its row; all others find it.
INSERT INTO idempotency (scope, key, payload_hash, state, at_us) SELECT r.scope, r.key, r.payload_hash, 'begun', :now_us FROM
/*pg json_to_recordset(:rows) AS r(scope text, key text, payload_hash text) */
/*lite (SELECT json_extract(value, '$.scope') AS scope, json_extract(value, '$.key') AS key, json_extract(value, '$.payload_hash') AS payload_hash FROM json_each(:rows)) AS r */
WHERE true ORDER BY r.scope, r.key ON CONFLICT (scope, key) DO NOTHING RETURNING scope, key;

-- name: read_idempotent
-- What became of the request with this key.
SELECT payload_hash, state, status, body, at_us FROM idempotency WHERE scope = :scope AND key = :key /*pg FOR UPDATE */;

-- name: claim_idempotent
-- The process that began it is gone: begin anew.
UPDATE idempotency SET payload_hash = :payload_hash, at_us = :now_us WHERE scope = :scope AND key = :key AND state = 'begun' AND at_us = :since_us;

-- name: hold_idempotent
-- Something is being changed under these claims: from now on none lapses or is given up. PostgreSQL finds each by the primary
-- key, whatever it knows of the table: what it reads first is what would be in the way.
/*pg INSERT INTO idempotency (scope, key, payload_hash, state, at_us) SELECT r.scope, r.key, i.payload_hash, 'effected', r.since_us
FROM json_to_recordset(:rows) AS r(scope text, key text, since_us bigint) CROSS JOIN LATERAL (SELECT payload_hash FROM idempotency
  WHERE scope = r.scope AND key = r.key AND at_us = r.since_us AND state <> 'done' OFFSET 0) AS i
ORDER BY r.scope, r.key ON CONFLICT (scope, key) DO UPDATE SET state = 'effected'
WHERE idempotency.at_us = excluded.at_us AND idempotency.state <> 'done' */
/*lite UPDATE idempotency SET state = 'effected' FROM
(SELECT json_extract(value, '$.scope') AS scope, json_extract(value, '$.key') AS key, json_extract(value, '$.since_us') AS since_us FROM json_each(:rows)) AS r
WHERE idempotency.scope = r.scope AND idempotency.key = r.key AND idempotency.at_us = r.since_us AND idempotency.state <> 'done' */;

-- name: finish_idempotent
-- The answers every repeat will get; a request of which nothing is known any more is left so.
/*pg INSERT INTO idempotency (scope, key, payload_hash, state, at_us, status, body)
SELECT r.scope, r.key, i.payload_hash, 'done', i.at_us, r.status, r.body
FROM json_to_recordset(:rows) AS r(scope text, key text, status integer, body text) CROSS JOIN LATERAL (SELECT payload_hash, at_us
  FROM idempotency WHERE scope = r.scope AND key = r.key OFFSET 0) AS i
ORDER BY r.scope, r.key ON CONFLICT (scope, key) DO UPDATE SET state = 'done', status = excluded.status, body = excluded.body */
/*lite UPDATE idempotency SET state = 'done', status = r.status, body = r.body FROM
(SELECT json_extract(value, '$.scope') AS scope, json_extract(value, '$.key') AS key, json_extract(value, '$.status') AS status,
  json_extract(value, '$.body') AS body FROM json_each(:rows)) AS r
WHERE idempotency.scope = r.scope AND idempotency.key = r.key */;

-- name: abandon_idempotent
-- The request changed nothing: the key is free again.
DELETE FROM idempotency WHERE scope = :scope AND key = :key AND state = 'begun';

-- name: forget_idempotent
-- Nobody retries after a day.
DELETE FROM idempotency WHERE at_us <= :before_us;
