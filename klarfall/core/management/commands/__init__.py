"""Commands of the core app, one per file."""
