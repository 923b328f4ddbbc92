"""Shapes of what specialists type, one noun per file; rules live in the actions."""
