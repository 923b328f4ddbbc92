"""The judged set: queries over the demo's help with the articles that answer them, and that help as a corpus."""
