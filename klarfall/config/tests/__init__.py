"""Tests of settings, environment and the embedded database."""
