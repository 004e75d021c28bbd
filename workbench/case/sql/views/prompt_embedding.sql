SELECT prompt_id, vector FROM embeddings WHERE source_id < $sources
