-- name: hold_heads
-- The heads of the chains about to grow, in order; on PostgreSQL held until the commit.
SELECT chain, seq, hash FROM audit_head WHERE chain IN (:chains...) ORDER BY chain /*pg FOR UPDATE */;

-- name: append_act
-- An act, tied to the one before it in its chain.
INSERT INTO audit (chain, seq, at_us, actor, act, about, content, previous, hash)
VALUES (:chain, :seq, :at_us, :actor, :act, :about, :content, :previous, :hash);

-- name: move_head
-- The chain has grown to here.
UPDATE audit_head SET seq = :seq, hash = :hash WHERE chain = :chain;

-- name: audit_page
-- Acts, newest first.
SELECT chain, seq, at_us, content, hash FROM audit WHERE (CAST(:actor AS TEXT) IS NULL OR actor = :actor)
AND (CAST(:act AS TEXT) IS NULL OR act = :act) AND (CAST(:about AS TEXT) IS NULL OR about = :about)
AND (CAST(:before_us AS BIGINT) IS NULL OR at_us < :before_us) ORDER BY at_us DESC, chain DESC, seq DESC LIMIT :limit;

-- name: audit_heads
-- How far each chain has grown.
SELECT chain, seq, hash FROM audit_head ORDER BY chain;

-- name: audit_after
-- A page of one chain, in its order.
SELECT chain, seq, at_us, actor, act, about, content, previous, hash FROM audit WHERE chain = :chain AND seq > :after
ORDER BY seq LIMIT :limit;

-- name: audit_strangers
-- Chains that hold entries and that nobody ever made.
SELECT chain, count(*) AS entries FROM audit WHERE chain NOT IN (:chains...) GROUP BY chain ORDER BY chain;

-- name: read_pointer
-- One value that processes share.
SELECT value FROM pointer WHERE name = :name;
