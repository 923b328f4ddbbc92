"""The benchmark: a deterministic corpus, the real application, and the figures that a release must reach."""
