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
-- A playbook's texts are kept for good: past decisions name its version.
INSERT INTO playbook (version, texts) VALUES (:version, :texts) ON CONFLICT (version) DO NOTHING;

-- name: insert_publication
-- Each publishing is a row of its own, also of a version that was in force before.
INSERT INTO publication (version, base, published_us, author, why) VALUES (:version, :base, :published_us, :author, :why);

-- name: read_playbook
-- One playbook as text.
SELECT * FROM playbook WHERE version = :version;

-- name: last_publication
-- When and why a version was last put in force.
SELECT version, base, published_us, author, why FROM publication WHERE version = :version ORDER BY seq DESC LIMIT 1;

-- name: list_publications
-- Everything that was ever published, newest first.
SELECT version, base, published_us, author, why FROM publication ORDER BY seq DESC;
