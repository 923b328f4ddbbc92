"""Pure: what a person reads of a mail: visible text, harmless HTML, and whether a machine wrote it."""
