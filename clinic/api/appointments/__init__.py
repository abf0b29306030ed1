"""Visits by program."""
