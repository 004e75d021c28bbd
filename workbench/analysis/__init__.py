"""Text to space to signals to clusters, as stages over the ports Engine and Artifacts.

Knows no files and no SQL dialect beyond its .sql statements.
"""
