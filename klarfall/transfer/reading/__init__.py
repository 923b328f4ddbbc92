"""Reads tables from outside, line by line, whatever they try: CSV of every common form, and XLSX."""
