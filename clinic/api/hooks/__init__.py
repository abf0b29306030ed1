"""Webhooks by program."""
