"""Signals on how it was sent."""
