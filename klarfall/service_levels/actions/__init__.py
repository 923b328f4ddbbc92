"""Everything that changes the data of this part, one verb per function."""
