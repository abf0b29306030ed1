"""Visits by link and by text, without signing in."""
