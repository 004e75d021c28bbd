"""Docks: clusters, accounts, prompts, timeline, dossier, journal, jobs."""
