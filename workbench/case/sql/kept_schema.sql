-- What is kept of texts that were left out at the door; NULL where the text itself is there.
ALTER TABLE prompts ALTER COLUMN text DROP NOT NULL;
ALTER TABLE prompts ADD COLUMN IF NOT EXISTS form BLOB;
ALTER TABLE prompts ADD COLUMN IF NOT EXISTS ends BLOB;
ALTER TABLE prompts ADD COLUMN IF NOT EXISTS embedded BLOB;
ALTER TABLE prompts ADD COLUMN IF NOT EXISTS asks INTEGER;
ALTER TABLE prompts ADD COLUMN IF NOT EXISTS n_characters INTEGER;
ALTER TABLE systems ALTER COLUMN value DROP NOT NULL;
ALTER TABLE systems ADD COLUMN IF NOT EXISTS asks INTEGER;
ALTER TABLE systems ADD COLUMN IF NOT EXISTS n_characters INTEGER;
ALTER TABLE exchanges ADD COLUMN IF NOT EXISTS completion_length INTEGER;
ALTER TABLE exchanges ADD COLUMN IF NOT EXISTS completion_form UBIGINT;
ALTER TABLE exchanges ADD COLUMN IF NOT EXISTS completion_refuses BOOLEAN;
ALTER TABLE exchanges ADD COLUMN IF NOT EXISTS reasoning_length INTEGER;

-- Words that prompts share at their ends, by the keyed hash of what leads to them; prompt_id is the
-- prompt by which there were enough.
CREATE TABLE IF NOT EXISTS shared_words (
    prompt_id INTEGER NOT NULL, token UBIGINT NOT NULL, word VARCHAR NOT NULL
);
