-- name: last_draft
-- The number given last.
SELECT coalesce(max(number), 0) AS number FROM draft;

-- name: insert_draft
-- A full set of texts begins to be worked on.
INSERT INTO draft (id, number, title, author, base, hash, state, created_us, updated_us, failed)
VALUES (:id, :number, :title, :author, :base, :hash, 'open', :at_us, :at_us, '');

-- name: hold_draft
-- One draft; on PostgreSQL its row is held until the unit commits.
SELECT * FROM draft WHERE id = :id /*pg FOR UPDATE */;

-- name: read_draft
-- One draft, without holding it.
SELECT * FROM draft WHERE id = :id;

-- name: list_drafts
-- Newest change first.
SELECT * FROM draft WHERE state IN (:states...) ORDER BY updated_us DESC, number DESC LIMIT :limit;

-- name: touch_draft
-- What it is now, and when it was changed last.
UPDATE draft SET hash = :hash, base = :base, state = :state, updated_us = :at_us, failed = '' WHERE id = :id;

-- name: move_draft
-- Its state, and why a scheduled start did not happen.
UPDATE draft SET state = :state, failed = :failed WHERE id = :id;

-- name: draft_files
-- Which files it has, without their texts.
SELECT path, hash FROM draft_file WHERE draft = :draft ORDER BY path;

-- name: draft_texts
-- All of its texts, as JSON, so that every character a person can type comes back.
SELECT path, text FROM draft_file WHERE draft = :draft ORDER BY path;

-- name: draft_text
-- One of its texts.
SELECT text, hash FROM draft_file WHERE draft = :draft AND path = :path;

-- name: put_draft_file
-- A file as typed.
INSERT INTO draft_file (draft, path, text, hash) VALUES (:draft, :path, :text, :hash)
ON CONFLICT (draft, path) DO UPDATE SET text = excluded.text, hash = excluded.hash;

-- name: remove_draft_file
-- A file is left out.
DELETE FROM draft_file WHERE draft = :draft AND path = :path;

-- name: clear_draft_files
-- Another set of texts follows.
DELETE FROM draft_file WHERE draft = :draft;

-- name: put_draft_author
-- Whoever wrote a part of it may not approve it.
INSERT INTO draft_author (draft, person) VALUES (:draft, :person) ON CONFLICT DO NOTHING;

-- name: draft_authors
-- Everybody who wrote a part of it.
SELECT person FROM draft_author WHERE draft = :draft ORDER BY person;

-- name: put_draft_approval
-- Somebody else read what has this hash.
INSERT INTO draft_approval (draft, person, hash, at_us) VALUES (:draft, :person, :hash, :at_us)
ON CONFLICT (draft, person) DO UPDATE SET hash = excluded.hash, at_us = excluded.at_us;

-- name: draft_approvals
-- Who approves it as it stands.
SELECT a.person, a.at_us FROM draft_approval a JOIN draft d ON d.id = a.draft
WHERE a.draft = :draft AND a.hash = d.hash ORDER BY a.at_us, a.person;

-- name: remove_draft_approvals
-- An edit: everybody has to look again.
DELETE FROM draft_approval WHERE draft = :draft;

-- name: schedule_of_draft
-- When it shall take force.
SELECT at_us FROM schedule WHERE draft = :draft AND state = 'waiting' ORDER BY seq DESC LIMIT 1;

-- name: end_schedules_of_draft
-- An edit, a new time or the end of a draft: what was scheduled before does not happen.
UPDATE schedule SET state = 'cancelled', reason = :reason, ended_us = :at_us WHERE draft = :draft AND state = 'waiting';
