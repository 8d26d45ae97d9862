-- name: read_clock
-- The store's clock: PostgreSQL's own, or (SQLite) the host's, which the reader adds; never behind the last one used.
-- With it every halt that stands, so that a reservation or permit needs no statement of its own for them.
SELECT offset_us, last_us
/*pg , (SELECT string_agg(kind || ' ' || key, '|') FROM halt) AS halted */
/*lite , (SELECT group_concat(kind || ' ' || key, '|') FROM halt) AS halted */
/*pg , (extract(epoch FROM clock_timestamp()) * 1000000)::bigint + offset_us AS now_us */
FROM clock WHERE id = 1;

-- name: remember_clock
-- SQLite: the writer leaves behind the latest instant it used.
UPDATE clock SET last_us = :last_us WHERE id = 1 AND last_us < :last_us;

-- name: move_clock
-- The demonstration and the golden cases move the clock, forward only.
UPDATE clock SET offset_us = :offset_us WHERE id = 1 AND offset_us <= :offset_us;
