SELECT prompt_id, text, digest FROM prompts WHERE prompt_id < $prompts
