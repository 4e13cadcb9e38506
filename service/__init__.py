"""Backtalk: the service behind a back-pain clinic's phone number."""
