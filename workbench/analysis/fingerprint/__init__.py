"""The fingerprint of a campaign: what of a cluster can be looked for in other logs."""
