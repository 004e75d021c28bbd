"""Signals on what strangers share."""
