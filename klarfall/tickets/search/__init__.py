"""The search over tickets: reading their words, and finding the newest that hold some, at any size of the table."""
