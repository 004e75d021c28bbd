SELECT prompt_id, text FROM prompt ORDER BY prompt_id
