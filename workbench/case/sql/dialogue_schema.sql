-- What a conversation holds beside one question and its answer; NULL where there is nothing else.
ALTER TABLE exchanges ADD COLUMN IF NOT EXISTS dialogue VARCHAR;
