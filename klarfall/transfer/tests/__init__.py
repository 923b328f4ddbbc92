"""Tests of transfer: hostile tables, dry runs, imports that die, and the full export."""
