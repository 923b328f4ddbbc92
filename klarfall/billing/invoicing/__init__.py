"""Invoices of the vendor's own from frozen runs: figures, parties, CII, validation, PDF; off by default."""
