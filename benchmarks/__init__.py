"""Every figure that README and docs claim, each one command."""
