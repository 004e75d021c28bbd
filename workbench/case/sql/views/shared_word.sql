SELECT token, word FROM $shared_words WHERE prompt_id < $prompts
