"""Signals: one measured fact a file, one folder an axis."""
