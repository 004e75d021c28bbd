"""Log formats: bytes of files to canonical Arrow batches. Knows no case and no database."""
