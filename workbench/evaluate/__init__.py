"""Scores against truth, and the tables of docs/detection.md."""
