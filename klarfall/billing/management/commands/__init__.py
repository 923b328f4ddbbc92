"""Commands of billing, one per file."""
