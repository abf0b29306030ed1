"""Accounts by program."""
