"""Tests of layout, components and formats."""
