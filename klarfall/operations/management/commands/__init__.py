"""Commands of operations, one per file."""
