"""Planted campaigns and benign populations with ground truth."""
