"""Prompts as text: normalised form, near-duplicate groups, templates, vectors."""
