"""What people do about imports and exports, and what the worker writes on their behalf."""
