-- name: current_version
-- The version in force.
SELECT value AS version FROM pointer WHERE name = 'playbook';

-- name: point
-- One pointer moves; readers see the old or the new, never a mix.
INSERT INTO pointer (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: hold_pointer
-- Compare-and-set: whoever publishes holds the pointer until the commit.
SELECT value FROM pointer WHERE name = :name /*pg FOR UPDATE */;

-- name: insert_playbook
-- A published playbook is kept for good: past decisions name its version.
INSERT INTO playbook (version, base, texts, published_us, author, why) VALUES (:version, :base, :texts, :published_us, :author, :why)
ON CONFLICT (version) DO UPDATE SET base = excluded.base, published_us = excluded.published_us, author = excluded.author, why = excluded.why;

-- name: read_playbook
-- One playbook as text.
SELECT * FROM playbook WHERE version = :version;

-- name: list_playbooks
-- All that were ever published, newest first.
SELECT version, base, published_us, author, why FROM playbook ORDER BY published_us DESC, version;
