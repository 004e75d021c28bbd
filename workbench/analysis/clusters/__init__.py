"""Entities, the graph between them, communities, calibration, findings and their explanation."""
