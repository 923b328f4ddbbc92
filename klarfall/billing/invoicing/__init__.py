"""Invoices of the vendor's own from frozen runs: figures, parties, CII, validation, PDF. Off unless the vendor wants it."""
