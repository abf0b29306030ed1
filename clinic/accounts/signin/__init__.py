"""Signing in and out, and the lock of an idle screen."""
