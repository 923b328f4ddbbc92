"""What can be done with calls, wishes to be called back and extensions."""
