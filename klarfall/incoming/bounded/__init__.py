"""Mails are read by a process of their own that the kernel ends when one takes more time or memory than a mail may."""
