"""Addresses of accounts: who claims one, who has proven it, how it changes."""
