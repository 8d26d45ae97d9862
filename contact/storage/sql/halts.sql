-- name: set_halt
-- Contact is halted; one that stands already keeps who halted it first, and why.
INSERT INTO halt (kind, key, since_us, author, why) VALUES (:kind, :key, :since_us, :author, :why) ON CONFLICT DO NOTHING;

-- name: lift_halt
-- Contact goes on.
DELETE FROM halt WHERE kind = :kind AND key = :key;

-- name: read_halt
-- One halt.
SELECT * FROM halt WHERE kind = :kind AND key = :key;

-- name: list_halts
-- Every halt that stands, oldest first.
SELECT * FROM halt ORDER BY since_us, kind, key;
