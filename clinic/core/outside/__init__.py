"""Calls to addresses that people type: to public places only, and short."""
