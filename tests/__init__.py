"""Sweeps across the whole product, browser journeys and what all tests share."""
