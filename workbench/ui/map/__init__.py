"""The map: tiles, frame, lasso, overlay."""
