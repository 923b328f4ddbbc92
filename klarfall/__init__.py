"""Klarfall: a self-hosted customer portal and support desk for companies that sell maintained products."""

__version__ = "0.1.0"
