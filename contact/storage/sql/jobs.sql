-- name: insert_job
-- Long work is a row first; the queue only rings.
INSERT INTO job (id, kind, arguments, state, done, total, message, created_us, problems, request)
VALUES (:id, :kind, :arguments, 'queued', 0, NULL, 'waiting for a worker', :created_us, '[]', :request);

-- name: read_job
-- One job.
SELECT * FROM job WHERE id = :id;

-- name: claim_job
-- A queued job, or one whose worker stopped beating; a plan not while another of its day is worked on.
SELECT * FROM job WHERE (CAST(:id AS TEXT) IS NULL OR id = :id)
AND (state = 'queued' OR (state = 'running' AND beat_us <= :stale_us))
AND NOT (kind = 'plan' AND EXISTS (SELECT 1 FROM job AS other WHERE other.kind = 'plan' AND other.arguments = job.arguments
  AND other.id <> job.id AND other.state = 'running' AND other.beat_us > :stale_us))
ORDER BY created_us, id LIMIT 1 /*pg FOR UPDATE SKIP LOCKED */;

-- name: put_job_off
-- Why nobody may take it yet; a plan is the only one that waits for another.
UPDATE job SET message = :message WHERE id = :id AND kind = 'plan' AND state = 'queued' AND message <> :message;

-- name: replace_plans
-- Plans of the same day whose worker stopped beating have no say any more.
UPDATE job SET state = 'failed', finished_us = :now_us, message = 'failed', problems = :problems
WHERE kind = 'plan' AND arguments = :arguments AND id <> :id AND state = 'running';

-- name: hold_run
-- This run still has the job; on PostgreSQL nobody takes it before the unit commits.
SELECT 1 AS yes FROM job WHERE id = :id AND state = 'running' AND runs = :run /*pg FOR SHARE */;

-- name: start_job
-- The worker has it.
UPDATE job SET state = 'running', beat_us = :now_us, runs = runs + 1, message = 'started' WHERE id = :id;

-- name: count_death
-- A process that was to take it ended before it did.
UPDATE job SET runs = runs + 1 WHERE id = :id AND state = 'queued' AND runs = :run;

-- name: park_job
-- Nobody takes it any more until a person says so.
UPDATE job SET state = 'failed', finished_us = :now_us, message = 'failed', problems = :problems WHERE id = :id AND state = 'queued';

-- name: beat_job
-- Progress is also the heartbeat.
UPDATE job SET done = :done, total = :total, message = :message, beat_us = :now_us
WHERE id = :id AND state = 'running' AND runs = :run;

-- name: finish_job
-- Done, or failed with its problems.
UPDATE job SET state = :state, result = :result, problems = :problems, finished_us = :now_us, message = :message
WHERE id = :id AND state = 'running' AND runs = :run;

-- name: cancel_job
-- Nobody waits for it any more; a run that is under way no longer has a say.
UPDATE job SET state = 'cancelled', finished_us = :now_us, message = 'cancelled' WHERE id = :id AND state IN ('queued', 'running');

-- name: open_jobs
-- What still has to be done, oldest first.
SELECT * FROM job WHERE state IN ('queued', 'running') ORDER BY created_us, id LIMIT :limit;

-- name: recent_jobs
-- Newest first.
SELECT * FROM job ORDER BY created_us DESC, id DESC LIMIT :limit;

-- name: retry_job
-- A job that failed, or was cancelled, waits for a worker again; an earlier run of it still has no say, and its runs are counted anew.
UPDATE job SET state = 'queued', runs_before = runs, done = 0, total = NULL, finished_us = NULL, beat_us = NULL, result = NULL,
  problems = '[]', message = 'waiting for a worker' WHERE id = :id AND state IN ('failed', 'cancelled');

-- name: failed_jobs
-- Jobs that failed, those that killed their workers among them, newest first.
SELECT * FROM job WHERE state = 'failed' ORDER BY created_us DESC, id DESC LIMIT :limit;
