"""The case folder: what was given, computed and decided. The only layer that imports duckdb."""
