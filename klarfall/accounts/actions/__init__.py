"""Changes of the house and its staff: one verb, one action."""
