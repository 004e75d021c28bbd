"""The share edition of a bundle: what may leave the house, built up from an allow-list."""
