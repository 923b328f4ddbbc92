"""Commands of the transfer app, one per file."""
