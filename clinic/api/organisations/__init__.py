"""Organisations by program."""
