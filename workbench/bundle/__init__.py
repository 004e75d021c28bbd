"""Evidence: report, bag, signature, verification. Knows no window."""
