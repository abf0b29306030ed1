"""Organisations word their messages themselves."""
