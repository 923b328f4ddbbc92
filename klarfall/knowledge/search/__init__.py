"""The search over help: what entries consist of, how they are indexed, found and ranked (docs/decisions/0027)."""
