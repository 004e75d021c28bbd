SELECT source_id, batch_id, path, size, sha256, format, compression
FROM sources
WHERE source_id < $sources
