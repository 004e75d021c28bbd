"""Which exchanges are one conversation that grew turn by turn."""
