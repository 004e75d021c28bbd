"""Prompts as points: landmarks, placement, cells, segments."""
