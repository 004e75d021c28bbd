"""Import, analysis settings, export, shortcuts."""
