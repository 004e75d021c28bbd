"""Signals on what was asked."""
