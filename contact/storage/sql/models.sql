-- name: last_model_number
-- The highest number of a model's files.
SELECT coalesce(max(number), 0) AS number FROM model WHERE model = :model;

-- name: insert_model
-- One trained model; its file was written before.
INSERT INTO model (id, model, number, hash, signature, report, created_us)
VALUES (:id, :model, :number, :hash, :signature, :report, :created_us);

-- name: read_model
-- One trained model.
SELECT * FROM model WHERE id = :id;

-- name: list_models
-- Trained models, newest first.
SELECT * FROM model WHERE CAST(:model AS TEXT) IS NULL OR model = :model ORDER BY created_us DESC, model, number DESC;

-- name: insert_promotion
-- A model is put in force; back: by going back to it.
INSERT INTO promotion (model, model_id, back, at_us, author, why) VALUES (:model, :model_id, :back, :at_us, :author, :why);

-- name: list_promotions
-- What was ever put in force, oldest first.
SELECT model, model_id, back, at_us, author, why FROM promotion
WHERE CAST(:model AS TEXT) IS NULL OR model = :model ORDER BY seq;
