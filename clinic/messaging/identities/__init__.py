"""Senders of organisations: named, proven, and made the one that is used."""
